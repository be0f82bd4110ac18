#pragma once

#include "servers.hpp"
#include "wire.hpp"

#include <chrono>

namespace compare
{

/// Reads what the server and the wire have done between start() and stop(), over as many such spans as there
/// are. For the main thread.
class meter
{
  public:
    /// `round_trip`: of the road that is measured.
    meter(const servers& of, std::chrono::milliseconds round_trip) : servers_(of), round_trip_(round_trip) {}

    void start();
    /// Waits first until what is still under way has come: delayed acknowledgements, ends of connections.
    void stop();

    std::chrono::nanoseconds server_cpu() const noexcept { return cpu_; }
    const wire& carried() const noexcept { return wire_; }

  private:
    const servers& servers_;
    const std::chrono::milliseconds round_trip_;
    std::chrono::nanoseconds cpu_{0};
    wire wire_;
    std::chrono::nanoseconds cpu_before_{0};
    wire wire_before_;
};

} // namespace compare
