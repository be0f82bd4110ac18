#include "base/event_loop.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace
{

namespace asio = boost::asio;
using naru::event_loop;

TEST(EventLoop, is_in_use_while_an_executor_exists)
{
    event_loop loop(nullptr);
    EXPECT_FALSE(loop.in_use());
    std::optional<asio::any_io_executor> one = loop.executor();
    std::optional<asio::any_io_executor> copy = asio::prefer(*one, asio::execution::outstanding_work.tracked);
    one.reset();
    EXPECT_TRUE(loop.in_use());
    copy.reset();
    EXPECT_FALSE(loop.in_use());
}

TEST(EventLoop, destroys_the_coroutines_that_wait_in_it)
{
    event_loop loop(nullptr);
    const auto held = std::make_shared<int>();
    const auto waits = [held]() -> asio::awaitable<void>
    {
        const auto own = held;
        asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        auto fired = never.async_wait(asio::use_awaitable);
        co_await std::move(fired);
    };
    asio::co_spawn(loop.executor(), waits, asio::detached);
    loop.context().poll();
    EXPECT_GT(held.use_count(), 2);
    EXPECT_TRUE(loop.in_use());
    loop.destroy_waiting();
    EXPECT_EQ(held.use_count(), 2) << "here, and in the function that made the coroutine";
    EXPECT_FALSE(loop.in_use());
}

TEST(EventLoop, keeps_and_does_not_run_what_it_is_given_after_it_was_closed)
{
    event_loop loop(nullptr);
    const asio::any_io_executor executor = loop.executor();
    loop.close();
    const auto held = std::make_shared<int>();
    asio::post(executor, [held] { ADD_FAILURE(); });
    EXPECT_EQ(held.use_count(), 2);
    loop.context().poll();
}

TEST(EventLoop, runs_what_is_ready_in_a_borrowed_loop_and_leaves_it_stopped_if_it_was)
{
    asio::io_context context;
    event_loop loop(&context);
    int ran = 0;
    asio::post(context, [&] { ++ran; });
    context.stop();
    loop.destroy_waiting();
    EXPECT_EQ(ran, 1);
    EXPECT_TRUE(context.stopped());
}

} // namespace
