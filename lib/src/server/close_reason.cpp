#include <naru/server/close_reason.hpp>

#include <array>

namespace naru
{

std::string_view to_string(close_reason reason) noexcept
{
    static constexpr std::array<std::string_view, close_reason_count> names{
        "open",           "handler_done",   "peer_closed",   "peer_reset",      "idle_timeout",
        "read_timeout",   "header_timeout", "body_timeout",  "handler_timeout", "write_stalled",
        "limit_exceeded", "protocol_error", "slow_consumer", "handler_error",   "drained",
        "shutdown",       "closed_by_us",   "out_of_memory"};
    return names[static_cast<std::size_t>(reason)];
}

} // namespace naru
