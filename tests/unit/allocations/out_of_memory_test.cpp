#include "allocations/allocation_count.hpp"
#include "base/outbox.hpp"
#include "net/plain_socket.hpp"

#include <naru/naru.hpp>
#include <naru/testing/loopback.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <string>
#include <thread>
#include <vector>

namespace
{

using naru::close_reason;
using naru::session;
using naru::task;
using naru::testing::plain_socket;

naru::server_options one_quiet_shard()
{
    naru::server_options out;
    out.threads = 1;
    out.log.level = naru::log_level::off;
    return out;
}

task<> every_kind_of_operation(session& s)
{
    while (const auto line = co_await s.read_line())
    {
        const std::string word(*line);
        if (word == "large")
        {
            const std::string large(3'000'000, 'l'); // more than the kernel takes at once
            co_await s.write(large);
        }
        else if (word == "sends")
            for (int i = 0; i < 400; ++i)
                s.send(std::string(1'000, 's'));
        else if (word == "exactly")
        {
            const auto block = co_await s.read_exactly(100'000);
            co_await s.write(std::string_view(*block).substr(0, 10));
        }
        else if (word == "pause")
        {
            boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                            std::chrono::milliseconds(1));
            co_await timer.async_wait(boost::asio::use_awaitable);
        }
        else if (word == "bounds")
            s.bounds(s.bounds());
        co_await s.write(word, "\n");
        co_await s.flush();
    }
    co_await s.finish_writing();
}

naru::http::response plain(const naru::http::request& asked)
{
    return naru::http::text("plain " + std::to_string(asked.body().size()));
}

task<naru::http::response> later(const naru::http::request&)
{
    co_return naru::http::text(std::string(2'000'000, 'l'));
}

naru::protocol site()
{
    naru::http::router routes;
    routes.get("/", plain);
    routes.post("/", plain);
    routes.get("/later", later);
    return naru::http::serve(std::move(routes));
}

struct script
{
    const char* name;
    naru::protocol speaks;
    std::vector<std::string> sent; // one after another
    std::string probe;             // what the others ask
    std::string answer;            // and hear, in its beginning
};

std::vector<script> scripts()
{
    const std::string rest = " HTTP/1.1\r\nHost: localhost\r\n";
    return {
        {"raw",
         naru::raw(every_kind_of_operation),
         {"one\n", "tw", "o\nlarge\n", "bounds\npause\n", "sends\nexactly\n" + std::string(40'000, 'e'),
          std::string(60'000, 'e') + "last"},
         "probe\n",
         "probe\n"},
        {"http",
         site(),
         {"GET /" + rest + "\r\n",
          "POST /" + rest + "Content-Length: 100000\r\n\r\n" + std::string(30'000, 'b'),
          std::string(70'000, 'b') + "GET /later" + rest + "\r\n",
          "POST /" + rest + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
          "0\r\n\r\nGET /none" + rest + "\r\n"},
         "GET /" + rest + "\r\n",
         "HTTP/1.1 200 OK\r\n"},
    };
}

void run(const script& of, const naru::endpoint& at)
{
    plain_socket client(at);
    for (const std::string& each : of.sent)
    {
        if (!client.send(each))
            return;
        client.is_silent(); // so that what was sent is read by itself
    }
    client.finish();
    client.receive_all();
}

TEST(OutOfMemory, ends_the_session_that_it_meets_and_no_other_wherever_it_comes)
{
    if (!naru::testing::can_fail_allocations())
        GTEST_SKIP() << "a sanitizer has an allocator of its own";
    naru::testing::leave_out_this_thread();
    for (const script& each : scripts())
    {
        naru::server server(one_quiet_shard());
        naru::listener listener = server.listen("tcp://127.0.0.1:0", each.speaks);
        const naru::endpoint at = listener.local();
        server.start();
        plain_socket bystander(at);
        const auto answers = [&](plain_socket& asked)
        { return asked.send(each.probe) && asked.receive(each.answer.size()) == each.answer; };
        ASSERT_TRUE(answers(bystander));
        std::uint64_t nth = 0;
        do
        {
            SCOPED_TRACE(testing::Message() << each.name << ", allocation " << nth + 1);
            naru::testing::fail_allocation(++nth);
            run(each, at);
        } while (naru::testing::allocation_failed());
        EXPECT_GT(nth, 10u);
        // Whatever the bystander has not received yet of its first answer comes before the second.
        EXPECT_TRUE(bystander.send(each.probe));
        EXPECT_FALSE(bystander.receive(1).empty()) << "a session that had memory was ended";
        plain_socket newcomer(at);
        EXPECT_TRUE(answers(newcomer));
        bystander.close();
        newcomer.close();
        server.stop();
        server.wait();
        const naru::server_figures figures = server.figures();
        EXPECT_EQ(figures.open, 0u);
        EXPECT_GT(figures.closed[static_cast<std::size_t>(close_reason::out_of_memory)], 0u);
        EXPECT_LE(listener.figures().memory, 16u * 1024) << "a session was not destroyed";
    }
}

TEST(OutOfMemory, in_a_dial_is_thrown_and_never_waited_for)
{
    if (!naru::testing::can_fail_allocations())
        GTEST_SKIP() << "a sanitizer has an allocator of its own";
    naru::testing::leave_out_this_thread();
    naru::server unserved(one_quiet_shard());
    const naru::listener backlog = unserved.listen("tcp://127.0.0.1:0", naru::raw(every_kind_of_operation));
    const std::string where = backlog.local().text();
    naru::dial_options options;
    options.bounds.linger = std::chrono::milliseconds(100); // longer than a kernel delays what acknowledges

    std::uint64_t nth = 0;
    do
    {
        SCOPED_TRACE(testing::Message() << "allocation " << nth + 1);
        bool ran = false;
        const auto handler = [&ran](naru::session& s) -> task<>
        {
            ran = true;
            co_await s.write("x");
        };
        bool threw = false;
        const auto began = std::chrono::steady_clock::now();
        std::thread dialler(
            [&]
            {
                naru::testing::fail_allocation(++nth);
                try
                {
                    naru::dial(where, handler, options);
                }
                catch (const std::exception&)
                {
                    threw = true;
                }
            });
        dialler.join();
        EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(1));
        EXPECT_TRUE(ran || threw) << "it returned as if the handler had run";
    } while (naru::testing::allocation_failed());
    EXPECT_GT(nth, 10u);
}

// --- what sessions hold ------------------------------------------------------------------------------------

TEST(Memory, of_a_session_that_has_used_its_outbox_once_is_that_of_any_other)
{
    if (!naru::testing::can_count_allocations())
        GTEST_SKIP() << "a sanitizer has an allocator of its own";
    const auto handler = [](session& s) -> task<>
    {
        s.send(std::string(5'000, 's'));
        co_await s.flush();
        co_await s.read_line();
    };
    constexpr int sessions = 500;
    const auto per_session = [&](std::size_t room)
    {
        naru::testing::loopback server(naru::raw(handler), {.level = naru::log_level::off});
        std::vector<naru::testing::memory_peer> clients;
        clients.reserve(sessions);
        const std::size_t before = naru::testing::allocated_bytes();
        for (int i = 0; i < sessions; ++i)
        {
            clients.push_back(server.connect({.room = room}));
            server.run();
            for (std::string part; part = clients.back().take(), server.run(), !part.empty();)
                ;
        }
        EXPECT_EQ(server.sessions().size(), std::size_t(sessions));
        return (naru::testing::allocated_bytes() - before) / sessions;
    };
    const std::size_t never_used = per_session(100'000);
    EXPECT_LE(per_session(1'000), never_used + 128) << "a few are kept by the shard, for all of its sessions";
}

TEST(Memory, of_bodies_that_are_not_whole_yet_is_hardly_more_than_their_bytes)
{
    if (!naru::testing::can_count_allocations())
        GTEST_SKIP() << "a sanitizer has an allocator of its own";
    for (const bool known : {true, false})
    {
        constexpr std::size_t sessions = 20;
        constexpr std::size_t body = 1'000'000;
        naru::testing::loopback server(site(), {.level = naru::log_level::off});
        std::vector<naru::testing::memory_peer> clients;
        const std::string head =
            std::string("POST / HTTP/1.1\r\nHost: localhost\r\n") +
            (known ? "Content-Length: " + std::to_string(body) : std::string("Transfer-Encoding: chunked")) +
            "\r\n\r\n";
        const std::string piece(10'000, 'b');
        const std::string sent = known ? piece : "2710\r\n" + piece + "\r\n";
        const std::size_t before = naru::testing::allocated_bytes();
        for (std::size_t i = 0; i < sessions; ++i)
        {
            clients.push_back(server.connect());
            clients.back().send(head);
            for (std::size_t bytes = piece.size(); bytes < body; bytes += piece.size())
            {
                clients.back().send(sent);
                server.run();
            }
        }
        const std::size_t held = naru::testing::allocated_bytes() - before;
        EXPECT_LE(held, sessions * body + sessions * body / 8 + 200'000) << (known ? "length" : "chunked");
        EXPECT_NEAR(static_cast<double>(server.traffic().memory), static_cast<double>(held), 400'000.0);
    }
}

TEST(Allocations, are_none_for_an_outbox_that_is_full_and_empty_by_turns)
{
    if (!naru::testing::can_count_allocations())
        GTEST_SKIP() << "a sanitizer has an allocator of its own";
    naru::outboxes shard;
    const std::string message(4'000, 'm');
    std::uint64_t before = 0;
    for (int i = 0; i < 200; ++i)
    {
        if (i == 100)
            before = naru::testing::allocation_count();
        auto box = shard.take();
        box->append_copy(message);
        box->append_copy(message);
        box->consume(2 * message.size());
        shard.give_back(std::move(box));
    }
    EXPECT_EQ(naru::testing::allocation_count() - before, 0u);
}

} // namespace
