#include "server/mailbox.hpp"

#include "server/shard.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace
{

using naru::ledger;
using naru::shard;

const naru::log_options no_log{.level = naru::log_level::off};

TEST(Mailbox, runs_at_once_when_called_on_the_shard)
{
    ledger shared(no_log);
    shard here(0, shared);
    std::string order;
    boost::asio::post(here.loop(),
                      [&]
                      {
                          here.mail()->run([&](shard&) { order += "act "; });
                          order += "after";
                      });
    here.loop().poll();
    EXPECT_EQ(order, "act after");
}

TEST(Mailbox, runs_nothing_after_the_shard_has_gone)
{
    ledger shared(no_log);
    auto here = std::make_unique<shard>(0, shared);
    const auto way = here->mail();
    bool ran = false;
    way->run([&](shard&) { ran = true; }); // posted, and never run
    here.reset();
    way->run([&](shard&) { ran = true; });
    EXPECT_FALSE(ran);
}

TEST(Mailbox, runs_nothing_on_a_borrowed_loop_after_the_shard_has_gone)
{
    boost::asio::io_context loop;
    ledger shared(no_log);
    auto here = std::make_unique<shard>(0, shared, &loop);
    bool ran = false;
    here->mail()->run([&](shard&) { ran = true; });
    here.reset();
    loop.poll();
    EXPECT_FALSE(ran);
}

TEST(Mailbox, delivers_in_order_what_may_only_be_moved)
{
    ledger shared(no_log);
    shard here(0, shared);
    std::string order;
    for (char each : std::string("abc"))
        here.mail()->post([&order, text = std::make_unique<char>(each)](shard&) { order += *text; });
    EXPECT_EQ(order, "");
    here.loop().poll();
    EXPECT_EQ(order, "abc");
}

TEST(Mailbox, delivers_what_is_posted_during_a_delivery_afterwards)
{
    ledger shared(no_log);
    shard here(0, shared);
    std::string order;
    here.mail()->post(
        [&](shard& at)
        {
            at.mail()->post([&](shard&) { order += "c"; });
            order += "a";
        });
    here.mail()->post([&](shard&) { order += "b"; });
    here.loop().poll();
    EXPECT_EQ(order, "abc");
}

TEST(Mailbox, destroys_what_waits_when_it_is_closed_and_what_is_posted_later)
{
    ledger shared(no_log);
    shard here(0, shared);
    const auto held = std::make_shared<int>();
    here.mail()->post([held](shard&) { ADD_FAILURE(); });
    EXPECT_EQ(held.use_count(), 2);
    here.mail()->close();
    EXPECT_EQ(held.use_count(), 1);
    here.mail()->post([held](shard&) { ADD_FAILURE(); });
    EXPECT_EQ(held.use_count(), 1);
    here.loop().poll();
}

} // namespace
