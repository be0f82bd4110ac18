#pragma once

#include "questions.hpp"

#include <naru/http/response.hpp>

#include <string_view>
#include <vector>

namespace demo
{

/// `GET /`: explains the demo, and shows who is there. One file, no script, nothing from elsewhere.
/// `host` is what the browser calls this server.
naru::http::response front_page(std::string_view host,
                                const std::vector<questions::listener_stats>& listeners,
                                const std::vector<naru::session_info>& sessions);

} // namespace demo
