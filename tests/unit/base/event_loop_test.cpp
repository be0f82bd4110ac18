#include "base/event_loop.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <thread>
#include <utility>

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

asio::any_io_executor tracked(const asio::any_io_executor& of)
{
    return asio::prefer(of, asio::execution::outstanding_work.tracked);
}

TEST(EventLoop, does_not_run_out_of_work_while_a_tracked_executor_exists)
{
    event_loop loop(nullptr);
    const auto untracked = loop.executor();
    std::optional<asio::any_io_executor> one = tracked(untracked);
    std::optional<asio::any_io_executor> two = one;
    EXPECT_NE(*one, untracked);
    one.reset();
    loop.context().poll();
    EXPECT_FALSE(loop.context().stopped());
    two = untracked;
    loop.context().poll();
    EXPECT_TRUE(loop.context().stopped());
}

TEST(EventLoop, counts_executors_that_threads_make_and_drop_at_the_same_time)
{
    event_loop loop(nullptr);
    {
        const auto executor = loop.executor();
        const auto makes_and_drops = [&executor]
        {
            for (int i = 0; i < 20'000; ++i)
                const auto one = tracked(executor);
        };
        std::thread beside(makes_and_drops);
        makes_and_drops();
        beside.join();
        EXPECT_TRUE(loop.in_use());
    }
    EXPECT_FALSE(loop.in_use());
    loop.context().poll();
    EXPECT_TRUE(loop.context().stopped());
}

TEST(EventLoop, lets_a_borrowed_loop_be_destroyed_before_its_executors_once_it_is_closed)
{
    std::optional<asio::io_context> borrowed(std::in_place);
    event_loop loop(&*borrowed);
    std::optional<asio::any_io_executor> executor = tracked(loop.executor());
    loop.close();
    borrowed->poll();
    EXPECT_TRUE(borrowed->stopped()) << "of what executors have outstanding, nothing is left";
    borrowed.reset();
    const auto copy = *executor;
    asio::post(copy, [] { ADD_FAILURE(); });
    asio::dispatch(copy, [] { ADD_FAILURE(); });
    executor.reset();
    EXPECT_TRUE(loop.in_use());
}

TEST(EventLoop, runs_on_a_borrowed_loop_at_once_what_is_dispatched_there)
{
    asio::io_context borrowed;
    event_loop loop(&borrowed);
    int ran = 0;
    const auto executor = loop.executor();
    const auto once = [&]
    {
        asio::dispatch(executor,
                       [&]
                       {
                           ++ran;
                           asio::dispatch(executor, [&] { ++ran; });
                           loop.close();
                       });
        EXPECT_EQ(ran, 2);
    };
    asio::post(borrowed, once);
    borrowed.run();
    EXPECT_EQ(ran, 2);
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
