#pragma once

#include "questions.hpp"

#include <naru/http/response.hpp>

#include <string_view>
#include <vector>

namespace demo
{

/// `GET /`: explains the demo and lists the open connections. One file, no script, nothing from other hosts
/// and only its icon from this one. `host` is what the browser calls this server.
naru::http::response front_page(std::string_view host,
                                const std::vector<questions::listener_stats>& listeners,
                                const std::vector<naru::session_info>& sessions);

/// The page's icon, an SVG. Browsers ask for `/favicon.ico` beside pages that name none.
naru::http::response favicon();

} // namespace demo
