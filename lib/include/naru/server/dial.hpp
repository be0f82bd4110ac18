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
    /// For all addresses of the host together, from the end of the look-up of its name (which the resolver
    /// limits, resolv.conf(5)). milliseconds::max() waits for ever; 0 and less take only what needs no
    /// waiting.
    std::chrono::milliseconds connect{std::chrono::seconds(10)};
    limits bounds = {};
};

/// Connects to `where` and runs `handler` with the session until it returns: the client's half of a
/// conversation, with the same reads, writes and deadlines as the server's. A host's addresses are tried in
/// their order: the next one when one fails or has not answered for 250 ms, which then compete (RFC 8305). A
/// Unix socket whose backlog is full is waited for until the deadline.
///
/// Blocks the calling thread, which becomes the session's shard. Throws `naru::error` (operation "connect")
/// when no address answers, std::bad_alloc when there is no memory to run the handler, and whatever the
/// handler throws.
void dial(std::string_view where, const std::function<task<>(session&)>& handler, dial_options options = {});

} // namespace naru
