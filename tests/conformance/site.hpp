#pragma once

#include <naru/http/router.hpp>

namespace conformance
{

/// What the rows of the HTTP table ask for:
///
///     GET  /probe              ok
///     GET  /                   root
///     POST /echo               the content of the request
///     GET  /hello/{name}       hello, NAME
///     GET  /target/{rest...}   the target as the server was given it
///     GET  /host               the host that the request is for
///     GET, POST /value         the value of X-Value in brackets, or "absent"
naru::http::router make_site();

} // namespace conformance
