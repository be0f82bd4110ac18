#include <naru/testing/test_clock.hpp>

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using naru::testing::test_clock;

TEST(TestClock, stands_still_until_it_is_turned)
{
    test_clock clock;
    const naru::time_point began = clock.now();
    EXPECT_EQ(clock.now(), began);
    clock.advance(3ms);
    EXPECT_EQ(clock.now() - began, 3ms);
}

TEST(TestClock, never_goes_back)
{
    test_clock clock(naru::time_point(10s));
    clock.advance(-5s);
    EXPECT_EQ(clock.now(), naru::time_point(10s));
}

TEST(TestClock, says_that_no_timer_of_the_system_goes_with_it)
{
    EXPECT_FALSE(test_clock().runs_by_itself());
}

TEST(TestClock, may_be_turned_from_several_threads_at_once)
{
    test_clock clock;
    const naru::time_point began = clock.now();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back(
            [&]
            {
                for (int turn = 0; turn < 1000; ++turn)
                    clock.advance(1us);
            });
    for (std::thread& each : threads)
        each.join();
    EXPECT_EQ(clock.now() - began, 4ms);
}

} // namespace
