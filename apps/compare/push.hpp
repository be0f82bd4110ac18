#pragma once

#include "figures.hpp"
#include "options.hpp"
#include "servers.hpp"

#include <chrono>
#include <vector>

namespace compare
{

/// Lets the same messages happen on the server at random moments for each of the feeds, and gives a row for
/// each. Rethrows what ended the client.
std::vector<feed_figures> measure_feeds(servers& on, const options& chosen,
                                        std::chrono::milliseconds round_trip);

} // namespace compare
