// Handlers that wait for work on other threads, when their session or their server ends first.

#include <naru/server/server.hpp>

#include "net/plain_socket.hpp"
#include "server/echo_server.hpp"
#include "server/end_of_server.hpp"

#include <naru/http/serve.hpp>
#include <naru/raw/raw.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace
{

namespace asio = boost::asio;
using namespace std::chrono_literals;
using naru::close_reason;
using naru::server;
using naru::session;
using naru::task;
using naru::testing::anywhere;
using naru::testing::bounded;
using naru::testing::plain_socket;
using naru::testing::quiet;
using naru::testing::signal_flag;
using naru::testing::stopwatch;

/// A pool whose work ends when the test says so.
class Elsewhere : public testing::TestWithParam<int>
{
  protected:
    /// One of the ways in which Asio takes work to another executor and comes back.
    task<> work()
    {
        const auto job = [this]
        {
            begun.set();
            finish.wait();
        };
        switch (GetParam())
        {
        case 0: // post there, and go on there
        {
            auto there = asio::post(pool, asio::bind_executor(pool, asio::use_awaitable));
            co_await std::move(there);
            job();
            const auto here = co_await asio::this_coro::executor;
            auto back = asio::post(here, asio::use_awaitable);
            co_await std::move(back);
            break;
        }
        case 1: // a coroutine there
        {
            const auto blocking = [&job]() -> task<>
            {
                job();
                co_return;
            };
            auto there = asio::co_spawn(pool, blocking, asio::use_awaitable);
            co_await std::move(there);
            break;
        }
        case 2: // an operation of one's own, with the executor that the handler is associated with
        {
            auto there = asio::async_initiate<const asio::use_awaitable_t<>, void()>(
                [this, &job](auto handler)
                {
                    auto guard = asio::make_work_guard(handler);
                    asio::post(pool,
                               [&job, handler = std::move(handler), guard = std::move(guard)]() mutable
                               {
                                   job();
                                   asio::dispatch(guard.get_executor(), std::move(handler));
                               });
                },
                asio::use_awaitable);
            co_await std::move(there);
            break;
        }
        default: // a thread that knows nothing of executors until it is done
        {
            auto there = asio::async_initiate<const asio::use_awaitable_t<>, void()>(
                [this, &job](auto handler)
                {
                    thread = std::thread(
                        [&job, handler = std::move(handler)]() mutable
                        {
                            job();
                            const auto back = asio::get_associated_executor(handler);
                            asio::post(back, std::move(handler));
                        });
                },
                asio::use_awaitable);
            co_await std::move(there);
        }
        }
    }

    void serve_on(asio::io_context& loop);

    void join()
    {
        if (thread.joinable())
            thread.join();
        pool.join();
    }

    ~Elsewhere() override { join(); }

    signal_flag begun;
    signal_flag finish;
    std::thread thread;
    asio::thread_pool pool{2};
};

TEST_P(Elsewhere, comes_back_when_the_session_is_closed_meanwhile)
{
    std::promise<std::string> said;
    const auto handler = [&](session& s) -> task<>
    {
        co_await work();
        try
        {
            co_await s.write("late");
            said.set_value("it was written");
        }
        catch (const std::exception& e)
        {
            said.set_value(e.what());
        }
    };
    server serving(quiet());
    std::promise<naru::session_ref> named;
    const auto names = [&](session& s) -> task<>
    {
        named.set_value(s.ref());
        co_await handler(s);
    };
    const auto where = serving.listen(anywhere, naru::raw(names)).local();
    serving.start();
    plain_socket client(where);
    begun.wait();
    named.get_future().get().close(close_reason::limit_exceeded);
    EXPECT_EQ(client.receive_all(), "");
    finish.set();
    const std::string heard = said.get_future().get();
    EXPECT_NE(heard.find("the session is closed"), std::string::npos) << heard;
}

TEST_P(Elsewhere, does_not_end_the_process_when_the_deadline_of_the_handler_passes)
{
    naru::http::router site;
    site.get("/",
             [&](const naru::http::request&) -> task<naru::http::response>
             {
                 co_await work();
                 co_return naru::http::text("late");
             });
    server serving(quiet());
    naru::http::options options;
    options.handler_deadline = 50ms;
    const auto where = serving.listen(anywhere, naru::http::serve(site, options)).local();
    serving.start();
    plain_socket client(where);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string answer = client.receive_all();
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 503");
    finish.set();
    serving.drain(10s);
    serving.wait();
}

TEST_P(Elsewhere, may_come_back_when_the_server_is_destroyed)
{
    const auto handler = [&](session& s) -> task<>
    {
        co_await work();
        co_await s.write("late");
    };
    const stopwatch time;
    {
        server serving(quiet());
        const auto where = serving.listen(anywhere, naru::raw(handler)).local();
        serving.start();
        const plain_socket client(where);
        begun.wait();
        serving.drain(10ms);
        serving.wait();
    }
    EXPECT_LT(time.read(), bounded);
    finish.set();
}

/// Until `begun`, on a thread of its own, and then destroys the server.
void Elsewhere::serve_on(asio::io_context& loop)
{
    const auto handler = [&](session& s) -> task<>
    {
        co_await work();
        co_await s.write("late");
    };
    {
        std::optional<server> serving(std::in_place, loop, quiet());
        const auto where = serving->listen(anywhere, naru::raw(handler)).local();
        serving->start();
        const plain_socket client(where);
        std::thread running([&] { loop.run(); });
        begun.wait();
        loop.stop();
        running.join();
    }
}

TEST_P(Elsewhere, may_come_back_when_the_server_on_a_borrowed_loop_is_destroyed)
{
    asio::io_context loop;
    serve_on(loop);
    finish.set();
    join();
    loop.restart();
    loop.poll();
}

TEST_P(Elsewhere, may_come_back_when_the_borrowed_loop_is_destroyed_too)
{
    {
        asio::io_context loop;
        serve_on(loop);
    }
    finish.set();
    join();
}

TEST_P(Elsewhere, is_named_in_the_log_when_the_server_does_not_wait_for_it)
{
    std::mutex mutex;
    std::string log;
    naru::server_options options;
    options.log.sink = [&](std::string_view line)
    {
        const std::lock_guard lock(mutex);
        log.append(line).append("\n");
    };
    const auto handler = [&](session&) -> task<> { co_await work(); };
    {
        server serving(options);
        const auto where = serving.listen(anywhere, naru::raw(handler)).local();
        serving.start();
        const plain_socket client(where);
        begun.wait();
        serving.stop();
    }
    finish.set();
    const std::lock_guard lock(mutex);
    EXPECT_NE(log.find("session_abandoned id=1 protocol=raw"), std::string::npos) << log;
}

INSTANTIATE_TEST_SUITE_P(Work, Elsewhere, testing::Range(0, 4));

TEST(ServerEnd, keeps_what_a_coroutine_needs_that_a_handler_left_on_another_thread)
{
    signal_flag begun;
    signal_flag finish;
    asio::thread_pool pool(1);
    const auto leaves = [&](session&) -> task<>
    {
        const auto executor = co_await asio::this_coro::executor;
        const auto late = [&]() -> task<>
        {
            auto there = asio::post(pool, asio::bind_executor(pool, asio::use_awaitable));
            co_await std::move(there);
            begun.set();
            finish.wait();
            const auto back = co_await asio::this_coro::executor;
            auto here = asio::post(back, asio::use_awaitable);
            co_await std::move(here);
        };
        asio::co_spawn(executor, late, asio::detached);
        begun.wait();
    };
    {
        server serving(quiet());
        const auto where = serving.listen(anywhere, naru::raw(leaves)).local();
        serving.start();
        EXPECT_EQ(plain_socket(where).receive_all(), "");
    }
    finish.set();
    pool.join();
}

TEST(SessionEnd, is_told_when_what_a_handler_awaits_drops_it)
{
    server serving(quiet());
    std::promise<void> destroyed;
    struct tells
    {
        ~tells() { of.set_value(); }
        std::promise<void>& of;
    };
    const auto handler = [&](session&) -> task<>
    {
        const tells end{destroyed};
        auto never =
            asio::async_initiate<const asio::use_awaitable_t<>, void()>([](auto) {}, asio::use_awaitable);
        co_await std::move(never);
    };
    const auto where = serving.listen(anywhere, naru::raw(handler)).local();
    serving.start();
    plain_socket client(where);
    EXPECT_EQ(client.receive_all(), "");
    destroyed.get_future().wait();
    serving.drain(5s);
    serving.wait();
    EXPECT_EQ(serving.figures().closed[static_cast<std::size_t>(close_reason::handler_error)], 1u);
}

} // namespace
