#pragma once

#include <naru/base/cpp20.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace naru
{

/// What the kernel knows of a TCP connection, getsockopt(2) TCP_INFO; see tcp(7).
struct tcp_info
{
    std::string_view state;           ///< as ss(8) names it: "established", "close_wait", …
    std::chrono::microseconds rtt{0}; ///< smoothed round-trip time
    std::uint32_t retransmits = 0;    ///< segments sent again, over the connection's life
    std::uint32_t unacked = 0;        ///< segments in flight; on a listening socket its accept queue
    std::uint32_t sacked = 0;         ///< on a listening socket: its backlog
    std::uint32_t segments_in = 0;
    std::uint32_t segments_out = 0;
    std::uint64_t bytes_acked = 0;
    std::uint64_t bytes_received = 0;
};

/// nullopt when `descriptor` is not a TCP socket. One system call; any thread.
std::optional<tcp_info> read_tcp_info(int descriptor) noexcept;

} // namespace naru
