#include "server/shard.hpp"

#include <naru/testing/test_clock.hpp>

#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>

namespace
{

using namespace std::chrono_literals;
using naru::ledger;
using naru::shard;

const naru::log_options no_log{.level = naru::log_level::off};

struct noted final : naru::deadline
{
    explicit noted(shard& on) : at(on) {}
    void expired() override { when = at.now(); }

    shard& at;
    naru::time_point when{};
};

TEST(Shard, runs_its_deadlines_by_itself_with_the_clock_of_the_system)
{
    ledger shared(no_log);
    shard here(0, shared);
    noted soon(here);
    noted later(here);
    noted cleared(here);
    const auto began = std::chrono::steady_clock::now();
    here.look_at_clock();
    here.set_deadline(later, here.now() + 40ms);
    here.set_deadline(cleared, here.now() + 20ms);
    here.set_deadline(soon, here.now() + 5ms); // earlier than what the timer was set for
    here.clear_deadline(cleared);
    while (later.when == naru::time_point{} && std::chrono::steady_clock::now() < began + 5s)
        here.loop().run_one_for(1s);
    EXPECT_GE(soon.when - began, 5ms);
    EXPECT_LE(soon.when, later.when); // equal when a busy machine lets one pass deal with both
    EXPECT_GE(later.when - began, 40ms);
    EXPECT_EQ(cleared.when, naru::time_point{});
}

TEST(Shard, arms_no_timer_for_a_clock_that_is_turned_by_hand)
{
    naru::testing::test_clock clock;
    ledger shared(no_log, clock);
    shard here(0, shared);
    noted soon(here);
    here.set_deadline(soon, here.now() + 1ms);
    EXPECT_TRUE(here.quiet());
    ASSERT_TRUE(here.next_deadline());
    clock.advance(100ms);
    here.run_deadlines();
    EXPECT_EQ(soon.when, clock.now());
    EXPECT_FALSE(here.next_deadline());
}

TEST(Shard, runs_until_it_is_told_to_end)
{
    ledger shared(no_log);
    shard here(0, shared);
    std::promise<std::thread::id> ran_on;
    std::thread thread([&] { here.run(); });
    here.mail()->run(
        [&](shard& at)
        {
            EXPECT_EQ(&at, &here);
            ran_on.set_value(std::this_thread::get_id());
        });
    EXPECT_EQ(ran_on.get_future().get(), thread.get_id());
    here.end();
    thread.join();
}

TEST(Shard, tells_when_its_last_session_has_gone_and_at_once_when_there_is_none)
{
    ledger shared(no_log);
    shard here(0, shared);
    int told = 0;
    here.when_last_gone([&] { ++told; });
    EXPECT_EQ(told, 1);
}

} // namespace
