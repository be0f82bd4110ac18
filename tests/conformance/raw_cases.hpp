#pragma once

#include "raw_case.hpp"

#include <vector>

/// The table of the raw side, by subject: what a session's reads make of bytes. Its rows come from the
/// contracts in naru/server/session.hpp. They ask the handlers in raw_handlers.hpp.
namespace conformance
{

std::vector<raw_case> line_cases();
std::vector<raw_case> line_limit_cases();
std::vector<raw_case> batch_cases();
std::vector<raw_case> delimiter_cases();
std::vector<raw_case> size_cases();
std::vector<raw_case> piece_cases();
std::vector<raw_case> mixed_cases();

} // namespace conformance
