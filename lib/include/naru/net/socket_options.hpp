#pragma once

#include <naru/base/cpp20.hpp>

#include <chrono>
#include <optional>

namespace naru
{

/// When the kernel asks a silent peer whether it is still there, tcp(7). Whole seconds. Values that the
/// kernel does not take (Linux: seconds from 1 to 32767, probes from 1 to 127) are refused with
/// errc::refused_option.
struct keepalive
{
    std::chrono::seconds idle{60};     ///< silence before the first probe, TCP_KEEPIDLE
    std::chrono::seconds interval{10}; ///< between probes, TCP_KEEPINTVL
    int probes = 6;                    ///< unanswered ones before the connection is reset, TCP_KEEPCNT
};

/// Options of a listener's socket and of the sockets that it accepts. They are set once, on the listening
/// socket, from which Linux hands them down: an accepted connection costs no call, and one that is already
/// reset no error.
struct socket_options
{
    /// Connections that have arrived and wait to be accepted, listen(2); the kernel cuts it to
    /// net.core.somaxconn. A negative value means 0, with which Linux lets one wait.
    int backlog = 4096;

    /// Send small segments at once instead of waiting for the acknowledgement of the last (Nagle).
    bool no_delay = true;

    /// nullopt turns keepalive off.
    std::optional<naru::keepalive> keep_alive = naru::keepalive{};

    /// SO_SNDBUF and SO_RCVBUF in bytes, kept by the kernel between its least and net.core.wmem_max or
    /// rmem_max; a negative value means 0. Unset leaves the kernel's own tuning, which is usually better.
    std::optional<int> send_buffer = {};
    std::optional<int> receive_buffer = {};

    /// IPV6_V6ONLY. `[::]` takes IPv4 as well unless this, or `?v6only` in the endpoint, says otherwise. A
    /// host name with addresses of both families is bound as if it were set: each family has its own sockets.
    bool v6only = false;

    /// Permissions of a Unix endpoint's file, as chmod(2) takes them; unset leaves the umask's.
    std::optional<unsigned> mode = {};
};

} // namespace naru
