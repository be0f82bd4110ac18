#pragma once

#include <naru/server/protocol.hpp>

namespace demo
{

class questions;

/// What the HTTP port speaks: the same questions as telnet's, each a request. `asked` has to outlive the
/// server. `one_shot`: every answer closes its connection.
naru::protocol http_side(questions& asked, bool one_shot);

} // namespace demo
