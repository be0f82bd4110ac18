#include "raw_case.hpp"

#include <algorithm>
#include <utility>

namespace conformance
{

using naru::close_reason;

courses stays(std::string said)
{
    return {{std::move(said), raw_ending::stays, {close_reason::peer_closed}}};
}

courses closes(std::string said, close_reason reason)
{
    return {{std::move(said), raw_ending::closes, {reason}}};
}

courses ends(std::string said, close_reason reason)
{
    return {{std::move(said), raw_ending::ends, {reason}}};
}

courses any_course(std::initializer_list<courses> several)
{
    courses all;
    for (const courses& each : several)
    {
        all.insert(all.end(), each.begin(), each.end());
    }
    return all;
}

bool reads_as(std::string_view seen, std::string_view pattern)
{
    if (seen == pattern)
    {
        return true;
    }
    for (const char c : pattern)
    {
        const std::size_t digits = std::min(seen.find_first_not_of("0123456789"), seen.size());
        if (seen.empty() || (c == '#' ? digits == 0 : seen.front() != c))
        {
            return false;
        }
        seen.remove_prefix(c == '#' ? digits : 1);
    }
    return seen.empty();
}

} // namespace conformance
