#include "server/session_core.hpp"

#include <naru/raw/raw.hpp>
#include <naru/testing/loopback.hpp>

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

TEST(SessionCore, is_not_ended_by_the_peer_when_the_handler_reads_no_more)
{
    const auto handler = [](session& s) -> task<>
    {
        s.finish_reading();
        EXPECT_EQ(co_await s.read_line(), std::nullopt);
        co_await s.write("enough");
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    server.run();
    EXPECT_EQ(client.take(), "enough");
    client.finish();
    server.run();
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
    EXPECT_EQ(server.ended(close_reason::handler_done), 1u)
        << "a peer that talks on changes nothing in the reason";
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
        EXPECT_EQ(whole.got.compare(0, broken.got.size(), broken.got), 0)
            << "what came was not the beginning";
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

} // namespace
