#pragma once

#include <span>

namespace compare
{

/// What measurements say about one figure beside another.
enum class verdict
{
    alike,   ///< the same to a tenth
    more,    ///< the first is larger, in every round
    less,    ///< the first is smaller, in every round
    unclear, ///< the rounds vary more than the two figures differ, or there are too few
};

struct judgement
{
    verdict says = verdict::unclear;
    double ratio = 1;   ///< the first by the second, the median of the rounds
    bool rough = false; ///< that they differ is certain, by how much is not: to a factor of two at best
};

/// How much a figure varied from round to round: the largest by the smallest, less one. 0 for fewer than two.
double spread(std::span<const double> rounds) noexcept;

/// A larger spread than this says more of the machine than of what was measured.
inline constexpr double most_spread = 0.5;

/// Compares two figures that were measured in turns: round i of the one beside round i of the other, so that
/// what else the machine does falls on both. A difference counts when all rounds agree on it. Fewer than
/// three rounds are unclear, and so is a spread over most_spread of either.
judgement judge(std::span<const double> one, std::span<const double> other);

/// A mean, and the error of it (the standard error, doubled: 19 of 20 means of such samples lie within it).
struct estimate
{
    double mean = 0;
    double error = 0;
};

/// Compares two means that were measured one after the other: they differ when their intervals lie apart.
judgement judge(const estimate& one, const estimate& other) noexcept;

/// The same where the first cannot be smaller, because it does all that the second does and more: that it
/// seems to be is the machine's doing, and unclear.
judgement at_least(judgement found) noexcept;

} // namespace compare
