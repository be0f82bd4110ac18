#include "base/deadlines.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using naru::deadlines;
using naru::time_point;

constexpr time_point start{1h};
constexpr auto tick = deadlines::tick;
constexpr auto round = deadlines::round;

struct noted final : naru::deadline
{
    void expired() override
    {
        ++times;
        if (then)
            then();
    }

    int times = 0;
    std::function<void()> then;
};

TEST(Deadlines, expire_never_early_and_at_most_one_tick_late)
{
    // Every phase of a tick, for dues near, around one round, and far.
    for (const auto after :
         {0ns, 1ns, 15'999'999ns, 16'000'000ns, 16'000'001ns, 1'000'000'000ns,
          std::chrono::nanoseconds(round) - 1ns, std::chrono::nanoseconds(round),
          std::chrono::nanoseconds(round) + 1ns, std::chrono::nanoseconds(3 * round) + 5ms})
        for (const auto phase : {0ms, 7ms, 15ms})
        {
            const time_point began = start + phase;
            const time_point due = began + after;
            deadlines wheel(began);
            noted entry;
            wheel.set(entry, due);
            for (time_point now = began; entry.times == 0; now += 1ms)
            {
                ASSERT_LE(now, due + tick + 1ms) << "late, " << after.count() << " ns after the start";
                wheel.expire(now);
                ASSERT_TRUE(entry.times == 0 || now >= due)
                    << "early, " << after.count() << " ns after the start";
            }
        }
}

TEST(Deadlines, expire_once)
{
    deadlines wheel(start);
    noted entry;
    wheel.set(entry, start + 5ms);
    wheel.expire(start + 1s);
    wheel.expire(start + 2s);
    EXPECT_EQ(entry.times, 1);
}

TEST(Deadlines, move_later_without_being_hung_again)
{
    deadlines wheel(start);
    noted entry;
    EXPECT_TRUE(wheel.set(entry, start + 50ms));
    EXPECT_FALSE(wheel.set(entry, start + 500ms)) << "the hot way: nothing to look at earlier";
    wheel.expire(start + 499ms);
    EXPECT_EQ(entry.times, 0);
    wheel.expire(start + 500ms + tick);
    EXPECT_EQ(entry.times, 1);
}

TEST(Deadlines, move_earlier)
{
    deadlines wheel(start);
    noted entry;
    wheel.set(entry, start + 10s);
    EXPECT_TRUE(wheel.set(entry, start + 50ms));
    wheel.expire(start + 50ms + tick);
    EXPECT_EQ(entry.times, 1);
}

TEST(Deadlines, that_are_cleared_do_not_expire_and_can_be_set_again)
{
    deadlines wheel(start);
    noted entry;
    wheel.set(entry, start + 50ms);
    wheel.clear(entry);
    wheel.expire(start + 1s);
    EXPECT_EQ(entry.times, 0);
    wheel.set(entry, start + 2s);
    wheel.expire(start + 2s + tick);
    EXPECT_EQ(entry.times, 1);
}

TEST(Deadlines, set_to_never_are_not_set)
{
    deadlines wheel(start);
    noted entry;
    EXPECT_FALSE(wheel.set(entry, naru::deadline::never));
    EXPECT_EQ(wheel.next(), std::nullopt);
}

TEST(Deadlines, in_the_past_expire_with_the_next_tick)
{
    deadlines wheel(start);
    noted entry;
    wheel.set(entry, start - 1min);
    wheel.expire(start + tick);
    EXPECT_EQ(entry.times, 1);
}

TEST(Deadlines, are_all_seen_after_a_sleep_of_many_rounds)
{
    deadlines wheel(start);
    std::vector<noted> entries(2000);
    for (std::size_t i = 0; i < entries.size(); ++i)
        wheel.set(entries[i], start + 20ms * i);
    wheel.expire(start + 10 * round);
    for (const noted& each : entries)
        ASSERT_EQ(each.times, 1);
}

TEST(Deadlines, say_when_to_look_next)
{
    deadlines wheel(start);
    EXPECT_EQ(wheel.next(), std::nullopt);
    noted near;
    noted far;
    wheel.set(near, start + 100ms);
    wheel.set(far, start + 1h);
    time_point now = start;
    int looks = 0;
    while (far.times == 0)
    {
        const auto next = wheel.next();
        ASSERT_TRUE(next);
        ASSERT_GT(*next, now);
        now = *next;
        wheel.expire(now);
        ASSERT_EQ(near.times, now >= start + 100ms + tick ? 1 : near.times);
        ++looks;
    }
    EXPECT_GE(now, start + 1h);
    EXPECT_LE(now, start + 1h + tick);
    EXPECT_LE(looks, 1h / round + 3) << "once a round is enough for what is far";
    EXPECT_EQ(wheel.next(), std::nullopt);
}

TEST(Deadlines, may_be_set_again_when_they_expire)
{
    deadlines wheel(start);
    noted entry;
    entry.then = [&]
    {
        if (entry.times < 3)
            wheel.set(entry, start + 100ms * (entry.times + 1));
    };
    wheel.set(entry, start + 100ms);
    for (time_point now = start; now < start + 1s; now += 5ms)
        wheel.expire(now);
    EXPECT_EQ(entry.times, 3);
}

TEST(Deadlines, may_be_destroyed_by_one_that_expires_with_them)
{
    deadlines wheel(start);
    noted first;
    auto second = std::make_unique<noted>();
    auto third = std::make_unique<noted>();
    first.then = [&]
    {
        second.reset();      // waits in the same slot
        wheel.clear(*third); // as well
    };
    wheel.set(first, start + 100ms);
    wheel.set(*second, start + 100ms);
    wheel.set(*third, start + 100ms);
    wheel.expire(start + 200ms);
    EXPECT_EQ(first.times, 1);
    EXPECT_EQ(third->times, 0);
}

TEST(Deadlines, that_another_moves_while_both_are_due_keep_what_they_were_given)
{
    deadlines wheel(start);
    noted first;
    noted second;
    first.then = [&] { wheel.set(second, start + 10s); };
    wheel.set(first, start + 100ms);
    wheel.set(second, start + 100ms);
    wheel.expire(start + 200ms);
    EXPECT_EQ(second.times, 0);
    wheel.expire(start + 10s + tick);
    EXPECT_EQ(second.times, 1);
}

TEST(Deadlines, may_end_before_or_after_the_wheel)
{
    auto wheel = std::make_unique<deadlines>(start);
    auto outlives = std::make_unique<noted>();
    wheel->set(*outlives, start + 1s);
    {
        noted gone_before;
        wheel->set(gone_before, start + 1s);
    }
    wheel->expire(start + 500ms);
    wheel.reset();
    EXPECT_EQ(outlives->times, 0);
}

TEST(Deadlines, agree_with_a_list_of_instants_under_random_use)
{
    std::mt19937 random(1);
    deadlines wheel(start);
    constexpr std::size_t count = 50;
    std::vector<noted> entries(count);
    std::vector<time_point> dues(count, naru::deadline::never);
    time_point now = start;
    for (int step = 0; step < 20'000; ++step)
    {
        const std::size_t at = random() % count;
        switch (random() % 4)
        {
        case 0:
            wheel.clear(entries[at]);
            dues[at] = naru::deadline::never;
            break;
        case 1:
            dues[at] = now + std::chrono::milliseconds(random() % 40'000);
            wheel.set(entries[at], dues[at]);
            break;
        case 2:
            dues[at] = now + std::chrono::milliseconds(random() % 200);
            wheel.set(entries[at], dues[at]);
            break;
        default:
            now += std::chrono::milliseconds(random() % 300);
            wheel.expire(now);
            for (std::size_t i = 0; i < count; ++i)
            {
                const bool fired = std::exchange(entries[i].times, 0) > 0;
                ASSERT_TRUE(!fired || dues[i] <= now) << "early";
                ASSERT_TRUE(fired || dues[i] == naru::deadline::never || dues[i] + tick > now) << "late";
                if (fired)
                    dues[i] = naru::deadline::never;
            }
        }
    }
}

TEST(Later, ends_at_never_instead_of_wrapping_around)
{
    constexpr auto longest = std::chrono::milliseconds::max();
    EXPECT_EQ(naru::later(start, 5ms), start + 5ms);
    EXPECT_EQ(naru::later(start, 0ms), start);
    EXPECT_EQ(naru::later(start, -5ms), start);
    EXPECT_EQ(naru::later(start, std::chrono::milliseconds::min()), start);
    for (const time_point from :
         {time_point(-1h), time_point(), start, time_point::max() - 1ns, time_point::max()})
        EXPECT_EQ(naru::later(from, longest), naru::deadline::never);
    EXPECT_EQ(naru::later(naru::deadline::never, 1ms), naru::deadline::never);
    EXPECT_LT(naru::later(start, std::chrono::hours(24 * 365 * 99)), naru::deadline::never);
}

TEST(DueAfter, is_never_for_a_limit_of_zero_or_less)
{
    EXPECT_EQ(naru::due_after(start, 5ms), start + 5ms);
    EXPECT_EQ(naru::due_after(start, 0ms), naru::deadline::never);
    EXPECT_EQ(naru::due_after(start, -5ms), naru::deadline::never);
    EXPECT_EQ(naru::due_after(start, std::chrono::milliseconds::max()), naru::deadline::never);
}

TEST(PutOff, moves_by_what_the_bytes_are_worth_and_never_beyond_now)
{
    const time_point now = start + 10s;
    EXPECT_EQ(naru::put_off(start, 100, 100, now), start + 1s);
    EXPECT_EQ(naru::put_off(start, 1, 1000, now), start + 1ms);
    EXPECT_EQ(naru::put_off(start, 5000, 100, now), now) << "what comes fast earns no credit";
    EXPECT_EQ(naru::put_off(start, 1, 0, now), now) << "without a rate any byte is progress";
    EXPECT_EQ(naru::put_off(now, 1, 1, now), now);
    EXPECT_EQ(naru::put_off(start, 1, SIZE_MAX, now), start);
    EXPECT_EQ(naru::put_off(start, SIZE_MAX, 1, now), now);
}

TEST(BytesDuring, are_the_largest_number_instead_of_wrapping_around)
{
    EXPECT_EQ(naru::bytes_during(500ms, 240), 120u);
    EXPECT_EQ(naru::bytes_during(500ms, 0), 0u);
    EXPECT_EQ(naru::bytes_during(-1ms, 240), 0u);
    EXPECT_EQ(naru::bytes_during(std::chrono::milliseconds::max(), SIZE_MAX), UINT64_MAX);
    EXPECT_EQ(naru::bytes_during(1ms, SIZE_MAX), SIZE_MAX / 1000);
}

} // namespace
