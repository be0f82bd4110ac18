#pragma once

#include "client.hpp"
#include "feed.hpp"
#include "http_case.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace conformance
{

/// Holds the conversation of one row with the server on `port`. Returns what was wrong with it, in words, and
/// what came; empty when it took one of the allowed courses.
std::string converse(std::uint16_t port, const http_case& row, feed how,
                     std::chrono::milliseconds patience = client::usual_patience);

} // namespace conformance
