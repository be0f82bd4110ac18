#include "judging.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace compare
{

namespace
{

constexpr std::size_t fewest_rounds = 3;
constexpr double noticeable = 1.10; // a smaller difference is the machine's mood

/// The middle one, or the mean of the two in the middle.
double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

verdict verdict_of(double least, double ratio, double most) noexcept
{
    if (least > 1 && ratio > noticeable)
        return verdict::more;
    if (most < 1 && ratio < 1 / noticeable)
        return verdict::less;
    if (ratio <= noticeable && ratio >= 1 / noticeable && most <= 1 + most_spread &&
        least >= 1 / (1 + most_spread))
        return verdict::alike;
    return verdict::unclear;
}

} // namespace

double spread(std::span<const double> rounds) noexcept
{
    if (rounds.size() < 2)
        return 0;
    const auto [least, most] = std::minmax_element(rounds.begin(), rounds.end());
    return *least > 0 ? *most / *least - 1 : 0;
}

judgement judge(std::span<const double> one, std::span<const double> other)
{
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(one.size(), other.size()); ++i)
        if (other[i] > 0)
            ratios.push_back(one[i] / other[i]);
    if (ratios.empty())
        return {};
    const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
    judgement out{verdict::unclear, median(ratios), false};
    if (ratios.size() >= fewest_rounds && spread(one) <= most_spread && spread(other) <= most_spread)
        out.says = verdict_of(*least, out.ratio, *most);
    return out;
}

judgement judge(const estimate& one, const estimate& other) noexcept
{
    if (one.mean <= 0 || other.mean <= 0)
        return {};
    const double least = (one.mean - one.error) / (other.mean + other.error);
    const double most = other.mean > other.error ? (one.mean + one.error) / (other.mean - other.error)
                                                 : std::numeric_limits<double>::infinity();
    const double ratio = one.mean / other.mean;
    return {verdict_of(least, ratio, most), ratio, most > 2 * least};
}

judgement at_least(judgement found) noexcept
{
    if (found.says == verdict::less)
        found.says = verdict::unclear;
    return found;
}

} // namespace compare
