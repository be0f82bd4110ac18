#include "server/session_core.hpp"

#include <naru/raw/raw.hpp>
#include <naru/testing/loopback.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>

namespace
{

using namespace std::chrono_literals;
using naru::close_reason;
using naru::session;
using naru::task;
using naru::testing::loopback;
using naru::testing::memory_peer;

const naru::testing::loopback_options quiet{.level = naru::log_level::off};

task<> echo_lines(session& s)
{
    while (auto line = co_await s.read_line())
        co_await s.write(*line, "\n");
}

// --- ends ----------------------------------------------------------------------------------------------------------

TEST(SessionCore, sends_the_last_bytes_and_waits_for_the_peer_so_that_no_reset_takes_them)
{
    const auto goodbye = [](session& s) -> task<>
    {
        co_await s.read_line();
        co_await s.write("goodbye");
    };
    loopback server(naru::raw(goodbye), quiet);
    auto client = server.connect();
    client.send("quit\nand a request that is never read");
    server.run();
    EXPECT_EQ(client.take(), "goodbye");
    EXPECT_TRUE(client.ended());
    EXPECT_FALSE(client.closed());
    EXPECT_STREQ(server.sessions().at(0).awaits.operation, "linger");
    client.send("and more");
    server.run();
    EXPECT_FALSE(client.closed());
    client.finish();
    server.run();
    EXPECT_TRUE(client.closed());
    EXPECT_FALSE(client.was_reset());
    EXPECT_EQ(server.ended(close_reason::handler_done), 1u);
}

TEST(SessionCore, lingers_for_as_long_as_the_limit_says)
{
    naru::limits bounds;
    bounds.linger = 500ms;
    loopback server(naru::raw([](session& s) -> task<> { co_await s.write("x"); }, bounds), quiet);
    auto client = server.connect();
    server.run();
    server.advance(499ms);
    EXPECT_FALSE(client.closed());
    client.send("still talking"); // and this makes it no longer
    server.advance(20ms);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::handler_done), 1u) << "a peer that talks on changes nothing in the reason";
}

TEST(SessionCore, lingers_no_longer_for_a_peer_that_floods)
{
    loopback server(naru::raw([](session& s) -> task<> { co_await s.write("x"); }), quiet);
    auto client = server.connect();
    server.run();
    int blocks = 0;
    for (const std::string block(32 * 1024, 'f'); !client.closed() && blocks < 100; ++blocks)
    {
        client.send(block);
        server.run();
    }
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(blocks, 8) << "256 KiB";
}

TEST(SessionCore, closes_at_once_when_the_peer_has_finished_already)
{
    loopback server(naru::raw(echo_lines), quiet);
    auto client = server.connect();
    client.send("last\n");
    client.finish();
    server.run();
    EXPECT_EQ(client.take(), "last\n");
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::peer_closed), 1u);
}

TEST(SessionCore, sends_what_waits_before_it_ends)
{
    const std::string much(50'000, 'm');
    const auto handler = [&](session& s) -> task<>
    {
        s.send(much);
        co_return;
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect({.room = 1'000});
    client.finish();
    std::string got;
    for (std::string part; server.run(), part = client.take(), !part.empty();)
    {
        EXPECT_TRUE(got.size() + part.size() == much.size() || !client.ended());
        got += part;
    }
    EXPECT_EQ(got, much);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::handler_done), 1u);
}

TEST(SessionCore, gives_up_sending_what_a_peer_does_not_take_after_the_handler_has_ended)
{
    naru::limits bounds;
    bounds.write_stall = 1s;
    const std::string much(50'000, 'm');
    const auto handler = [&](session& s) -> task<>
    {
        s.send(much);
        co_return;
    };
    loopback server(naru::raw(handler, bounds), quiet);
    auto client = server.connect({.room = 1'000});
    server.run();
    EXPECT_STREQ(server.sessions().at(0).awaits.operation, "flush");
    server.advance(990ms);
    client.take(); // progress
    server.advance(990ms);
    EXPECT_FALSE(client.closed());
    server.advance(30ms);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::write_stalled), 1u);
}

// --- errors --------------------------------------------------------------------------------------------------------

/// A conversation with reads of every kind, small and large writes, and both half-closes.
task<> converse(session& s)
{
    const std::string large(30'000, 'l');
    const auto name = co_await s.read_line();
    if (!name)
        co_return;
    co_await s.write("hello ", *name);
    co_await s.write(large);
    co_await s.flush();
    while (auto block = co_await s.read_exactly(3))
        co_await s.write(*block);
    co_await s.write(large);
    co_await s.finish_writing();
}

struct outcome
{
    std::string got;
    naru::server_figures figures;
    naru::testing::stream_calls calls;
};

outcome run_conversation(const naru::testing::stream_script& script)
{
    loopback server(naru::raw(converse), quiet);
    auto client = server.connect(script);
    outcome out;
    const auto step = [&]
    {
        for (std::string part; server.run(), part = client.take(), !part.empty();)
            out.got += part;
    };
    for (const char* const words : {"na", "me\nab", "cdef", "ghi"})
    {
        client.send(words);
        step();
    }
    client.finish();
    step();
    out.figures = server.figures();
    out.calls = client.calls();
    return out;
}

TEST(SessionCore, ends_once_and_for_the_right_reason_wherever_the_connection_breaks)
{
    const naru::testing::stream_script smooth{.room = 4'000};
    const outcome whole = run_conversation(smooth);
    ASSERT_EQ(whole.got.size(), std::string_view("hello nameabcdefghi").size() + 60'000);
    ASSERT_EQ(whole.figures.closed[static_cast<std::size_t>(close_reason::peer_closed)], 1u);
    ASSERT_GT(whole.calls.reads, 4u);
    ASSERT_GT(whole.calls.writes, 10u);

    const auto expect_reset = [&](const naru::testing::stream_script& script)
    {
        const outcome broken = run_conversation(script);
        EXPECT_EQ(broken.figures.open, 0u);
        EXPECT_EQ(broken.figures.closed[static_cast<std::size_t>(close_reason::peer_reset)], 1u);
        EXPECT_EQ(whole.got.compare(0, broken.got.size(), broken.got), 0) << "what came was not the beginning";
    };
    for (std::uint64_t k = 1; k <= whole.calls.reads; ++k)
    {
        SCOPED_TRACE(testing::Message() << "read " << k << " fails");
        naru::testing::stream_script script = smooth;
        script.failing_read = k;
        expect_reset(script);
    }
    for (std::uint64_t k = 1; k <= whole.calls.writes; ++k)
    {
        SCOPED_TRACE(testing::Message() << "write " << k << " fails");
        naru::testing::stream_script script = smooth;
        script.failing_write = k;
        expect_reset(script);
    }
}

TEST(SessionCore, is_not_misled_by_a_stream_that_is_said_to_be_ready_and_is_not)
{
    const naru::testing::stream_script smooth{.room = 4'000};
    const outcome whole = run_conversation(smooth);
    for (std::uint64_t k = 1; k <= whole.calls.reads; ++k)
    {
        naru::testing::stream_script script = smooth;
        script.failing_read = k;
        script.read_error = EAGAIN;
        EXPECT_TRUE(run_conversation(script).got == whole.got) << "read " << k;
    }
    for (std::uint64_t k = 1; k <= whole.calls.writes; ++k)
    {
        naru::testing::stream_script script = smooth;
        script.failing_write = k;
        script.write_error = EAGAIN;
        EXPECT_TRUE(run_conversation(script).got == whole.got) << "write " << k;
    }
}

TEST(SessionCore, tells_a_waiting_handler_what_broke)
{
    std::string said;
    const auto handler = [&](session& s) -> task<>
    {
        try
        {
            co_await s.read_line();
        }
        catch (const naru::error& e)
        {
            said = e.what();
            EXPECT_EQ(e.code(), boost::system::errc::timed_out);
        }
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect(naru::endpoint::from("tcp://192.0.2.1:7"));
    server.run();
    client.reset(ETIMEDOUT); // keepalive(7) went unanswered
    server.run();
    EXPECT_EQ(said, "read_line tcp://192.0.2.1:7: connection timed out");
    EXPECT_EQ(server.ended(close_reason::peer_reset), 1u);
}

// --- deadlines -----------------------------------------------------------------------------------------------------

naru::limits short_limits()
{
    naru::limits bounds;
    bounds.idle = 1s;
    bounds.read = 300ms;
    bounds.write_stall = 500ms;
    bounds.linger = 0ms;
    return bounds;
}

// What a deadline may be late by, and the linger of nothing.
constexpr auto late = 40ms;

TEST(SessionDeadlines, end_a_session_that_nothing_comes_from)
{
    loopback server(naru::raw(echo_lines, short_limits()), quiet);
    auto client = server.connect();
    server.run();
    server.advance(1s - 1ms);
    EXPECT_FALSE(client.ended());
    server.advance(late);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::idle_timeout), 1u);
}

TEST(SessionDeadlines, count_the_idle_time_from_the_last_message)
{
    loopback server(naru::raw(echo_lines, short_limits()), quiet);
    auto client = server.connect();
    for (int i = 0; i < 20; ++i)
    {
        client.send("x\n");
        server.advance(900ms);
        ASSERT_FALSE(client.ended()) << "after message " << i;
    }
    server.advance(100ms + late);
    EXPECT_EQ(server.ended(close_reason::idle_timeout), 1u);
}

TEST(SessionDeadlines, count_bytes_that_go_out_as_signs_of_life)
{
    naru::session_ref ref;
    const auto listen = [&](session& s) -> task<>
    {
        ref = s.ref();
        co_await s.read_line();
    };
    loopback server(naru::raw(listen, short_limits()), quiet);
    auto client = server.connect();
    server.run();
    for (int i = 0; i < 5; ++i)
    {
        ref.send("news");
        server.advance(900ms);
        ASSERT_FALSE(client.ended()) << "after " << i + 1 << " pieces of news";
    }
    server.advance(100ms + late);
    EXPECT_EQ(server.ended(close_reason::idle_timeout), 1u);
}

TEST(SessionDeadlines, give_a_message_its_time_from_its_first_byte_however_it_dribbles)
{
    loopback server(naru::raw(echo_lines, short_limits()), quiet);
    auto client = server.connect();
    server.advance(700ms);
    for (int i = 0; i < 3; ++i)
    {
        client.send("x");
        server.advance(99ms);
        ASSERT_FALSE(client.ended());
    }
    client.send("x");
    server.advance(3ms + late);
    EXPECT_EQ(server.ended(close_reason::read_timeout), 1u);
}

TEST(SessionDeadlines, begin_anew_with_each_message_also_when_it_came_with_the_end_of_the_last)
{
    loopback server(naru::raw(echo_lines, short_limits()), quiet);
    auto client = server.connect();
    client.send("begun");
    for (int i = 0; i < 10; ++i)
    {
        server.advance(200ms);
        client.send(" and done\nbegun");
        server.run();
        ASSERT_FALSE(client.ended()) << "in message " << i;
    }
    server.advance(300ms + late);
    EXPECT_EQ(server.ended(close_reason::read_timeout), 1u);
}

TEST(SessionDeadlines, hold_for_a_message_that_is_read_into_the_callers_memory)
{
    const auto handler = [](session& s) -> task<>
    {
        std::string room(10, ' ');
        co_await s.read_into(room);
    };
    loopback server(naru::raw(handler, short_limits()), quiet);
    auto client = server.connect();
    server.run();
    for (int i = 0; i < 3; ++i)
    {
        client.send("x");
        server.advance(99ms);
    }
    EXPECT_FALSE(client.ended());
    server.advance(3ms + late);
    EXPECT_EQ(server.ended(close_reason::read_timeout), 1u);
}

TEST(SessionDeadlines, leave_the_session_usable)
{
    const auto handler = [](session& s) -> task<>
    {
        bool timed_out = false;
        try
        {
            co_await s.read_line();
        }
        catch (const naru::error& e)
        {
            EXPECT_EQ(e.code(), naru::errc::timed_out);
            EXPECT_STREQ(e.what(), "read_line unix:: timed out");
            timed_out = true;
        }
        EXPECT_TRUE(timed_out);
        co_await s.write("hurry up: ");
        const auto line = co_await s.read_line();
        co_await s.write(*line);
    };
    loopback server(naru::raw(handler, short_limits()), quiet);
    auto client = server.connect();
    client.send("slo");
    server.advance(300ms + late);
    EXPECT_EQ(client.take(), "hurry up: ");
    client.send("wly\n");
    server.run();
    EXPECT_EQ(client.take(), "slowly");
    server.advance(late);
    EXPECT_EQ(server.ended(close_reason::handler_done), 1u);
}

TEST(SessionDeadlines, are_not_there_where_the_limit_is_zero)
{
    naru::limits bounds;
    bounds.idle = bounds.read = bounds.write_stall = 0ms;
    loopback server(naru::raw(echo_lines, bounds), quiet);
    auto idle = server.connect();
    auto slow = server.connect();
    slow.send("x");
    auto stalled = server.connect({.room = 0});
    stalled.send("x\n");
    server.advance(1h);
    EXPECT_EQ(server.figures().open, 3u);
}

TEST(SessionDeadlines, end_a_session_whose_peer_takes_nothing)
{
    const std::string much(30'000, 'm');
    std::string said;
    const auto handler = [&](session& s) -> task<>
    {
        try
        {
            co_await s.write(much);
        }
        catch (const naru::error& e)
        {
            said = e.what();
            throw;
        }
    };
    loopback server(naru::raw(handler, short_limits()), quiet);
    auto client = server.connect({.room = 1'000});
    server.run();
    for (int i = 0; i < 5; ++i)
    {
        server.advance(450ms);
        ASSERT_EQ(client.take(10), std::string(10, 'm')) << "ended though there was progress";
    }
    server.advance(500ms + late);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(said, "write unix:: timed out");
    EXPECT_EQ(server.ended(close_reason::write_stalled), 1u);
}

TEST(SessionDeadlines, end_a_session_that_takes_nothing_of_what_others_send_it)
{
    naru::session_ref ref;
    const auto listen = [&](session& s) -> task<>
    {
        ref = s.ref();
        co_await s.read_line();
    };
    loopback server(naru::raw(listen, short_limits()), quiet);
    auto client = server.connect({.room = 0});
    server.run();
    ref.send("news");
    server.advance(500ms + late);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::write_stalled), 1u);
}

TEST(SessionDeadlines, go_by_the_time_of_each_read_also_when_the_shard_never_rests)
{
    // Bytes are there whenever the turn looks, so nothing ever waits, and only the turn itself can look at the clock.
    naru::testing::test_clock* clock = nullptr;
    int lines = 0;
    const auto handler = [&](session& s) -> task<>
    {
        while (co_await s.read_line())
        {
            clock->advance(100ms);
            if (++lines == 50)
                break;
        }
        co_await s.read_line();
    };
    loopback server(naru::raw(handler, short_limits()), quiet);
    clock = &server.clock();
    auto client = server.connect({.read_at_most = 2});
    for (int i = 0; i < 50; ++i)
        client.send("x\n");
    server.run();
    ASSERT_EQ(lines, 50);
    server.advance(900ms);
    EXPECT_FALSE(client.ended()) << "the last line came less than a second ago";
    server.advance(100ms + late);
    EXPECT_EQ(server.ended(close_reason::idle_timeout), 1u);
}

// --- drain and stop, in every state --------------------------------------------------------------------------------

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
    {"in the middle of a message", "read\nbegun", "read_line", " and done\n", "begun and done;", close_reason::drained},
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
        // Who waits between two messages is drained first; who had ended, had ended.
        const bool cut = !row.drained_by.empty() && row.reason != close_reason::handler_done;
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
