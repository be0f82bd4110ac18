#pragma once

#include <naru/http/router.hpp>
#include <naru/server/protocol.hpp>

#include <chrono>
#include <cstddef>

namespace naru::http
{

/// Limits for one client, and how a connection behaves. The defaults are safe on the open internet. 0
/// disables a limit, a deadline or a rate, except where its comment says otherwise. A negative duration
/// counts as 0. Any value up to the largest of its type may be set: what is too long for the clock never
/// expires. `line` and `head` are never more than 2 GiB.
struct options
{
    std::size_t line = 8 * 1024;    ///< bytes of the request line (over it: 414) or of a field (431)
    std::size_t head = 32 * 1024;   ///< bytes of the whole head: 431
    std::size_t fields = 100;       ///< header fields: 431
    std::size_t body = 1024 * 1024; ///< bytes of content: 413

    /// From the first byte of a request until its head is whole: 408, header_timeout.
    std::chrono::milliseconds header_deadline{std::chrono::seconds(10)};
    /// No sufficient progress of the body: 408, body_timeout. It begins with the head's end; N bytes of the
    /// body put it off by N / `body_rate` seconds, at most to `body_deadline` from when they were read.
    std::chrono::milliseconds body_deadline{std::chrono::seconds(30)};
    /// Bytes a second, the framing of chunks included. A body that comes more slowly is ended after
    /// `body_deadline` and the time that its bytes have earned, so a body of N bytes holds its connection for
    /// at most `body_deadline` + N / `body_rate` seconds. 0: any byte is progress, and a byte each 29 seconds
    /// holds a connection for as long as the client likes.
    std::size_t body_rate = 240;
    /// From the call of a coroutine handler until it has answered: 503, handler_timeout, and what it awaits
    /// is cancelled, as session.hpp describes under "Cancellation". 0 suits handlers that delay their answer
    /// without limit, as long polling does.
    std::chrono::milliseconds handler_deadline{std::chrono::seconds(60)};
    /// Between requests of a kept connection. It begins when the client's kernel has acknowledged the last
    /// answer. The kernel is asked in steps of an eighth, so after a large answer the connection may be kept
    /// for an eighth longer.
    std::chrono::milliseconds idle{std::chrono::seconds(75)};
    /// No progress for so long: the client takes none of the answer. What counts is what its kernel
    /// acknowledges (stream::unsent()), so a slow reader is not ended while it reads. The kernel is asked in
    /// steps of an eighth, so the end may be so much late.
    std::chrono::milliseconds write_stall{std::chrono::seconds(30)};
    /// Bytes a second over `write_stall`: a client that acknowledges fewer makes no progress. 0: any byte is
    /// progress.
    std::size_t write_rate = 240;
    /// After a refusal or the last answer, and when the client's kernel has acknowledged it: reads on and
    /// discards, so that a client that is still sending can read the answer (RFC 9112, 9.6). No longer than
    /// `linger` in all, and than `linger_idle` without 4 KiB from the client; at most what the refused
    /// request announced as its length and 1 MiB, or 64 MiB when it announced none. The same as in
    /// naru::limits.
    std::chrono::milliseconds linger{std::chrono::seconds(30)};
    std::chrono::milliseconds linger_idle{std::chrono::seconds(2)};

    /// Answers that may wait for a client that reads slowly; above it no further request of that client is
    /// read. 0: while any answer waits.
    std::size_t outbox_high = 64 * 1024;
    std::size_t outbox_low = 16 * 1024;

    /// Every answer closes its connection: HTTP as it was before connections were kept.
    bool one_shot = false;

    /// One log line per request.
    bool access_log = true;
};

/// HTTP/1.1 (and 1.0) with these routes. RFC 9110, RFC 9112: what they let a server refuse is refused, with
/// the right status, and the connection is closed so that the client can read it.
protocol serve(router site, options options = {});

} // namespace naru::http
