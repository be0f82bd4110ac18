#pragma once

#include <naru/base/task.hpp>
#include <naru/server/limits.hpp>
#include <naru/server/session.hpp>

#include <chrono>
#include <functional>
#include <string_view>

namespace naru
{

struct dial_options
{
    /// For all addresses of the host together.
    std::chrono::milliseconds connect{std::chrono::seconds(10)};
    limits bounds = {};
};

/// Connects to `where` and runs `handler` with the session until it returns: the client's half of a
/// conversation, with the same reads, writes and deadlines as the server's. A host's addresses are tried in
/// their order.
///
/// Blocks the calling thread, which becomes the session's shard. Throws `naru::error` (operation "connect")
/// when no address answers, and whatever the handler throws.
void dial(std::string_view where, const std::function<task<>(session&)>& handler, dial_options options = {});

} // namespace naru
