#include "figures.hpp"

#include "judging.hpp"

#include <algorithm>
#include <array>

namespace compare
{

std::string_view name_of(feed which) noexcept
{
    constexpr std::array<std::string_view, 3> names{"push", "poll_at_once", "poll_as_often"};
    return names[static_cast<std::size_t>(which)];
}

double worst_spread(const std::vector<exchange_figures>& ways)
{
    double worst = 0;
    for (const exchange_figures& each : ways)
    {
        std::vector<double> medians;
        for (const round_figures& round : each.rounds)
            medians.push_back(round.p50.count());
        worst = std::max(worst, spread(medians));
    }
    return worst;
}

const exchange_figures* figures::find(way on, std::chrono::milliseconds round_trip) const noexcept
{
    const auto at = std::find_if(exchanges.begin(), exchanges.end(),
                                 [&](const exchange_figures& each)
                                 { return each.on == on && each.round_trip == round_trip; });
    return at == exchanges.end() ? nullptr : &*at;
}

const feed_figures* figures::find(feed of, std::chrono::milliseconds round_trip) const noexcept
{
    const auto at = std::find_if(feeds.begin(), feeds.end(),
                                 [&](const feed_figures& each)
                                 { return each.of == of && each.round_trip == round_trip; });
    return at == feeds.end() ? nullptr : &*at;
}

} // namespace compare
