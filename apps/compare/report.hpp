#pragma once

#include "figures.hpp"

#include <string>

namespace compare
{

/// For a terminal of 100 columns: a table for each round-trip time, the feeds, what the columns are, what it
/// means.
std::string report_text(const figures& all);

/// The same as one JSON document. Times are in microseconds, except `rtt_ms`; what was not measured is null.
std::string report_json(const figures& all);

} // namespace compare
