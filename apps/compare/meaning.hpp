#pragma once

#include "figures.hpp"

#include <string>
#include <vector>

namespace compare
{

/// One thing that the figures say, in a word or two and in sentences.
struct finding
{
    std::string name; ///< `opening`, `http`, `speaking_first`
    std::string title;
    std::string text;
};

/// What the figures mean. Every number and every comparison is worked out from them: where they say something
/// else than expected, so does the text.
std::vector<finding> findings(const figures& all);

} // namespace compare
