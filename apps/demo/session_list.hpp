#pragma once

#include <naru/server/session_info.hpp>

#include <boost/json/array.hpp>

#include <vector>

namespace demo
{

/// Sessions as `GET /sessions` shows them. `age` and `since` are milliseconds, `rtt` is
/// microseconds, sizes are bytes. `tcp` is what the kernel knows; null for a Unix socket.
boost::json::array listed(const std::vector<naru::session_info>& sessions);

} // namespace demo
