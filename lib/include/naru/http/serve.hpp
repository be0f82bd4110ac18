#pragma once

#include <naru/http/router.hpp>
#include <naru/server/protocol.hpp>

#include <chrono>
#include <cstddef>

namespace naru::http
{

/// What a client may cost, and how a connection behaves. Safe on the open internet as they are.
struct options
{
    std::size_t line = 8 * 1024;    ///< bytes of the request line (over it: 414) or of a field (431)
    std::size_t head = 32 * 1024;   ///< bytes of the whole head: 431
    std::size_t fields = 100;       ///< header fields: 431
    std::size_t body = 1024 * 1024; ///< bytes of content: 413

    /// From the first byte of a request until its head is whole: 408, header_timeout.
    std::chrono::milliseconds header_deadline{std::chrono::seconds(10)};
    /// From the head until the body is whole: 408, body_timeout.
    std::chrono::milliseconds body_deadline{std::chrono::seconds(30)};
    /// From the call of a coroutine handler until it has answered: 503, handler_timeout, and what it awaits
    /// is cancelled. Zero for those that hold their answer back for as long as it takes.
    std::chrono::milliseconds handler_deadline{std::chrono::seconds(60)};
    /// Between requests of a kept connection.
    std::chrono::milliseconds idle{std::chrono::seconds(75)};
    /// The client takes none of the answer.
    std::chrono::milliseconds write_stall{std::chrono::seconds(30)};
    /// After a refusal or the last answer: how long to read on, so that the client can read ours (RFC
    /// 9112, 9.6).
    std::chrono::milliseconds linger{std::chrono::seconds(2)};

    /// Answers that may wait for a client that reads slowly; above it no further request of that client is
    /// read.
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
