#pragma once

#include <naru/server/protocol.hpp>

#include <chrono>

namespace demo
{

class questions;

/// What the raw port speaks: a banner, then a command a line, answered in order. For telnet, nc, or a
/// program. `asked` has to outlive the server. A session that is silent for `idle` is told so, and closed.
naru::protocol telnet_side(questions& asked, std::chrono::seconds idle);

} // namespace demo
