#include "server/session_core.hpp"

#include <naru/raw/raw.hpp>
#include <naru/testing/loopback.hpp>

#include <gtest/gtest.h>

#include <string>

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
    // Bytes are there whenever the turn looks, so nothing ever waits, and only the turn itself can look at
    // the clock.
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

} // namespace
