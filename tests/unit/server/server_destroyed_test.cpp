// A server is destroyed where somebody still uses it: by its own handlers, under run() and wait(), under its
// handles.

#include <naru/server/dial.hpp>
#include <naru/server/server.hpp>

#include "net/plain_socket.hpp"
#include "server/echo_server.hpp"

#include <naru/raw/raw.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace
{

namespace asio = boost::asio;
using namespace std::chrono_literals;
using naru::server;
using naru::session;
using naru::task;
using naru::testing::echo;
using naru::testing::plain_socket;
using naru::testing::quiet;

constexpr std::string_view anywhere = "tcp://127.0.0.1:0";

// --- by a handler --------------------------------------------------------------------------------

class DestroyedByItsHandler : public testing::TestWithParam<unsigned>
{
  protected:
    /// A handler that destroys the server, and goes on.
    naru::protocol destroys()
    {
        return naru::raw(
            [this](session& s) -> task<>
            {
                if (drains)
                    serving->drain(1h);
                serving.reset();
                s.send("too late");
                gone.set_value();
                co_return;
            });
    }

    std::optional<server> serving{std::in_place, quiet(GetParam())};
    bool drains = false;
    std::promise<void> gone;
};

TEST_P(DestroyedByItsHandler, ends)
{
    const auto listening = serving->listen(anywhere, destroys());
    serving->start();
    plain_socket client(listening.local());
    gone.get_future().wait();
    EXPECT_NE(plain_socket(listening.local()).error(), 0);
    EXPECT_EQ(listening.figures().accepted, 1u);
}

TEST_P(DestroyedByItsHandler, in_a_drain_ends)
{
    drains = true;
    const auto where = serving->listen(anywhere, destroys()).local();
    const auto others = serving->listen(anywhere, naru::raw(echo)).local();
    serving->start();
    plain_socket other(others);
    EXPECT_EQ(naru::testing::ask(other, "hello"), "hello\n");
    plain_socket client(where);
    gone.get_future().wait();
}

TEST_P(DestroyedByItsHandler, lets_wait_return_in_another_thread)
{
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "only the connection orders the call of wait() before the destruction";
#endif
    const auto where = serving->listen(anywhere, destroys()).local();
    serving->start();
    std::latch waits(1);
    std::thread waiting(
        [&, over = &*serving]
        {
            waits.count_down();
            over->wait();
        });
    waits.wait();
    std::this_thread::yield();
    plain_socket client(where);
    gone.get_future().wait();
    waiting.join();
}

TEST_P(DestroyedByItsHandler, lets_run_return)
{
    const auto where = serving->listen(anywhere, destroys()).local();
    std::optional<plain_socket> client;
    EXPECT_EQ(serving->run([&] { client.emplace(where); }), 0);
    gone.get_future().wait();
}

INSTANTIATE_TEST_SUITE_P(Shards, DestroyedByItsHandler, testing::Values(1u, 3u));

TEST(ServerDestroyed, by_its_handler_on_a_borrowed_loop_ends)
{
    asio::io_context loop;
    std::optional<server> serving(std::in_place, loop, quiet());
    std::promise<void> gone;
    const auto destroys = [&](session& s) -> task<>
    {
        co_await s.read_line();
        serving.reset();
        s.send("too late");
        gone.set_value();
        loop.stop();
    };
    const auto where = serving->listen(anywhere, naru::raw(destroys)).local();
    const auto others = serving->listen(anywhere, naru::raw(echo)).local();
    serving->start();
    plain_socket client(where);
    plain_socket other(others);
    client.send("x\n");
    loop.run();
    gone.get_future().wait();
    loop.restart();
    loop.poll();
}

// --- under run() and wait() ----------------------------------------------------------------------

TEST(ServerDestroyed, when_it_is_ready_lets_run_return)
{
    std::optional<server> serving(std::in_place, quiet(2));
    const auto where = serving->listen(anywhere, naru::raw(echo)).local();
    plain_socket client;
    EXPECT_EQ(serving->run(
                  [&]
                  {
                      client = plain_socket(where);
                      EXPECT_EQ(naru::testing::ask(client, "hello"), "hello\n");
                      serving.reset();
                  }),
              0);
    EXPECT_EQ(client.receive_all(), "");
}

TEST(ServerDestroyed, under_run_lets_it_return)
{
    std::optional<server> serving(std::in_place, quiet(2));
    const auto where = serving->listen(anywhere, naru::raw(echo)).local();
    std::promise<void> ready;
    std::thread running([&] { EXPECT_EQ(serving->run([&] { ready.set_value(); }), 0); });
    ready.get_future().wait();
    plain_socket client(where);
    EXPECT_EQ(naru::testing::ask(client, "hello"), "hello\n");
    serving.reset();
    running.join();
}

// --- under its handles ---------------------------------------------------------------------------

TEST(ServerDestroyed, while_its_listener_is_closed_by_other_threads)
{
    for (int round = 0; round < 300; ++round)
    {
        std::optional<server> serving(std::in_place, quiet(2));
        auto one = serving->listen(anywhere, naru::raw(echo));
        auto two = serving->listen("unix:@naru-destroyed-" + std::to_string(::getpid()), naru::raw(echo));
        serving->start();
        std::latch all(4);
        std::vector<std::thread> closing;
        for (int i = 0; i < 3; ++i)
            closing.emplace_back(
                [&all, one, two]() mutable
                {
                    all.arrive_and_wait();
                    one.close();
                    two.close();
                    static_cast<void>(one.figures());
                    static_cast<void>(two.figures());
                });
        all.arrive_and_wait();
        serving.reset();
        for (std::thread& each : closing)
            each.join();
    }
}

} // namespace
