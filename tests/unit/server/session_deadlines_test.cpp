#include "server/session_core.hpp"

#include "net/listening_socket.hpp"
#include "net/plain_socket.hpp"
#include "server/ledger.hpp"
#include "server/listener_state.hpp"
#include "server/shard.hpp"

#include <naru/raw/raw.hpp>
#include <naru/server/server.hpp>
#include <naru/testing/loopback.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
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

// --- progress -------------------------------------------------------------------------------------

// A peer that reads steadily while its kernel is told of room only now and then, as on Linux.
const naru::testing::stream_script coarse{.room = 60'000, .room_to_tell = 20'000, .window = 0};

/// Takes `size` bytes each `pause` until `total` have been taken or the session has closed.
std::size_t take_steadily(loopback& server, naru::testing::memory_peer& client, std::size_t total,
                          std::size_t size, naru::duration pause)
{
    std::size_t taken = 0;
    while (taken < total && (!client.closed() || client.untaken() > 0))
    {
        server.advance(pause);
        taken += client.take(std::min(size, total - taken)).size();
    }
    server.run();
    return taken;
}

/// Writes so much, and waits for a line.
auto writes(std::size_t size)
{
    return [much = std::string(size, 'm')](session& s) -> task<>
    {
        co_await s.write(much);
        co_await s.read_line();
    };
}

TEST(SessionDeadlines, let_a_write_go_on_while_the_peers_kernel_takes_bytes_though_it_tells_of_no_room)
{
    loopback server(naru::raw(writes(200'000), short_limits()), quiet);
    auto client = server.connect(coarse);
    server.run();
    EXPECT_EQ(take_steadily(server, client, 200'000, 1'000, 100ms), 200'000u);
    EXPECT_FALSE(client.ended());
}

TEST(SessionDeadlines, end_a_peer_that_stops_reading_within_an_eighth_of_the_limit_more)
{
    loopback server(naru::raw(writes(200'000), short_limits()), quiet);
    auto client = server.connect(coarse);
    server.run();
    take_steadily(server, client, 50'000, 1'000, 100ms);
    server.advance(500ms - 1ms);
    EXPECT_FALSE(client.closed()) << "the last bytes were taken less than the limit ago";
    server.advance(500ms / 8 + late);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::write_stalled), 1u);
}

TEST(SessionDeadlines, do_not_take_a_byte_now_and_then_for_progress_unless_told_to)
{
    for (const std::size_t rate : {naru::limits().write_rate, std::size_t(0)})
    {
        naru::limits bounds = short_limits();
        bounds.write_rate = rate;
        loopback server(naru::raw(writes(200'000), bounds), quiet);
        auto client = server.connect(coarse);
        server.run();
        take_steadily(server, client, 20, 1, 400ms);
        EXPECT_EQ(client.closed(), rate > 0);
        EXPECT_EQ(server.ended(close_reason::write_stalled), rate > 0 ? 1u : 0u);
    }
}

TEST(SessionDeadlines, see_progress_also_after_the_handler_has_returned)
{
    const auto goodbye = [](session& s) -> task<>
    {
        s.send(std::string(100'000, 'm'));
        co_return;
    };
    loopback server(naru::raw(goodbye, short_limits()), quiet);
    auto client = server.connect(coarse);
    server.run();
    EXPECT_EQ(take_steadily(server, client, 100'000, 1'000, 100ms), 100'000u);
    EXPECT_EQ(server.ended(close_reason::write_stalled), 0u);
}

TEST(SessionDeadlines, do_not_end_the_lingering_while_the_peer_still_receives_what_was_sent)
{
    const auto goodbye = [](session& s) -> task<> { co_await s.write(std::string_view("0123456789")); };
    naru::limits bounds = short_limits();
    bounds.linger = 200ms;
    bounds.write_rate = 0;
    loopback server(naru::raw(goodbye, bounds), quiet);
    auto client = server.connect({.window = 0});
    server.run();
    for (int i = 0; i < 10; ++i)
    {
        ASSERT_FALSE(client.closed()) << "and what comes from the peer now makes it a reset, after " << i;
        client.send("x");
        server.advance(450ms);
        ASSERT_EQ(client.take(1).size(), 1u);
    }
    EXPECT_TRUE(client.ended());
    EXPECT_FALSE(client.closed()) << "the peer needs a moment to read it";
    server.advance(500ms);
    EXPECT_TRUE(client.closed());
    EXPECT_FALSE(client.was_reset());
    EXPECT_EQ(server.ended(close_reason::handler_done), 1u);
}

TEST(SessionDeadlines, end_the_lingering_with_a_peer_that_receives_nothing)
{
    const auto goodbye = [](session& s) -> task<> { co_await s.write("goodbye"); };
    loopback server(naru::raw(goodbye, short_limits()), quiet);
    auto client = server.connect({.window = 0});
    server.advance(500ms);
    EXPECT_FALSE(client.closed());
    server.advance(500ms / 8 + late);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::write_stalled), 1u);
}

TEST(SessionDeadlines, begin_the_idle_time_when_the_peer_has_received_everything)
{
    // With a part that waits in the session, and without.
    for (const std::size_t room : {std::size_t(60'000), std::size_t(300'000)})
    {
        const auto handler = [](session& s) -> task<>
        {
            s.send(std::string(200'000, 'm'));
            while (auto line = co_await s.read_line())
                co_await s.write(*line, "\n");
        };
        naru::limits bounds = short_limits();
        bounds.write_stall = 5s;
        loopback server(naru::raw(handler, bounds), quiet);
        auto client = server.connect({.room = room, .room_to_tell = room / 3, .window = 0});
        server.run();
        ASSERT_EQ(take_steadily(server, client, 200'000, 2'000, 200ms), 200'000u) << "room " << room;
        server.advance(1s - 1ms);
        EXPECT_FALSE(client.ended()) << "room " << room;
        client.send("x\n");
        server.run();
        EXPECT_EQ(client.take(), "x\n");
        server.advance(1s + 1s / 8 + late);
        EXPECT_EQ(server.ended(close_reason::idle_timeout), 1u) << "room " << room;
    }
}

TEST(SessionDeadlines, count_a_peer_that_receives_nothing_of_what_was_sent_as_idle)
{
    const auto handler = [](session& s) -> task<>
    {
        s.send(std::string(20'000, 'm'));
        co_await s.read_line();
    };
    loopback server(naru::raw(handler, short_limits()), quiet);
    auto client = server.connect({.window = 0});
    server.advance(2s + late);
    EXPECT_TRUE(client.ended());
    server.advance(1s);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::write_stalled), 1u) << "of which it never received the last bytes";
}

TEST(SessionDeadlines, let_a_long_message_come_as_slowly_as_its_rate_allows)
{
    const auto handler = [](session& s) -> task<>
    {
        const auto message = co_await s.read_exactly(50'000);
        co_await s.write(std::to_string(message->size()));
    };
    loopback server(naru::raw(handler, short_limits()), quiet);
    auto client = server.connect();
    for (int i = 0; i < 50; ++i)
    {
        client.send(std::string(1'000, 'm'));
        server.advance(250ms);
    }
    EXPECT_EQ(client.take(), "50000");
}

TEST(SessionDeadlines, take_any_byte_of_a_message_for_progress_where_the_rate_is_zero)
{
    naru::limits bounds = short_limits();
    bounds.read_rate = 0;
    loopback server(naru::raw(echo_lines, bounds), quiet);
    auto client = server.connect();
    for (int i = 0; i < 20; ++i)
    {
        client.send("x");
        server.advance(280ms);
        ASSERT_FALSE(client.ended()) << "after byte " << i;
    }
    server.advance(20ms + late);
    EXPECT_EQ(server.ended(close_reason::read_timeout), 1u);
}

// --- the largest and the smallest -----------------------------------------------------------------

TEST(SessionDeadlines, never_expire_where_the_limit_is_longer_than_the_clock)
{
    naru::limits bounds;
    bounds.idle = bounds.read = bounds.write_stall = bounds.linger = std::chrono::milliseconds::max();
    bounds.linger_idle = std::chrono::milliseconds::max();
    bounds.read_rate = bounds.write_rate = SIZE_MAX;
    loopback server(naru::raw(echo_lines, bounds), quiet);
    auto idle = server.connect();
    auto slow = server.connect();
    slow.send("x");
    auto stalled = server.connect({.room = 0});
    stalled.send("x\n");
    auto lingering = server.connect({.window = 0});
    server.advance(1h);
    EXPECT_EQ(server.figures().open, 4u);
    slow.send("y\n");
    server.run();
    EXPECT_EQ(slow.take(), "xy\n");
    server.drain();
    server.advance(1h);
    EXPECT_EQ(server.figures().open, 4u) << "they linger, or wait for the peer to take what was written";
}

TEST(SessionDeadlines, of_a_drain_may_be_longer_than_the_clock)
{
    naru::server server({.threads = 1, .log = {.level = naru::log_level::off}});
    const auto listener = server.listen("tcp://127.0.0.1:0", naru::raw(echo_lines));
    server.start();
    naru::testing::plain_socket client(listener.local());
    ASSERT_TRUE(client.send("a\nb"));
    ASSERT_EQ(client.receive(2), "a\n");
    server.drain(std::chrono::milliseconds::max());
    ASSERT_TRUE(client.send("c\n"));
    EXPECT_EQ(client.receive(3), "bc\n");
    client.finish();
    server.wait();
    EXPECT_EQ(server.figures().closed[static_cast<std::size_t>(close_reason::shutdown)], 0u);
}

TEST(SessionDeadlines, of_a_write_may_be_lifted_while_it_waits)
{
    session* waits = nullptr;
    const auto handler = [&](session& s) -> task<>
    {
        waits = &s;
        co_await s.write(std::string_view("0123456789"));
        s.send(std::string(1'000, 'm'));
        co_await s.flush();
    };
    loopback server(naru::raw(handler, short_limits()), quiet);
    auto client = server.connect({.room = 500, .room_to_tell = 400, .window = 0});
    server.run();
    naru::limits changed = waits->bounds();
    changed.write_stall = 0ms;
    waits->bounds(changed);
    ASSERT_EQ(client.take(200).size(), 200u); // seen at the next look
    server.advance(1h);
    EXPECT_FALSE(client.closed());
}

TEST(SessionDeadlines, are_not_there_where_the_limit_is_negative)
{
    naru::limits bounds;
    bounds.idle = bounds.read = bounds.write_stall = -1ms;
    loopback server(naru::raw(echo_lines, bounds), quiet);
    auto idle = server.connect();
    auto slow = server.connect();
    slow.send("x");
    auto stalled = server.connect({.room = 0});
    stalled.send("x\n");
    server.advance(1h);
    EXPECT_EQ(server.figures().open, 3u);
}

TEST(SessionLimits, of_bytes_may_be_the_largest_number)
{
    naru::limits bounds;
    bounds.line = bounds.message = bounds.outbox_high = bounds.outbox_low = bounds.outbox_full = SIZE_MAX;
    const auto handler = [](session& s) -> task<>
    {
        const auto line = co_await s.read_line();
        s.send(*line);
        const auto part = co_await s.read_until(";;");
        s.send(*part);
        const auto rest = co_await s.read_exactly(3);
        co_await s.write(*rest);
    };
    loopback server(naru::raw(handler, bounds), quiet);
    auto client = server.connect({.room = 2});
    for (const std::string_view piece : {"on", "e\n", "tw", "o;", ";thr", "ee"})
    {
        client.send(piece);
        server.run();
    }
    std::string all;
    for (std::string some = client.take(); !some.empty(); some = client.take())
    {
        all += some;
        server.run();
    }
    EXPECT_EQ(all, "onetwothr");
}

// --- time that passes outside of a turn -----------------------------------------------------------

/// Resumes the caller through the event loop, as whatever is not the session's own does, when `passes` have
/// passed meanwhile.
task<> elsewhere(loopback*& server, naru::duration passes)
{
    auto posted = boost::asio::post(boost::asio::use_awaitable);
    co_await std::move(posted);
    server->clock().advance(passes);
}

TEST(SessionDeadlines, of_a_read_begin_with_the_read_also_after_a_wait_for_something_else)
{
    loopback* here = nullptr;
    bool timed_out = false;
    const auto handler = [&](session& s) -> task<>
    {
        auto elsewhere_first = elsewhere(here, 5s);
        co_await std::move(elsewhere_first);
        try
        {
            co_await s.read_line();
        }
        catch (const naru::error&)
        {
            timed_out = true;
        }
    };
    loopback server(naru::raw(handler, short_limits()), quiet);
    here = &server;
    auto client = server.connect();
    server.run();
    server.advance(1s - 1ms);
    EXPECT_FALSE(timed_out);
    EXPECT_EQ(server.sessions().at(0).awaits.since, 999ms);
    server.advance(late);
    EXPECT_TRUE(timed_out);
}

TEST(SessionDeadlines, of_a_write_begin_with_the_write_also_after_a_wait_for_something_else)
{
    loopback* here = nullptr;
    const std::string much(30'000, 'm');
    const auto handler = [&](session& s) -> task<>
    {
        auto elsewhere_first = elsewhere(here, 5s);
        co_await std::move(elsewhere_first);
        co_await s.write(much);
    };
    loopback server(naru::raw(handler, short_limits()), quiet);
    here = &server;
    auto client = server.connect({.room = 1'000});
    server.run();
    server.advance(500ms - 1ms);
    EXPECT_FALSE(client.closed());
    server.advance(late);
    EXPECT_EQ(server.ended(close_reason::write_stalled), 1u);
}

TEST(SessionDeadlines, of_the_lingering_begin_with_it_also_after_a_wait_for_something_else)
{
    loopback* here = nullptr;
    const auto handler = [&](session&) -> task<>
    {
        auto elsewhere_first = elsewhere(here, 5s);
        co_await std::move(elsewhere_first);
    };
    naru::limits bounds = short_limits();
    bounds.linger = 1s;
    loopback server(naru::raw(handler, bounds), quiet);
    here = &server;
    auto client = server.connect();
    server.run();
    server.advance(1s - 1ms);
    EXPECT_FALSE(client.closed());
    server.advance(late);
    EXPECT_TRUE(client.closed());
}

TEST(SessionDeadlines, are_never_early_by_the_clock_of_the_system_after_a_wait_for_a_timer)
{
    const naru::log_options no_log{.level = naru::log_level::off};
    naru::limits bounds;
    bounds.idle = 50ms;
    naru::duration waited{0};
    const auto handler = [&](session& s) -> task<>
    {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, 200ms);
        auto rung = timer.async_wait(boost::asio::use_awaitable);
        co_await std::move(rung);
        const auto began = std::chrono::steady_clock::now();
        try
        {
            co_await s.read_line();
        }
        catch (const naru::error&)
        {
            waited = std::chrono::steady_clock::now() - began;
        }
        s.close();
    };
    naru::server server({.threads = 1, .log = no_log});
    const auto listener = server.listen("tcp://127.0.0.1:0", naru::raw(handler, bounds));
    server.start();
    naru::testing::plain_socket client(listener.local());
    EXPECT_EQ(client.receive_all(), "");
    server.stop();
    server.wait();
    EXPECT_GE(waited, 50ms);
}

// --- over sockets ---------------------------------------------------------------------------------

/// A session over a real socket, on a clock that the test turns.
class SessionDeadlinesOverSockets : public testing::TestWithParam<std::string>
{
  protected:
    void serve(naru::protocol speaks)
    {
        auto sockets = naru::open_listening_sockets(naru::endpoint::from(GetParam()), {}, 1);
        listener = std::make_shared<naru::listener_state>(shared, std::move(sockets), std::move(speaks),
                                                          naru::connection_limits(), shards);
        listener->start();
        client = naru::testing::plain_socket(listener->local());
        run();
    }

    ~SessionDeadlinesOverSockets() override
    {
        listener->close();
        shards[0]->stop();
        shards[0]->loop().poll();
        listener->loops_gone();
        shards.clear();
        listener->shards_gone();
    }

    void run()
    {
        shards[0]->run_deadlines();
        shards[0]->loop().poll();
    }

    /// What the kernel holds for the client.
    int unsent() const
    {
        const auto all = shards[0]->infos();
        int size = 0;
        return !all.empty() && ::ioctl(all[0].descriptor, SIOCOUTQ, &size) == 0 ? size : 0;
    }

    /// The client reads until its kernel has acknowledged something of it.
    bool read_until_it_shows()
    {
        for (const int before = unsent(); unsent() >= before;)
            if (client.receive(4096).empty())
                return false;
        return true;
    }

    naru::testing::test_clock clock;
    naru::ledger shared{naru::log_options{.level = naru::log_level::off}, clock};
    std::vector<std::unique_ptr<naru::shard>> shards = [this]
    {
        std::vector<std::unique_ptr<naru::shard>> one;
        one.push_back(std::make_unique<naru::shard>(0, shared));
        return one;
    }();
    std::shared_ptr<naru::listener_state> listener;
    naru::testing::plain_socket client;
};

INSTANTIATE_TEST_SUITE_P(Of, SessionDeadlinesOverSockets,
                         testing::Values("tcp://127.0.0.1:0",
                                         "unix:@naru_deadlines_test_" + std::to_string(::getpid())),
                         [](const auto& row) { return std::string(row.index == 0 ? "tcp" : "local"); });

TEST_P(SessionDeadlinesOverSockets, see_that_a_slow_peer_reads_before_the_kernel_tells_of_room)
{
    serve(naru::raw(writes(32 * 1024 * 1024), short_limits()));
    for (int i = 0; i < 20; ++i)
    {
        ASSERT_TRUE(read_until_it_shows()) << "the session ended in step " << i;
        clock.advance(400ms);
        run();
        ASSERT_EQ(shards[0]->session_count(), 1u) << "in step " << i;
    }
    for (int i = 0; i < 10; ++i) // and now it reads nothing
    {
        clock.advance(100ms);
        run();
    }
    EXPECT_EQ(shared.closed[static_cast<std::size_t>(close_reason::write_stalled)].load(), 1u);
}

TEST_P(SessionDeadlinesOverSockets, let_the_last_bytes_reach_a_slow_peer_that_still_sends)
{
    std::size_t size = 0;
    const auto goodbye = [&](session& s) -> task<>
    {
        // As much as the kernel takes at once.
        const std::string block(64 * 1024, 'm');
        while (s.info().bytes_waiting == 0)
        {
            s.send(block);
            size += block.size();
            auto posted = boost::asio::post(boost::asio::use_awaitable);
            co_await std::move(posted);
        }
    };
    serve(naru::raw(goodbye, short_limits()));
    run();
    std::size_t got = 0;
    while (got < size)
    {
        // Until it shows: on a busy machine the kernel's acknowledgement comes later.
        std::string some;
        const int before = unsent();
        do
        {
            some = client.receive(std::min<std::size_t>(size - got, 64 * 1024));
            got += some.size();
        } while (!some.empty() && got < size && before > 0 && unsent() >= before);
        if (some.empty())
            break;
        static_cast<void>(client.send("x"));
        clock.advance(100ms); // the linger of nothing
        run();
    }
    EXPECT_EQ(got, size);
    EXPECT_EQ(client.receive_all(), "");
}

} // namespace
