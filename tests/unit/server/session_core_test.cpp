#include "server/session_core.hpp"

#include <naru/raw/raw.hpp>
#include <naru/testing/loopback.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

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

TEST(SessionCore, lingers_too_when_the_handler_reads_no_more)
{
    const auto handler = [](session& s) -> task<>
    {
        s.finish_reading();
        co_await s.write("enough");
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    server.run();
    EXPECT_FALSE(client.closed()) << "what the peer still sends would make the close a reset";
    client.send("and on and on");
    server.run();
    client.finish();
    server.run();
    EXPECT_EQ(client.take(), "enough");
    EXPECT_TRUE(client.closed());
    EXPECT_FALSE(client.was_reset());
}

TEST(SessionCore, has_the_reason_of_what_cut_its_end_and_not_of_what_came_after_it)
{
    for (const bool all_sent : {false, true})
    {
        naru::session_ref ref;
        const auto handler = [&](session& s) -> task<>
        {
            ref = s.ref();
            s.send(std::string(200'000, 'x'));
            co_return;
        };
        loopback server(naru::raw(handler), quiet);
        auto client = server.connect();
        server.run();
        ASSERT_STREQ(server.sessions().at(0).awaits.operation, "flush");
        while (all_sent && server.sessions().at(0).awaits.operation == std::string_view("flush"))
        {
            client.take();
            server.run();
        }
        ref.close();
        server.run();
        EXPECT_TRUE(client.closed());
        EXPECT_EQ(server.ended(all_sent ? close_reason::handler_done : close_reason::closed_by_us), 1u);
    }
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
    for (const std::string block(32 * 1024, 'f'); !client.closed() && blocks < 10'000; ++blocks)
    {
        client.send(block);
        server.run();
    }
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(blocks, 65 * 32) << "64 MiB, and one for what is beside the message";
    EXPECT_EQ(server.ended(close_reason::handler_done), 1u);
    EXPECT_EQ(server.traffic().bytes_in, std::uint64_t{65} << 20);
}

TEST(SessionCore, lingers_while_the_peer_goes_on_sending_and_no_longer_than_the_limit)
{
    naru::limits bounds;
    bounds.linger = 10s;
    bounds.linger_idle = 1s;
    loopback server(naru::raw([](session& s) -> task<> { co_await s.write("x"); }, bounds), quiet);
    auto sending = server.connect();
    auto dripping = server.connect();
    auto silent = server.connect();
    server.run();
    const auto pass = [&](std::chrono::milliseconds time)
    {
        for (auto passed = 0ms; passed < time; passed += 500ms)
        {
            sending.send(std::string(4096, 's'));
            dripping.send("d");
            server.run();
            server.advance(500ms);
        }
    };
    pass(1500ms);
    EXPECT_FALSE(sending.closed());
    EXPECT_TRUE(silent.closed());
    EXPECT_TRUE(dripping.closed());
    pass(8s);
    EXPECT_FALSE(sending.closed());
    pass(1s);
    EXPECT_TRUE(sending.closed());
    EXPECT_EQ(server.ended(close_reason::handler_done), 3u);
}

TEST(SessionCore, lingers_no_longer_for_a_peer_that_sends_while_the_server_drains)
{
    loopback server(naru::raw([](session& s) -> task<> { co_await s.write("x"); }), quiet);
    auto client = server.connect();
    server.run();
    server.advance(1s);
    client.send(std::string(4096, 's'));
    server.run();
    server.drain();
    for (int i = 0; i < 5; ++i)
    {
        server.run();
        client.send(std::string(4096, 's'));
        server.advance(500ms);
    }
    EXPECT_TRUE(client.closed());
}

TEST(SessionCore, does_not_overflow_with_the_longest_linger)
{
    naru::limits bounds;
    bounds.linger = bounds.linger_idle = std::chrono::milliseconds::max();
    loopback server(naru::raw([](session& s) -> task<> { co_await s.write("x"); }, bounds), quiet);
    auto client = server.connect();
    server.run();
    server.advance(24h);
    EXPECT_FALSE(client.closed());
    client.finish();
    server.run();
    EXPECT_TRUE(client.closed());
}

// A peer that reads only when it has sent everything does not take the rest of the outbox until then.
TEST(SessionCore, reads_on_while_the_rest_of_the_outbox_waits)
{
    const auto handler = [](session& s) -> task<>
    {
        s.send(std::string(50'000, 'm'));
        co_return;
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect({.room = 1'000});
    server.run();
    client.send(std::string(1'000'000, 'u'));
    server.run();
    ASSERT_EQ(server.sessions().size(), 1u);
    EXPECT_STREQ(server.sessions()[0].awaits.operation, "flush");
    EXPECT_EQ(server.sessions()[0].bytes_in, 1'000'000u);
    std::string got;
    for (std::string part; server.run(), part = client.take(), !part.empty();)
        got += part;
    EXPECT_EQ(got.size(), 50'000u);
    client.finish();
    server.run();
    EXPECT_TRUE(client.closed());
    EXPECT_FALSE(client.was_reset());
}

TEST(SessionCore, takes_the_greatest_numbers_for_no_limit)
{
    naru::limits bounds;
    bounds.line = bounds.message = bounds.outbox_high = bounds.outbox_low = bounds.outbox_full =
        std::numeric_limits<std::size_t>::max();
    const auto handler = [](session& s) -> task<>
    {
        const auto line = co_await s.read_line();
        co_await s.write(*line, "|");
        const auto item = co_await s.read_until("--");
        co_await s.write(*item, "|");
        const auto rest = co_await s.read_exactly(3);
        co_await s.write(*rest);
    };
    loopback server(naru::raw(handler, bounds), quiet);
    auto client = server.connect({.read_at_most = 1});
    client.send("line\nitem--abc");
    server.run();
    EXPECT_EQ(client.take(), "line|item|abc");
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

// --- memory ------------------------------------------------------------------------------------------------

TEST(SessionMemory,
     is_limited_for_all_sessions_of_a_listener_together_and_the_one_that_asks_for_more_is_ended)
{
    naru::testing::loopback_options options = quiet;
    options.memory = 1'000'000;
    const auto half_a_message = [](session& s) -> task<>
    {
        if (co_await s.read_exactly(300'000))
            co_await s.write("whole");
    };
    loopback server(naru::raw(half_a_message), options);
    std::vector<naru::testing::memory_peer> clients;
    for (int i = 0; i < 6; ++i)
    {
        clients.push_back(server.connect());
        clients.back().send(std::string(200'000, 'h'));
        server.run();
    }
    EXPECT_LE(server.traffic().memory, options.memory + 32 * 1024);
    EXPECT_GT(server.traffic().memory, options.memory / 2);
    EXPECT_EQ(server.ended(close_reason::limit_exceeded), 2u);
    // What is given back is there for the next.
    for (int i = 0; i < 4; ++i)
        clients[static_cast<std::size_t>(i)].reset();
    server.run();
    EXPECT_LE(server.traffic().memory, 16u * 1024);
    clients.push_back(server.connect());
    clients.back().send(std::string(300'000, 'w'));
    server.run();
    EXPECT_EQ(clients.back().take(), "whole");
}

TEST(SessionMemory, of_a_session_that_is_ended_for_it_is_there_for_the_next_in_the_same_pass)
{
    naru::testing::loopback_options options = quiet;
    options.memory = 1'000'000;
    const auto waits = [](session& s) -> task<> { co_await s.read_exactly(300'000); };
    loopback server(naru::raw(waits), options);
    std::vector<naru::testing::memory_peer> clients;
    for (int i = 0; i < 6; ++i)
    {
        clients.push_back(server.connect());
        clients.back().send(std::string(130'000, 'h'));
    }
    server.run();
    ASSERT_EQ(server.figures().open, 6u);
    for (naru::testing::memory_peer& each : clients)
        each.send(std::string(60'000, 'h'));
    server.run();
    EXPECT_GE(server.ended(close_reason::limit_exceeded), 1u);
    EXPECT_LE(server.ended(close_reason::limit_exceeded), 2u);
}

TEST(SessionMemory, is_limited_in_outboxes_too)
{
    naru::testing::loopback_options options = quiet;
    options.memory = 1'000'000;
    const auto sends = [](session& s) -> task<>
    {
        s.send(std::string(400'000, 's'));
        co_await s.read_line();
    };
    loopback server(naru::raw(sends), options);
    std::vector<naru::testing::memory_peer> clients;
    for (int i = 0; i < 4; ++i)
    {
        clients.push_back(server.connect({.room = 0}));
        server.run();
    }
    EXPECT_EQ(server.ended(close_reason::limit_exceeded), 2u);
    EXPECT_EQ(server.figures().open, 2u);
    EXPECT_NEAR(static_cast<double>(server.traffic().memory), 800'000.0, 32.0 * 1024);
}

} // namespace
