#pragma once

#include <naru/base/task.hpp>
#include <naru/server/limits.hpp>
#include <naru/server/protocol.hpp>
#include <naru/server/session.hpp>

#include <functional>

namespace naru
{

/// What a raw listener runs for each connection. A function, or a lambda, which may have captures: the
/// protocol owns it for as long as a session runs it.
using handler = std::function<task<>(session&)>;

/// The protocol of a socket as it is: bytes as they come, framed by the handler's own reads.
protocol raw(handler serve, limits bounds = {});

} // namespace naru
