#include "server/fleet.hpp"

#include <naru/raw/raw.hpp>
#include <naru/server/session.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace
{

using naru::fleet;
using naru::listener_state;

const naru::log_options no_log{.level = naru::log_level::off};

std::shared_ptr<listener_state> listen_nowhere(fleet& on)
{
    return std::make_shared<listener_state>(
        on.shared(), naru::listening_sockets{naru::endpoint::tcp("127.0.0.1", 1), {}, {}},
        naru::raw([](naru::session&) -> naru::task<> { co_return; }), naru::connection_limits{}, on.shards());
}

TEST(Fleet, takes_no_listener_once_it_drains)
{
    auto all = std::make_unique<fleet>(no_log, 2);
    EXPECT_TRUE(all->add(listen_nowhere(*all)));
    all->shared().draining = true;
    EXPECT_FALSE(all->add(listen_nowhere(*all)));
    fleet::destroy(std::move(all));
}

TEST(Fleet, destroys_what_waits_in_its_loops)
{
    const auto held = std::make_shared<int>();
    auto all = std::make_unique<fleet>(no_log, 2);
    for (const auto& each : all->shards())
        boost::asio::post(each->loop(), [held] { ADD_FAILURE(); });
    fleet::destroy(std::move(all));
    EXPECT_EQ(held.use_count(), 1);
}

TEST(Fleet, is_kept_while_an_executor_of_it_exists)
{
    boost::asio::any_io_executor outside;
    auto all = std::make_unique<fleet>(no_log, 2);
    outside = all->shards()[1]->executor();
    fleet::destroy(std::move(all));
    boost::asio::post(outside, [] { ADD_FAILURE() << "it was to run nothing more"; });
}

TEST(Fleet, has_one_shard_on_a_borrowed_loop_and_leaves_that_to_its_owner)
{
    boost::asio::io_context loop;
    auto all = std::make_unique<fleet>(no_log, 7, &loop);
    EXPECT_EQ(all->shards().size(), 1u);
    EXPECT_EQ(&all->first().loop(), &loop);
    fleet::destroy(std::move(all));
    bool ran = false;
    boost::asio::post(loop, [&] { ran = true; });
    loop.restart();
    loop.run();
    EXPECT_TRUE(ran);
}

} // namespace
