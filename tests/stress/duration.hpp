#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace naru::stress
{

/// How long a test may take: NARU_STRESS_SECONDS, or a minute under a sanitizer, or a few seconds.
std::chrono::seconds duration();

/// NARU_STRESS_SEED, or one of this run. It is printed.
std::uint64_t seed();

/// A generator of numbers, and what the tests draw from it.
class dice
{
  public:
    explicit dice(std::uint64_t seed) : numbers_(seed) {}

    /// From 0 to `most`.
    std::uint64_t upto(std::uint64_t most)
    {
        return std::uniform_int_distribution<std::uint64_t>(0, most)(numbers_);
    }
    bool one_in(std::uint64_t times) { return upto(times - 1) == 0; }

  private:
    std::mt19937_64 numbers_;
};

} // namespace naru::stress
