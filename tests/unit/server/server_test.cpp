#include <naru/server/server.hpp>

#include "net/plain_socket.hpp"
#include "server/echo_server.hpp"

#include <naru/raw/raw.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <signal.h>
#include <unistd.h>

#include <fcntl.h>

#include <algorithm>
#include <future>
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
using naru::testing::ask;
using naru::testing::echo;
using naru::testing::plain_socket;
using naru::testing::quiet;

/// Knows no cancellation.
task<> never_ends(session& s)
{
    co_await s.write("here");
    co_await s.flush();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::use_awaitable);
}

std::uint64_t ended(const server& serving, close_reason reason)
{
    return serving.figures().closed[static_cast<std::size_t>(reason)];
}

/// Asks for a picture of the sessions from a loop of its own, which must outlive the server: the shard that
/// answers may still have its hand on it.
std::vector<naru::session_info> picture(server& of, asio::io_context& from)
{
    from.restart();
    auto asked = asio::co_spawn(from, of.sessions(), asio::use_future);
    from.run();
    return asked.get();
}

// --- listening ---------------------------------------------------------------------------------------------

TEST(Server, serves_from_start_on_over_all_its_shards)
{
    server serving(quiet(3));
    const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(echo)).local();
    plain_socket early(at); // the kernel keeps it until then
    serving.start();
    serving.start();
    EXPECT_EQ(ask(early, "early"), "early\n");
    std::vector<plain_socket> clients;
    for (int i = 0; i < 30; ++i)
        EXPECT_EQ(ask(clients.emplace_back(at), "hello"), "hello\n");
    EXPECT_EQ(serving.figures().opened, 31u);
    EXPECT_EQ(serving.figures().open, 31u);
}

TEST(Server, refuses_to_listen_where_it_cannot_and_says_why)
{
    server serving(quiet(2));
    const std::string taken = serving.listen("tcp://127.0.0.1:0", naru::raw(echo)).local().text();
    struct row
    {
        std::string where;
        std::string said;
    };
    const row rows[] = {
        {taken, "listen " + taken + ": bind: address already in use"},
        {"tcp://localhost", "listen tcp://localhost: the :port is missing (port 0 lets the kernel choose), "
                            "at character 16: not an endpoint"},
        {"tcp://192.0.2.1:0", "listen tcp://192.0.2.1:0: bind: cannot assign requested address"},
        {"unix:/no/such/folder/s", "listen unix:/no/such/folder/s: bind: no such file or directory"},
    };
    for (const row& each : rows)
        try
        {
            serving.listen(each.where, naru::raw(echo));
            ADD_FAILURE() << each.where;
        }
        catch (const naru::error& e)
        {
            EXPECT_EQ(e.what(), each.said);
        }
}

TEST(Server, closes_its_ports_when_it_is_destroyed_without_ever_having_started)
{
    naru::endpoint at;
    const auto began = std::chrono::steady_clock::now();
    {
        server never_started(quiet(2));
        at = never_started.listen("tcp://127.0.0.1:0", naru::raw(echo)).local();
        const plain_socket waits(at);
    }
    EXPECT_EQ(plain_socket(at).error(), ECONNREFUSED);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 1s) << "it waited for what was never begun";
}

TEST(Server, shows_its_sessions_of_all_shards_by_id)
{
    asio::io_context elsewhere;
    server serving(quiet(2));
    const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(echo)).local();
    serving.start();
    std::vector<plain_socket> clients;
    for (int i = 0; i < 8; ++i)
        ASSERT_EQ(ask(clients.emplace_back(at), "x"), "x\n");
    const auto sessions = picture(serving, elsewhere);
    ASSERT_EQ(sessions.size(), 8u);
    for (std::size_t i = 0; i < sessions.size(); ++i)
    {
        EXPECT_EQ(sessions[i].id, i + 1);
        EXPECT_EQ(sessions[i].bytes_in, 2u);
        EXPECT_STREQ(sessions[i].awaits.operation, "read_line");
        EXPECT_GE(sessions[i].descriptor, 0);
    }
}

TEST(Server, shows_its_sessions_to_one_of_them)
{
    server* all = nullptr;
    const auto count = [&](session& s) -> task<>
    {
        auto asked = all->sessions();
        const auto sessions = co_await std::move(asked);
        co_await s.write(std::to_string(sessions.size()));
    };
    server serving(quiet(2));
    all = &serving;
    const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(count)).local();
    serving.start();
    EXPECT_EQ(plain_socket(at).receive(1), "1");
}

// --- ending ------------------------------------------------------------------------------------------------

TEST(Server, drains_takes_nothing_new_ends_who_is_idle_and_lets_the_others_finish)
{
    asio::io_context elsewhere;
    server serving(quiet(2));
    const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(echo)).local();
    serving.start();
    plain_socket idle(at);
    plain_socket busy(at);
    ASSERT_EQ(ask(idle, "x"), "x\n");
    ASSERT_EQ(ask(busy, "x"), "x\n");
    busy.send("begun");
    const auto has_begun = [](const naru::session_info& each) { return each.bytes_in == 7; };
    for (bool seen = false; !seen;)
        seen = std::ranges::any_of(picture(serving, elsewhere), has_begun);
    EXPECT_FALSE(serving.draining());
    serving.drain(10s);
    EXPECT_TRUE(serving.draining());
    EXPECT_EQ(idle.receive_all(), "");
    int error = 0;
    for (int i = 0; i < 10'000 && error != ECONNREFUSED; ++i) // each shard closes its own, a moment later
        error = plain_socket(at).error();
    EXPECT_EQ(error, ECONNREFUSED);
    EXPECT_EQ(ask(busy, " and done"), "begun and ");
    EXPECT_EQ(busy.receive_all(), "done\n");
    idle.close();
    busy.close();
    serving.wait();
    EXPECT_GE(ended(serving, close_reason::drained), 2u);
    EXPECT_EQ(ended(serving, close_reason::shutdown), 0u);
    EXPECT_EQ(serving.figures().open, 0u);
}

TEST(Server, listens_no_more_once_it_drains)
{
    server serving(quiet());
    serving.listen("tcp://127.0.0.1:0", naru::raw(echo));
    serving.start();
    serving.drain(1s);
    try
    {
        serving.listen("tcp://127.0.0.1:0", naru::raw(echo));
        FAIL() << "it listens";
    }
    catch (const naru::error& e)
    {
        EXPECT_EQ(e.code(), naru::errc::closed);
        EXPECT_EQ(e.operation(), "listen");
    }
}

TEST(Server, cuts_who_is_left_after_the_deadline_of_a_drain)
{
    server serving(quiet(2));
    const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(echo)).local();
    serving.start();
    plain_socket slow(at);
    ASSERT_EQ(ask(slow, "x"), "x\n");
    slow.send("begun");
    while (serving.figures().open == 0)
        std::this_thread::yield();
    const auto began = std::chrono::steady_clock::now();
    serving.drain(100ms);
    serving.wait();
    EXPECT_GE(std::chrono::steady_clock::now() - began, 0ms);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 1500ms);
    EXPECT_EQ(ended(serving, close_reason::shutdown) + ended(serving, close_reason::drained), 1u);
}

TEST(Server, drains_no_longer_because_it_is_told_so_again)
{
    server serving(quiet());
    const auto waits = [](session& s) -> task<>
    {
        co_await s.write("here");
        co_await s.flush();
        asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        co_await never.async_wait(asio::use_awaitable);
    };
    const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(waits)).local();
    serving.start();
    plain_socket client(at);
    ASSERT_EQ(client.receive(4), "here");
    const auto began = std::chrono::steady_clock::now();
    serving.drain(50ms);
    serving.drain(1h);
    client.receive_all();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 4s);
    serving.stop();
    serving.wait();
    EXPECT_EQ(ended(serving, close_reason::shutdown), 1u);
}

TEST(Server, stops_at_once)
{
    server serving(quiet(2));
    const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(echo)).local();
    serving.start();
    std::vector<plain_socket> clients;
    for (int i = 0; i < 20; ++i)
    {
        ASSERT_EQ(ask(clients.emplace_back(at), "x"), "x\n");
        clients.back().send("begun");
    }
    serving.stop();
    serving.stop();
    serving.wait();
    EXPECT_EQ(serving.figures().open, 0u);
    EXPECT_EQ(ended(serving, close_reason::shutdown) + ended(serving, close_reason::drained), 20u);
}

TEST(Server, may_be_told_to_drain_and_stop_by_its_own_sessions)
{
    server* self = nullptr;
    const auto obey = [&](session& s) -> task<>
    {
        const auto order = co_await s.read_line();
        *order == "drain" ? self->drain(5s) : self->stop();
        co_await s.read_line();
    };
    for (const char* const order : {"drain\n", "stop\n"})
    {
        server serving(quiet(2));
        self = &serving;
        const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(obey)).local();
        serving.start();
        plain_socket client(at);
        client.send(order);
        client.receive_all();
        client.close();
        serving.wait();
        EXPECT_EQ(serving.figures().open, 0u);
    }
}

TEST(Server, does_not_wait_for_ever_for_a_handler_that_knows_no_cancellation)
{
    server serving(quiet());
    const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(never_ends)).local();
    serving.start();
    plain_socket client(at);
    ASSERT_EQ(client.receive(4), "here");
    auto waiting = std::async(std::launch::async, [&] { serving.wait(); });
    EXPECT_EQ(waiting.wait_for(20ms), std::future_status::timeout);
    serving.stop(); // while somebody waits already
    EXPECT_EQ(waiting.wait_for(4s), std::future_status::ready) << "wait() does not see the stop";
    client.receive_all();
    serving.stop();
}

TEST(Server, ends_with_its_destructor_whatever_goes_on)
{
    std::vector<plain_socket> clients;
    {
        server serving(quiet(2));
        const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(echo)).local();
        serving.start();
        for (int i = 0; i < 10; ++i)
            clients.emplace_back(at).send("begun");
    }
    for (plain_socket& each : clients)
    {
        each.receive_all();
        EXPECT_NE(each.error(), ETIMEDOUT);
    }
}

// --- run and signals ---------------------------------------------------------------------------------------

// Here the server runs on the test's own thread, as it does in a program, and the signals are for that one.

TEST(ServerRun, drains_on_a_signal_and_returns_0)
{
    for (const int signal : {SIGTERM, SIGINT})
    {
        server serving(quiet(2));
        const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(echo)).local();
        std::thread peer(
            [&, here = ::pthread_self()]
            {
                plain_socket client(at);
                EXPECT_EQ(ask(client, "x"), "x\n");
                ::pthread_kill(here, signal);
                EXPECT_EQ(client.receive_all(), "");
            });
        EXPECT_EQ(serving.run(), 0);
        peer.join();
        EXPECT_EQ(ended(serving, close_reason::drained), 1u);
    }
}

TEST(ServerRun, hears_signals_from_the_moment_that_it_says_it_is_ready)
{
    server serving(quiet());
    serving.listen("tcp://127.0.0.1:0", naru::raw(echo));
    EXPECT_EQ(serving.run([] { ::pthread_kill(::pthread_self(), SIGTERM); }), 0);
}

TEST(ServerRun, gives_back_what_ready_throws)
{
    server serving(quiet());
    serving.listen("tcp://127.0.0.1:0", naru::raw(echo));
    EXPECT_THROW(serving.run([] { throw std::runtime_error("nobody to tell"); }), std::runtime_error);
}

TEST(ServerRun, stops_on_a_second_signal_and_returns_1)
{
    asio::io_context elsewhere;
    server serving(quiet());
    const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(echo)).local();
    std::thread peer(
        [&, here = ::pthread_self()]
        {
            plain_socket client(at);
            EXPECT_EQ(ask(client, "x"), "x\n");
            client.send("begun"); // which the drain waits for
            while (picture(serving, elsewhere).at(0).bytes_in < 7)
                std::this_thread::yield();
            ::pthread_kill(here, SIGTERM);
            while (!serving.draining())
                std::this_thread::yield();
            EXPECT_TRUE(client.is_silent());
            ::pthread_kill(here, SIGTERM);
            EXPECT_EQ(client.receive_all(), "");
        });
    EXPECT_EQ(serving.run(), 1);
    peer.join();
    EXPECT_EQ(ended(serving, close_reason::shutdown), 1u);
}

TEST(ServerRun, returns_0_when_it_is_drained_from_inside)
{
    server serving(quiet());
    serving.listen("tcp://127.0.0.1:0", naru::raw(echo));
    auto status = std::async(std::launch::async, [&] { return serving.run(); });
    serving.drain(1s);
    EXPECT_EQ(status.get(), 0);
}

// --- in somebody else's loop -------------------------------------------------------------------------------

TEST(ServerInALoop, serves_drains_and_leaves_the_loop_to_its_owner)
{
    asio::io_context loop;
    bool others_ran = false;
    asio::post(loop, [&] { others_ran = true; });
    {
        server serving(loop, quiet());
        const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(echo)).local();
        serving.start();
        std::thread client_thread(
            [&]
            {
                plain_socket client(at);
                EXPECT_EQ(ask(client, "hello"), "hello\n");
                asio::post(loop, [&] { serving.drain(5s); });
                EXPECT_EQ(client.receive_all(), "");
            });
        loop.run(); // ends by itself when nothing is left
        client_thread.join();
        EXPECT_EQ(serving.figures().open, 0u);
        EXPECT_EQ(ended(serving, close_reason::drained), 1u);
    }
    EXPECT_TRUE(others_ran);
}

TEST(ServerInALoop, is_over_when_it_is_destroyed_with_sessions_open)
{
    asio::io_context loop;
    plain_socket client;
    {
        server serving(loop, quiet());
        const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(echo)).local();
        serving.start();
        client = plain_socket(at);
        client.send("x\n");
        while (serving.figures().open == 0)
            loop.run_one();
    }
    client.receive_all();
    EXPECT_NE(client.error(), ETIMEDOUT);
    loop.restart();
    EXPECT_EQ(loop.poll(), 0u) << "something of the server's was left in the loop";
}

// --- over real sockets -------------------------------------------------------------------------------------

TEST(ServerOverTcp, gives_up_a_socket_with_what_is_unread)
{
    std::promise<session::released> given;
    const auto handler = [&](session& s) -> task<>
    {
        co_await s.read_line();
        given.set_value(s.release());
    };
    server serving(quiet());
    const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(handler)).local();
    serving.start();
    plain_socket client(at);
    client.send("upgrade\nunread");
    const auto taken = given.get_future().get();
    EXPECT_EQ(taken.unread, "unread");
    ASSERT_GE(taken.descriptor, 0);
    EXPECT_TRUE(::fcntl(taken.descriptor, F_GETFL) & O_NONBLOCK);
    serving.stop();
    serving.wait();
    plain_socket mine{naru::descriptor(taken.descriptor)};
    EXPECT_TRUE(mine.send("from its new owner"));
    EXPECT_EQ(client.receive(18), "from its new owner");
}

TEST(ServerOverTcp, carries_more_than_every_buffer_holds_both_ways)
{
    server serving(quiet(2));
    const auto blocks = [](session& s) -> task<>
    {
        while (auto some = co_await s.read_some())
            co_await s.write(*some);
    };
    const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(blocks)).local();
    serving.start();
    plain_socket client(at);
    std::string sent;
    for (int i = 0; sent.size() < 20'000'000; ++i)
        sent += std::to_string(i) + " ";
    std::thread writer(
        [&]
        {
            client.send(sent);
            client.finish();
        });
    const std::string got = client.receive_all();
    writer.join();
    EXPECT_TRUE(got == sent) << got.size() << " of " << sent.size();
}

TEST(ServerOverTcp, notices_a_reset)
{
    server serving(quiet());
    const auto at = serving.listen("tcp://127.0.0.1:0", naru::raw(echo)).local();
    serving.start();
    plain_socket client(at);
    ASSERT_EQ(ask(client, "x"), "x\n");
    client.reset();
    while (serving.figures().open > 0)
        std::this_thread::yield();
    serving.stop();
    serving.wait();
    EXPECT_EQ(ended(serving, close_reason::peer_reset), 1u);
}

} // namespace
