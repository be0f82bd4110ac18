#pragma once

#include <string_view>

namespace fuzz
{

// Each plays one input on a server in memory, and aborts the process with a line on standard error when what
// it sees must not be. The same input gives the same course.

void raw_session(std::string_view input);
void http_session(std::string_view input);

/// Aborts unless `holds`.
void require(bool holds, const char* what);

} // namespace fuzz
