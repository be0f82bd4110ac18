#include "base/root_coroutine.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <future>
#include <stdexcept>
#include <string>

namespace
{

namespace asio = boost::asio;
using naru::task;

task<> never()
{
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    auto fired = timer.async_wait(asio::use_awaitable);
    co_await std::move(fired);
}

/// Runs one root coroutine and notes how it ends.
class RootCoroutine : public testing::Test, protected naru::root_events
{
  protected:
    void launch(task<> body)
    {
        naru::launch_root(loop_.get_executor(), std::move(body), cancel_, awaited_, *this);
    }
    void cancel() { naru::cancel_awaited(cancel_, awaited_); }

    std::string said_;
    asio::io_context loop_;
    asio::cancellation_signal cancel_;
    asio::cancellation_slot awaited_;

  private:
    void coroutine_begun() noexcept override { said_ += "begun "; }
    bool on_own_thread() const noexcept override { return true; }
    void coroutine_ended(std::exception_ptr thrown) override
    {
        try
        {
            if (thrown)
                std::rethrow_exception(thrown);
            said_ += "returned";
        }
        catch (const std::exception& e)
        {
            said_ += e.what();
        }
    }
    void coroutine_destroyed() noexcept override { said_ += "destroyed"; }
};

TEST_F(RootCoroutine, runs_at_once_and_tells_of_its_end)
{
    launch([]() -> task<> { co_return; }());
    EXPECT_EQ(said_, "begun returned");
}

TEST_F(RootCoroutine, tells_what_it_threw)
{
    launch(
        []() -> task<>
        {
            throw std::runtime_error("thrown");
            co_return;
        }());
    EXPECT_EQ(said_, "begun thrown");
}

TEST_F(RootCoroutine, tells_that_the_operation_that_it_awaited_dropped_it)
{
    launch(asio::async_initiate<const asio::use_awaitable_t<>, void()>([](auto) {}, asio::use_awaitable));
    loop_.poll();
    EXPECT_EQ(said_, "begun destroyed");
}

TEST_F(RootCoroutine, is_cancelled_where_it_awaits_a_timer)
{
    launch(never());
    cancel();
    loop_.restart();
    loop_.poll();
    EXPECT_EQ(said_, "begun Operation canceled [system:125]");
}

TEST_F(RootCoroutine, is_not_cancelled_where_it_awaits_a_coroutine_of_another_executor)
{
    std::promise<void> begun;
    std::promise<void> finish;
    asio::thread_pool pool(2);
    const auto works = [&]() -> task<>
    {
        begun.set_value();
        finish.get_future().wait();
        co_return;
    };
    launch(asio::co_spawn(pool, works, asio::use_awaitable));
    begun.get_future().wait();
    cancel();
    finish.set_value();
    pool.join();
    loop_.restart();
    loop_.run();
    EXPECT_EQ(said_, "begun returned");
}

TEST_F(RootCoroutine, is_not_cancelled_where_it_awaits_a_group)
{
    using namespace asio::experimental::awaitable_operators;
    const auto waits = []() -> task<>
    {
        auto either = never() || never();
        co_await std::move(either);
    };
    launch(waits());
    cancel();
    loop_.restart();
    loop_.poll();
    EXPECT_EQ(said_, "begun ");
}

} // namespace
