#pragma once

#include "figures.hpp"
#include "options.hpp"
#include "servers.hpp"

#include <chrono>
#include <vector>

namespace compare
{

/// Carries the same exchanges on every way and gives a row for each. Straight, the ways take turns in several
/// rounds, so that what else the machine does meanwhile falls on all of them alike. The Unix socket is left
/// out of roads with a round trip: it has none.
///
/// Rethrows an error that ended a client.
std::vector<exchange_figures> measure_exchanges(const servers& on, const options& chosen,
                                                std::chrono::milliseconds round_trip);

} // namespace compare
