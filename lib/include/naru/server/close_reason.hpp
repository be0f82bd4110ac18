#pragma once

#include <naru/base/cpp20.hpp>

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
    peer_closed,     ///< the peer finished, and then the session did
    peer_reset,      ///< the connection broke: reset, host unreachable, keepalive unanswered
    idle_timeout,    ///< no byte either way for too long
    read_timeout,    ///< a message was begun and not finished in time
    header_timeout,  ///< HTTP: the head of a request took too long
    body_timeout,    ///< HTTP: the body of a request made no progress
    handler_timeout, ///< HTTP: a coroutine handler took too long
    write_stalled,   ///< the peer took nothing, or too little, for too long
    limit_exceeded,  ///< a limit of size, number or memory was passed
    protocol_error,  ///< bytes that the protocol does not allow
    slow_consumer,   ///< what others sent to this session outgrew its outbox
    handler_error,   ///< the handler threw
    drained,         ///< ended by a drain, in order
    shutdown,        ///< cut by stop(), or by the end of a drain's deadline
    closed_by_us,    ///< session::close() without another reason
    out_of_memory,   ///< an allocation for this session failed
};

inline constexpr std::size_t close_reason_count = static_cast<std::size_t>(close_reason::out_of_memory) + 1;

/// `idle_timeout` and so on; `open` for none.
std::string_view to_string(close_reason reason) noexcept;

} // namespace naru
