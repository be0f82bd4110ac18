#pragma once

#include "figures.hpp"

#include <string>
#include <vector>

namespace compare
{

/// One thing that the figures say: a title, and sentences of one comparison each, in a line for each
/// round-trip time.
struct finding
{
    std::string name; ///< `opening`, `http`, `speaking_first`
    std::string title;
    std::string text;
};

/// What the figures mean. Every number and every comparison is worked out from them. A difference is stated
/// only when it is larger than the figures vary (judging.hpp); where the machine was too busy, times are left
/// out, and the text says so. Segments, bytes and requests are counts and always there.
std::vector<finding> findings(const figures& all);

} // namespace compare
