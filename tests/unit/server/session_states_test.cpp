#include "server/session_core.hpp"

#include <naru/raw/raw.hpp>
#include <naru/testing/loopback.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace
{

using namespace std::chrono_literals;
using naru::close_reason;
using naru::session;
using naru::task;
using naru::testing::loopback;

const naru::testing::loopback_options quiet{.level = naru::log_level::off};

task<> echo_lines(session& s)
{
    while (auto line = co_await s.read_line())
        co_await s.write(*line, "\n");
}

/// Does as the first line says.
task<> every_state(session& s)
{
    const auto first = co_await s.read_line();
    if (!first)
    {
        if (s.draining())
            co_await s.write("drained");
        co_return;
    }
    const std::string what(*first);
    const std::string large(20'000, 'l');
    if (what == "write")
        co_await s.write(large);
    else if (what == "flush")
        s.send(large);
    else if (what == "wait")
    {
        boost::asio::steady_timer never(co_await boost::asio::this_coro::executor,
                                        boost::asio::steady_timer::time_point::max());
        co_await never.async_wait(boost::asio::use_awaitable);
    }
    else if (what == "read")
        while (auto line = co_await s.read_line())
            co_await s.write(*line, ";");
}

struct state_row
{
    const char* name;
    std::string_view sent; // what brings a session into that state
    const char* awaits;
    std::string_view drained_by; // what ends it then: sent by the peer, or "take", or "stop"
    std::string_view got;        // by the peer, after the drain began
    close_reason reason;
};

// The peer's stream has room for 1000 bytes.
const state_row state_rows[] = {
    {"before its first message", "", "read_line", "", "drained", close_reason::drained},
    {"between two messages", "read\n", "read_line", "", "", close_reason::drained},
    {"in the middle of a message", "read\nbegun", "read_line", " and done\n", "begun and done;",
     close_reason::drained},
    {"in a write", "write\n", "write", "take", "large", close_reason::drained},
    {"with a handler that has ended", "flush\n", "flush", "take", "large", close_reason::handler_done},
    {"lingering", "end\n", "linger", "", "", close_reason::handler_done},
    {"in something of its own", "wait\n", "", "stop", "", close_reason::shutdown},
};

TEST(SessionStates, drain_in_order_each_in_its_own_way)
{
    for (const state_row& row : state_rows)
    {
        SCOPED_TRACE(row.name);
        loopback server(naru::raw(every_state), quiet);
        auto client = server.connect({.room = 1'000});
        client.send(row.sent);
        server.run();
        ASSERT_STREQ(server.sessions().at(0).awaits.operation, row.awaits);
        server.drain();
        server.run();
        const std::string_view by = row.drained_by;
        EXPECT_EQ(client.ended(), by.empty()) << "cut in the middle, or not told";
        std::string got;
        if (by == "take")
            for (std::string part; part = client.take(), server.run(), !part.empty();)
                got += part;
        else if (by == "stop")
            server.stop();
        else
            client.send(by);
        server.run();
        got += client.take();
        EXPECT_EQ(got, row.got == "large" ? std::string(20'000, 'l') : row.got);
        EXPECT_TRUE(client.ended());
        client.finish();
        server.run();
        EXPECT_EQ(server.figures().open, 0u);
        EXPECT_EQ(server.ended(row.reason), 1u);
    }
}

TEST(SessionStates, stop_at_once)
{
    for (const state_row& row : state_rows)
    {
        SCOPED_TRACE(row.name);
        loopback server(naru::raw(every_state), quiet);
        auto client = server.connect({.room = 1'000});
        client.send(row.sent);
        server.run();
        server.stop();
        server.run();
        EXPECT_TRUE(client.closed());
        EXPECT_EQ(server.figures().open, 0u);
        EXPECT_TRUE(server.sessions().empty());
        // A session that waits between two messages is drained first. One whose handler has ended is cut too:
        // not all that it wrote has been sent.
        const bool cut = !row.drained_by.empty();
        EXPECT_EQ(server.ended(cut ? close_reason::shutdown : row.reason), 1u);
    }
}

TEST(SessionStates, drain_lets_a_message_be_finished_that_is_read_into_the_callers_memory)
{
    std::string got;
    const auto handler = [&](session& s) -> task<>
    {
        std::string room(6, ' ');
        if (co_await s.read_into(room))
            got = room;
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    client.send("abc");
    server.run();
    server.drain();
    server.run();
    EXPECT_FALSE(client.ended());
    client.send("def");
    client.finish();
    server.run();
    EXPECT_EQ(got, "abcdef");
    EXPECT_EQ(server.ended(close_reason::handler_error), 0u);
}

TEST(SessionStates, a_session_that_comes_while_the_server_drains_is_drained_too)
{
    loopback server(naru::raw(echo_lines), quiet);
    server.drain();
    server.run();
    auto client = server.connect();
    server.run();
    EXPECT_TRUE(client.ended());
    client.finish();
    server.run();
    EXPECT_EQ(server.figures().open, 0u);
}

} // namespace
