#pragma once

#include "client.hpp"
#include "feed.hpp"
#include "raw_case.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace conformance
{

struct verdict
{
    /// What was wrong, in words, and what came; empty when one of the allowed courses was taken.
    std::string fault;
    /// What the server may call the end of that course.
    std::vector<naru::close_reason> reasons = {};
};

/// Holds the conversation of one row with the server on `port`.
verdict talk(std::uint16_t port, const manner& spoken, const raw_case& row, feed how,
             std::chrono::milliseconds patience = client::usual_patience);

/// `text` as it can be read in a message: its end, when it is long, and bytes that are no ASCII as `\xff`.
std::string shown(std::string_view text);

} // namespace conformance
