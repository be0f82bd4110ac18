#pragma once

#include "client.hpp"
#include "feed.hpp"
#include "raw_case.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace conformance
{

/// One of two visitors does something, and both hear what comes of it before the next act begins.
struct act
{
    enum class who
    {
        ann,
        bob,
    };

    who does;
    std::string bytes;
    std::string ann_hears = {}; ///< where it has a `#`, any digits do
    std::string bob_hears = {};
    bool finishes = false; ///< shuts down its side afterwards, and has to hear the server's end
};

/// One row about two visitors. They have come, been greeted and have these names when the first act begins.
struct room_case
{
    std::string name;
    std::vector<act> acts;
};

/// Plays a row on the demo that listens on `port`. Returns what was wrong, in words; empty when all was heard
/// that should be, and nothing else.
std::string play(std::uint16_t port, const manner& spoken, const room_case& row, feed how,
                 std::chrono::milliseconds patience = client::usual_patience);

} // namespace conformance
