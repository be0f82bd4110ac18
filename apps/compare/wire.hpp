#pragma once

#include <cstdint>

namespace compare
{

/// What went over IP: every segment of both sides, openings, acknowledgements and ends included, and the
/// bytes of their IP packets, headers included. From the kernel's counters in /proc/net/snmp and
/// /proc/net/netstat, which count for the network that the calling thread is in.
class wire
{
  public:
    /// Throws std::runtime_error when the kernel does not say.
    static wire now();

    std::uint64_t segments() const noexcept { return segments_; }
    std::uint64_t bytes() const noexcept;

    wire& operator+=(const wire& more) noexcept;
    friend wire operator-(const wire& later, const wire& earlier) noexcept;

  private:
    std::uint64_t segments_ = 0; // of TCP
    std::uint64_t packets_ = 0;  // of IP
    std::uint64_t octets_ = 0;   // of those packets
};

} // namespace compare
