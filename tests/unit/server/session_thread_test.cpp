#include "net/plain_socket.hpp"

#include <naru/naru.hpp>
#include <naru/testing/loopback.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace
{

namespace asio = boost::asio;
using naru::session;
using naru::task;
using naru::testing::plain_socket;

naru::server_options quiet()
{
    naru::server_options out;
    out.threads = 1;
    out.log.level = naru::log_level::off;
    return out;
}

/// The awaiting coroutine goes on in the pool.
task<> move_to(asio::thread_pool& pool)
{
    auto token = asio::bind_executor(pool, asio::use_awaitable);
    auto moved = asio::post(token);
    co_await std::move(moved);
}

task<> move_back()
{
    auto moved = asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    co_await std::move(moved);
}

struct operation
{
    const char* name;
    std::function<task<>(session&)> call;
};

const operation operations[] = {
    {"read_some", [](session& s) -> task<> { co_await s.read_some(); }},
    {"read_exactly", [](session& s) -> task<> { co_await s.read_exactly(1); }},
    {"read_line", [](session& s) -> task<> { co_await s.read_line(); }},
    {"read_until", [](session& s) -> task<> { co_await s.read_until("x"); }},
    {"read_into",
     [](session& s) -> task<>
     {
         std::string room(1, ' ');
         co_await s.read_into(room);
     }},
    {"try_read_line",
     [](session& s) -> task<>
     {
         s.try_read_line();
         co_return;
     }},
    {"write", [](session& s) -> task<> { co_await s.write("x"); }},
    {"flush", [](session& s) -> task<> { co_await s.flush(); }},
    {"finish_writing", [](session& s) -> task<> { co_await s.finish_writing(); }},
    {"send",
     [](session& s) -> task<>
     {
         s.send("x");
         co_return;
     }},
    {"finish_reading",
     [](session& s) -> task<>
     {
         s.finish_reading();
         co_return;
     }},
    {"cancel",
     [](session& s) -> task<>
     {
         s.cancel();
         co_return;
     }},
    {"close",
     [](session& s) -> task<>
     {
         s.close();
         co_return;
     }},
    {"release",
     [](session& s) -> task<>
     {
         s.release();
         co_return;
     }},
    {"info",
     [](session& s) -> task<>
     {
         s.info();
         co_return;
     }},
    {"bounds",
     [](session& s) -> task<>
     {
         s.bounds(naru::limits{});
         co_return;
     }},
    {"ref",
     [](session& s) -> task<>
     {
         s.ref();
         co_return;
     }},
};

TEST(SessionThread, is_the_only_one_on_which_a_session_can_be_used)
{
    asio::thread_pool pool(1);
    std::vector<std::string> refused;
    const auto handler = [&](session& s) -> task<>
    {
        co_await move_to(pool);
        const std::string peer = s.peer().text();
        for (const operation& each : operations)
            try
            {
                co_await each.call(s);
            }
            catch (const naru::error& e)
            {
                if (e.code() == naru::errc::wrong_thread &&
                    e.what() == each.name + (" " + peer) + ": called on the wrong thread")
                    refused.emplace_back(each.name);
            }
        EXPECT_EQ(s.id(), 1u) << "what does not change may be asked anywhere";
        co_await move_back();
        co_await s.write("back on the shard\n");
        co_await s.write(*co_await s.read_line());
    };
    naru::server server(quiet());
    const naru::endpoint at = server.listen("tcp://127.0.0.1:0", naru::raw(handler)).local();
    server.start();
    plain_socket client(at);
    ASSERT_TRUE(client.send("still whole\n"));
    EXPECT_EQ(client.receive_all(), "back on the shard\nstill whole");
    client.close();
    server.stop();
    server.wait();
    pool.join();
    EXPECT_EQ(refused.size(), std::size(operations));
}

TEST(SessionThread, is_where_a_handler_ends_that_returns_on_another)
{
    asio::thread_pool pool(2);
    const auto handler = [&](session& s) -> task<>
    {
        s.send("hello");
        const auto line = co_await s.read_line();
        const bool fails = *line == "fail";
        co_await move_to(pool);
        if (fails)
            throw std::runtime_error("failed elsewhere");
    };
    naru::server server(quiet());
    const naru::endpoint at = server.listen("tcp://127.0.0.1:0", naru::raw(handler)).local();
    server.start();
    for (int i = 0; i < 20; ++i)
    {
        plain_socket client(at);
        ASSERT_TRUE(client.send(i % 2 ? "fail\n" : "return\n"));
        EXPECT_EQ(client.receive_all(), "hello");
    }
    server.stop();
    server.wait();
    const auto closed = server.figures().closed;
    EXPECT_EQ(closed[static_cast<std::size_t>(naru::close_reason::handler_done)], 10u);
    EXPECT_EQ(closed[static_cast<std::size_t>(naru::close_reason::handler_error)], 10u);
    pool.join();
}

TEST(SessionThread, is_where_the_answer_of_an_http_handler_is_sent_that_returns_on_another)
{
    asio::thread_pool pool(2);
    naru::http::router routes;
    routes.get("/answer",
               [&](const naru::http::request& asked) -> task<naru::http::response>
               {
                   co_await move_to(pool);
                   co_return naru::http::text(std::string(asked.path()));
               });
    routes.get("/fail",
               [&](const naru::http::request&) -> task<naru::http::response>
               {
                   co_await move_to(pool);
                   throw std::runtime_error("failed elsewhere");
               });
    naru::server server(quiet());
    const naru::endpoint at =
        server.listen("tcp://127.0.0.1:0", naru::http::serve(std::move(routes))).local();
    server.start();
    plain_socket client(at);
    const std::string rest = " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (int i = 0; i < 10; ++i)
        ASSERT_TRUE(client.send("GET /answer" + rest + "GET /fail" + rest));
    client.finish();
    const std::string got = client.receive_all();
    int answers = 0;
    int failures = 0;
    for (std::size_t at_line = 0; (at_line = got.find("HTTP/1.1 ", at_line)) != std::string::npos; ++at_line)
        got.compare(at_line + 9, 3, "200") == 0 ? ++answers : ++failures;
    EXPECT_EQ(answers, 10);
    EXPECT_EQ(failures, 10);
    client.close();
    server.stop();
    server.wait();
    pool.join();
}

/// A loop of the caller's may be run by one thread after another.
TEST(SessionThread, of_a_borrowed_loop_is_whichever_runs_it)
{
    naru::testing::loopback server(naru::raw(
                                       [](session& s) -> task<>
                                       {
                                           while (const auto line = co_await s.read_line())
                                               co_await s.write(*line, ";");
                                       }),
                                   {.level = naru::log_level::off});
    auto client = server.connect();
    for (const char* line : {"one\n", "two\n", "three\n"})
    {
        client.send(line);
        std::thread([&] { server.run(); }).join();
        client.send(line);
        server.run();
    }
    EXPECT_EQ(client.take(), "one;one;two;two;three;three;");
}

} // namespace
