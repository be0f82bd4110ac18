#pragma once

#include <chrono>
#include <cstddef>

namespace naru
{

/// What a peer may cost. The defaults are safe on the open internet; zero means no limit, for those who mean
/// it.
struct limits
{
    /// Longest line or delimited message, in bytes, without its end. Over it: errc::too_long.
    std::size_t line = 16 * 1024;

    /// Most bytes that read_exactly() may be asked to gather in Naru's own memory.
    std::size_t message = 1024 * 1024;

    /// Bytes that wait for a peer that reads slowly. Above `outbox_high` a write waits, until they are below
    /// `outbox_low`; what `send()` adds above `outbox_full` ends the session as a slow consumer.
    std::size_t outbox_high = 64 * 1024;
    std::size_t outbox_low = 16 * 1024;
    std::size_t outbox_full = 1024 * 1024;

    /// No byte either way while a read waits for a message to begin.
    std::chrono::milliseconds idle{std::chrono::minutes(10)};
    /// From the first byte of a message until it is whole.
    std::chrono::milliseconds read{std::chrono::seconds(30)};
    /// The peer takes none of the bytes that wait for it.
    std::chrono::milliseconds write_stall{std::chrono::seconds(30)};
    /// After we have finished: how long we still take in, and throw away, what the peer sends, so that our
    /// last bytes are not lost in a reset (RFC 9112, 9.6).
    std::chrono::milliseconds linger{std::chrono::seconds(2)};
};

/// How many connections a listener takes. Those over it are closed at once (HTTP says 503
/// first), counted and logged.
struct connection_limits
{
    std::size_t total = 100'000;

    /// From one address; of IPv6, from one /64. Unix endpoints have no peers to tell apart.
    std::size_t per_peer = 1'000;

    /// Loopback peers are not counted: a proxy or a load test on the same host speaks for many.
    bool loopback_exempt = true;
};

} // namespace naru
