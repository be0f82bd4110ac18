#include <naru/base/clock.hpp>

#include <gtest/gtest.h>

namespace
{

TEST(Clock, of_the_system_goes_with_the_steady_clock_and_by_itself)
{
    const naru::clock& clock = naru::clock::system();
    const auto before = std::chrono::steady_clock::now();
    const naru::time_point now = clock.now();
    EXPECT_LE(before, now);
    EXPECT_LE(now, std::chrono::steady_clock::now());
    EXPECT_TRUE(clock.runs_by_itself());
}

} // namespace
