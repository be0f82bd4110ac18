#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace naru
{

/// Why a session ended. Every session has exactly one: it is logged, counted and shown.
enum class close_reason : std::uint8_t
{
    none,            ///< still open
    handler_done,    ///< the handler returned, or HTTP answered `Connection: close`
    peer_closed,     ///< the peer finished, and so did we
    peer_reset,      ///< the connection broke: reset, host unreachable, keepalive unanswered
    idle_timeout,    ///< nothing came for too long
    read_timeout,    ///< a message was begun and not finished in time
    header_timeout,  ///< HTTP: the head of a request took too long
    body_timeout,    ///< HTTP: the body of a request took too long
    handler_timeout, ///< HTTP: a coroutine handler took too long
    write_stalled,   ///< the peer did not read for too long
    limit_exceeded,  ///< too long, too many, too big
    protocol_error,  ///< bytes that the protocol does not allow
    slow_consumer,   ///< what others sent to this session outgrew its outbox
    handler_error,   ///< the handler threw
    drained,         ///< ended by a drain, in order
    shutdown,        ///< cut by stop(), or by the end of a drain's deadline
    closed_by_us,    ///< session::close() without another reason
};

inline constexpr std::size_t close_reason_count = static_cast<std::size_t>(close_reason::closed_by_us) + 1;

/// `idle_timeout` and so on; `open` for none.
std::string_view to_string(close_reason reason) noexcept;

} // namespace naru
