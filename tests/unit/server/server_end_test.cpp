// What happens to a server, its listeners and its sessions at the end, in every order.

#include <naru/server/dial.hpp>
#include <naru/server/server.hpp>

#include "net/plain_socket.hpp"
#include "server/echo_server.hpp"
#include "server/end_of_server.hpp"

#include <naru/http/serve.hpp>
#include <naru/raw/raw.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <latch>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace
{

namespace asio = boost::asio;
using namespace std::chrono_literals;
using naru::close_reason;
using naru::server;
using naru::session;
using naru::task;
using naru::testing::anywhere;
using naru::testing::ask;
using naru::testing::bounded;
using naru::testing::echo;
using naru::testing::plain_socket;
using naru::testing::quiet;
using naru::testing::signal_flag;
using naru::testing::stopwatch;

std::string unix_name(std::string_view of)
{
    return "unix:@naru-end-" + std::string(of) + "-" + std::to_string(::getpid());
}

// --- handles and listeners -----------------------------------------------------------------------

TEST(ServerEnd, leaves_handles_of_closed_listeners_usable)
{
    std::optional<server> serving(quiet(2));
    auto first = serving->listen(anywhere, naru::raw(echo));
    serving->start();
    plain_socket client(first.local());
    ASSERT_EQ(ask(client, "hello"), "hello\n");
    client.close();
    first.close();
    std::vector<naru::listener> others;
    for (int i = 0; i < 20; ++i) // each forgets those that are closed by then
    {
        others.push_back(serving->listen(anywhere, naru::raw(echo)));
        plain_socket once(others.back().local());
        ASSERT_EQ(ask(once, "x"), "x\n");
        others.back().close();
    }
    serving.reset();
    EXPECT_EQ(first.figures().accepted, 1u);
    for (naru::listener& each : others)
    {
        EXPECT_EQ(each.figures().accepted, 1u);
        each.close();
    }
}

/// A Unix listener deals its connections to two shards, one of which is busy.
class DealtConnection : public testing::Test
{
  protected:
    DealtConnection()
    {
        const auto block = [this](session& s) -> task<>
        {
            const auto line = co_await s.read_line();
            if (line && *line == "block")
            {
                blocked.set();
                release.wait();
            }
            co_await s.write("on\n");
        };
        where = naru::endpoint::from(unix_name("dealt"));
        listener.emplace(serving->listen(where, naru::raw(block, {.linger = 50ms})));
        serving->start();
        plain_socket first(where); // to shard 0
        first.send("x\n");
        EXPECT_EQ(first.receive(3), "on\n");
        blocker = plain_socket(where); // to shard 1
        blocker.send("block\n");
        blocked.wait();
        plain_socket second(where); // to shard 0
        second.send("x\n");
        EXPECT_EQ(second.receive(3), "on\n");
        dealt = plain_socket(where); // to shard 1, which does not get to it
        // The accept loop, on shard 0, takes connections in order: once it serves this one, it has dealt
        // that.
        plain_socket third(where);
        third.send("x\n");
        EXPECT_EQ(third.receive(3), "on\n");
    }

    signal_flag blocked;
    signal_flag release;
    naru::endpoint where;
    std::optional<server> serving{std::in_place, quiet(2)};
    std::optional<naru::listener> listener;
    plain_socket blocker;
    plain_socket dealt;
};

TEST_F(DealtConnection, is_served_when_its_listener_was_closed_and_forgotten_meanwhile)
{
    listener->close();
    listener.reset();
    for (int i = 0; i < 10; ++i)
        serving->listen(anywhere, naru::raw(echo)).close();
    release.set();
    dealt.send("x\n");
    EXPECT_EQ(dealt.receive(3), "on\n");
}

TEST_F(DealtConnection, does_not_hold_up_a_stop)
{
    serving->stop();
    release.set();
    serving->wait();
    dealt.receive_all();
    EXPECT_NE(dealt.error(), ETIMEDOUT);
    EXPECT_EQ(serving->figures().open, 0u);
    EXPECT_EQ(listener->figures().open, 0u);
}

TEST_F(DealtConnection, ends_with_a_drain)
{
    serving->drain(5s);
    release.set();
    serving->wait();
    EXPECT_EQ(serving->figures().open, 0u);
    EXPECT_EQ(listener->figures().open, 0u);
}

TEST(ServerEnd, closes_a_listener_that_is_opened_beside_it)
{
    for (int round = 0; round < 100; ++round)
    {
        server serving(quiet());
        serving.start();
        std::latch together(2);
        std::optional<naru::listener> made;
        std::thread beside(
            [&]
            {
                together.arrive_and_wait();
                try
                {
                    made.emplace(serving.listen(anywhere, naru::raw(echo)));
                }
                catch (const naru::error& e)
                {
                    EXPECT_EQ(e.code(), naru::errc::closed);
                }
            });
        together.arrive_and_wait();
        if (round % 2)
            serving.stop();
        else
            serving.drain(1s);
        serving.wait();
        beside.join();
        if (made)
        {
            EXPECT_EQ(plain_socket(made->local()).error(), ECONNREFUSED);
        }
    }
}

// --- orders of calls -----------------------------------------------------------------------------

TEST(ServerEnd, may_come_before_the_start)
{
    for (const bool drains : {true, false})
    {
        server serving(quiet(2));
        const auto where = serving.listen(anywhere, naru::raw(echo)).local();
        drains ? serving.drain(5s) : serving.stop();
        serving.start();
        serving.wait();
        serving.wait();
        EXPECT_EQ(plain_socket(where).error(), ECONNREFUSED);
        EXPECT_EQ(serving.run([] { ADD_FAILURE() << "it is not ready"; }), 0);
    }
}

TEST(ServerEnd, is_waited_for_by_as_many_as_like)
{
    server serving(quiet(2));
    serving.start();
    std::vector<std::thread> waiting;
    for (int i = 0; i < 4; ++i)
        waiting.emplace_back([&] { serving.wait(); });
    serving.drain(1s);
    for (std::thread& each : waiting)
        each.join();
    serving.wait();
}

TEST(ServerEnd, cannot_be_waited_for_by_a_handler)
{
    server serving(quiet());
    std::promise<std::string> said;
    const auto waits = [&](session&) -> task<>
    {
        try
        {
            serving.wait();
            said.set_value("it came back");
        }
        catch (const naru::error& e)
        {
            said.set_value(e.what());
        }
        co_return;
    };
    const auto where = serving.listen(anywhere, naru::raw(waits)).local();
    serving.start();
    plain_socket client(where);
    EXPECT_EQ(said.get_future().get(), "wait: called on the wrong thread");
}

// --- work that handlers leave behind -------------------------------------------------------------

task<> ticks_for_ever()
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;)
    {
        timer.expires_after(5ms);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

task<> leaves_a_ticker(session& s)
{
    const auto executor = co_await asio::this_coro::executor;
    asio::co_spawn(executor, ticks_for_ever(), asio::detached);
    co_await s.write("left\n");
}

TEST(ServerEnd, is_not_held_up_by_work_that_a_handler_left_on_the_loop)
{
    server serving(quiet(2));
    const auto where = serving.listen(anywhere, naru::raw(leaves_a_ticker)).local();
    serving.start();
    EXPECT_EQ(plain_socket(where).receive(5), "left\n");
    const stopwatch time;
    serving.drain(1s);
    serving.wait();
    EXPECT_LT(time.read(), bounded);
}

TEST(ServerEnd, with_work_left_on_the_loop_is_cut_short_by_a_second_signal)
{
    server serving(quiet());
    const auto where = serving.listen(anywhere, naru::raw(leaves_a_ticker)).local();
    std::promise<void> ready;
    std::thread running([&] { serving.run([&] { ready.set_value(); }); });
    ready.get_future().wait();
    EXPECT_EQ(plain_socket(where).receive(5), "left\n");
    const stopwatch time;
    ::kill(::getpid(), SIGTERM);
    while (!serving.draining())
        std::this_thread::yield();
    ::kill(::getpid(), SIGTERM);
    running.join();
    EXPECT_LT(time.read(), bounded);
}

TEST(DialEnd, is_not_held_up_by_work_that_a_handler_left_on_the_loop)
{
    server serving(quiet());
    const auto where = serving.listen(anywhere, naru::raw(echo)).local();
    serving.start();
    const stopwatch time;
    naru::dial(where.text(), leaves_a_ticker);
    EXPECT_LT(time.read(), bounded);
}

TEST(ServerEnd, survives_a_function_that_throws_on_its_loop)
{
    server serving(quiet());
    const auto throws = [](session& s) -> task<>
    {
        const auto executor = co_await asio::this_coro::executor;
        asio::post(executor, [] { throw std::runtime_error("nobody catches this"); });
        co_await s.write("posted\n");
    };
    const auto where = serving.listen(anywhere, naru::raw(throws)).local();
    serving.start();
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(plain_socket(where).receive_all(), "posted\n");
}

// --- the process ends ----------------------------------------------------------------------------

void exit_from_a_handler()
{
    static server serving(quiet(2));
    const auto handler = [](session&) -> task<>
    {
        std::exit(7);
        co_return;
    };
    const auto where = serving.listen(anywhere, naru::raw(handler)).local();
    serving.start();
    const plain_socket client(where);
    serving.wait();
}

void make_a_server_with_few_descriptors()
{
    rlimit few{};
    few.rlim_cur = few.rlim_max = 40;
    ::setrlimit(RLIMIT_NOFILE, &few);
    try
    {
        const server too_many(quiet(256));
    }
    catch (const naru::error& e)
    {
        std::fputs(e.what(), stderr);
        std::exit(3);
    }
}

TEST(ServerBeginDeathTest, says_that_descriptors_have_run_out)
{
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the undefined-behaviour sanitizer that goes with it needs descriptors to look at memory";
#endif
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(make_a_server_with_few_descriptors(), testing::ExitedWithCode(3),
                "server 256 threads: event loop: .*too many open files");
}

TEST(ProcessEndDeathTest, may_be_called_for_by_a_handler_of_a_static_server)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(exit_from_a_handler(), testing::ExitedWithCode(7), "");
}

} // namespace
