#pragma once

#include <naru/base/cpp20.hpp>

#include <chrono>
#include <cstddef>

namespace naru
{

/// Limits for one session. The defaults are safe on the open internet. 0 disables a limit, except where its
/// comment says otherwise. A negative duration counts as 0. Any value up to the largest of its type may be
/// set: what is too long for the clock never expires.
struct limits
{
    /// Longest line or delimited message, in bytes, without its end. Over it: errc::too_long.
    std::size_t line = 16 * 1024;

    /// Most bytes that read_exactly() may be asked to gather in Naru's own memory.
    std::size_t message = 1024 * 1024;

    /// Bytes that wait for a peer that reads slowly. Above `outbox_high` a write waits, until they are below
    /// `outbox_low`; what `send()` adds above `outbox_full` ends the session as a slow consumer. 0 in the
    /// first two: a write waits until the kernel has taken all.
    std::size_t outbox_high = 64 * 1024;
    std::size_t outbox_low = 16 * 1024;
    std::size_t outbox_full = 1024 * 1024;

    /// No byte either way while a read waits for a message to begin. Bytes that the peer's kernel
    /// acknowledges count, so the time begins when the peer has received everything. The kernel is asked in
    /// steps of an eighth, so after a large write the session may be kept for an eighth longer.
    std::chrono::milliseconds idle{std::chrono::minutes(10)};
    /// No sufficient progress of a message that has begun. It begins when the message does; N bytes put it
    /// off by N / `read_rate` seconds, at most to `read` from when they were read.
    std::chrono::milliseconds read{std::chrono::seconds(30)};
    /// No progress for so long: the peer takes none of the bytes that wait for it. What counts is what the
    /// peer's kernel acknowledges (stream::unsent()), so a slow reader is not ended while it reads. The
    /// kernel is asked in steps of an eighth, so the end may be so much late. This also holds for the last
    /// bytes of a session, after its handler has returned.
    std::chrono::milliseconds write_stall{std::chrono::seconds(30)};
    /// After the session has sent its last byte, and the peer has received it: the session reads on and
    /// discards what the peer still sends, so that the last bytes are not lost in a reset (RFC 9112, 9.6).
    /// `linger`: no longer than this in all; 0 closes at once. `linger_idle`: no longer than this without 4
    /// KiB from the peer; 0 disables this limit. At most 64 MiB are discarded, or what a refused HTTP request
    /// announced as its length and 1 MiB. While the server drains, bytes from the peer do not prolong the
    /// time.
    std::chrono::milliseconds linger{std::chrono::seconds(30)};
    std::chrono::milliseconds linger_idle{std::chrono::seconds(2)};

    /// Bytes a second, so that a byte now and then does not hold a session: a message that arrives more
    /// slowly is ended as read_timeout after `read` and the time that its bytes have earned. 0: any byte is
    /// progress, and a message may take for ever.
    std::size_t read_rate = 240;
    /// Bytes a second over `write_stall`: a peer that acknowledges fewer makes no progress. 0: any byte is
    /// progress.
    std::size_t write_rate = 240;
};

/// How many connections a listener takes. Connections over the limit are closed at once (HTTP answers 503
/// before that), counted and logged.
struct connection_limits
{
    std::size_t total = 100'000;

    /// From one address; of IPv6, from one /64. Unix endpoints have no peers to tell apart.
    std::size_t per_peer = 1'000;

    /// `per_peer` does not hold for loopback peers: a proxy or a load test on the same host connects for many
    /// clients.
    bool loopback_exempt = true;

    /// Bytes that Naru holds for all sessions of the listener together: unread input beyond the shards'
    /// blocks, and what waits in outboxes. The session that asks for more is ended as limit_exceeded (HTTP
    /// answers 503 before that). Counted to within 16 KiB a shard; 0: no limit.
    std::size_t memory = 512 * 1024 * 1024;
};

} // namespace naru
