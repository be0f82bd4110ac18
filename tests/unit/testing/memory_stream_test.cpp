#include <naru/testing/memory_stream.hpp>

#include <naru/testing/test_clock.hpp>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using naru::io_result;
using naru::testing::stream_script;

/// A session's place at the stream: it notes what it is told.
class MemoryStream : public testing::Test, protected naru::stream_events
{
  protected:
    void open(const stream_script& script = {})
    {
        pair.emplace(naru::testing::make_memory_pair(loop, clock, script));
        pair->session->attach(*this);
    }

    naru::stream& session() { return *pair->session; }
    naru::testing::memory_peer& peer() { return pair->peer; }

    io_result read()
    {
        std::array<char, 64> room;
        const io_result got = session().try_read(room);
        text.assign(room.data(), got.bytes());
        return got;
    }

    io_result write(std::string_view bytes) { return session().try_write({&bytes, 1}); }

    void run()
    {
        loop.restart();
        loop.poll();
    }

    void readable() override { ++readable_calls; }
    void writable() override { ++writable_calls; }

    boost::asio::io_context loop;
    naru::testing::test_clock clock;
    std::optional<naru::testing::memory_pair> pair;
    std::string text;
    int readable_calls = 0;
    int writable_calls = 0;
};

TEST_F(MemoryStream, carries_bytes_both_ways_in_order)
{
    open();
    peer().send("to ");
    peer().send("you");
    EXPECT_EQ(read().bytes(), 6u);
    EXPECT_EQ(text, "to you");

    const std::array<std::string_view, 3> pieces{"and ", "", "back"};
    EXPECT_EQ(session().try_write(pieces).bytes(), 8u);
    EXPECT_EQ(peer().take(3), "and");
    EXPECT_EQ(peer().take(), " back");
}

TEST_F(MemoryStream, blocks_when_there_is_nothing_to_read)
{
    open();
    EXPECT_TRUE(read().would_block());
    EXPECT_EQ(peer().calls().reads, 1u);
    EXPECT_EQ(peer().calls().reads_blocked, 1u);
}

TEST_F(MemoryStream, gives_reads_and_takes_writes_as_short_as_the_script_says)
{
    open({.read_at_most = 2, .write_at_most = 3});
    peer().send("abc");
    EXPECT_EQ(read().bytes(), 2u);
    EXPECT_EQ(read().bytes(), 1u);
    EXPECT_EQ(write("wxyz").bytes(), 3u);
    EXPECT_EQ(peer().take(), "wxy");
}

TEST_F(MemoryStream, blocks_a_write_until_the_test_has_taken_something)
{
    open({.room = 4});
    EXPECT_EQ(write("abcdef").bytes(), 4u);
    EXPECT_TRUE(write("ef").would_block());
    session().wait_writable();
    run();
    EXPECT_EQ(writable_calls, 0);

    EXPECT_EQ(peer().take(1), "a");
    EXPECT_EQ(writable_calls, 0) << "told from inside take()";
    run();
    EXPECT_EQ(writable_calls, 1);
    EXPECT_EQ(write("ef").bytes(), 1u);
}

TEST_F(MemoryStream, tells_readiness_once_and_only_when_the_loop_is_run)
{
    open();
    session().wait_readable();
    peer().send("x");
    EXPECT_EQ(readable_calls, 0) << "told from inside send()";
    run();
    EXPECT_EQ(readable_calls, 1);
    peer().send("y");
    run();
    EXPECT_EQ(readable_calls, 1) << "told without a wait";

    session().wait_readable(); // there are bytes already
    EXPECT_EQ(readable_calls, 1) << "told from inside wait_readable()";
    run();
    EXPECT_EQ(readable_calls, 2);
}

TEST_F(MemoryStream, gives_the_end_after_the_bytes_and_takes_writes_still)
{
    open();
    peer().send("last");
    peer().finish();
    peer().send("too late");
    EXPECT_EQ(read().bytes(), 4u);
    EXPECT_TRUE(read().at_end());
    EXPECT_EQ(write("answer").bytes(), 6u);
    EXPECT_EQ(peer().take(), "answer");
}

TEST_F(MemoryStream, tells_a_waiting_session_of_the_end)
{
    open();
    session().wait_readable();
    peer().finish();
    run();
    EXPECT_EQ(readable_calls, 1);
}

TEST_F(MemoryStream, fails_both_ways_after_a_reset_once_the_bytes_are_read)
{
    open();
    peer().send("x");
    peer().reset();
    EXPECT_EQ(read().bytes(), 1u);
    EXPECT_EQ(read().error(), ECONNRESET);
    EXPECT_EQ(write("y").error(), ECONNRESET);
}

TEST_F(MemoryStream, breaks_after_an_end_in_order_too)
{
    open();
    peer().finish();
    EXPECT_TRUE(read().at_end());
    peer().reset(ETIMEDOUT);
    EXPECT_EQ(write("y").error(), ETIMEDOUT);
}

TEST_F(MemoryStream, fails_the_call_that_the_script_names_and_no_other)
{
    open({.failing_read = 2, .read_error = EAGAIN, .failing_write = 1, .write_error = ENOBUFS});
    peer().send("abc");
    peer().script().read_at_most = 1;
    EXPECT_TRUE(read().has_bytes());
    EXPECT_TRUE(read().would_block());
    EXPECT_TRUE(read().has_bytes());
    EXPECT_EQ(write("x").error(), ENOBUFS);
    EXPECT_TRUE(write("x").has_bytes());
}

TEST_F(MemoryStream, half_closes_the_way_out)
{
    open();
    write("all");
    session().shutdown_write();
    EXPECT_TRUE(peer().ended());
    EXPECT_FALSE(peer().closed());
    EXPECT_EQ(peer().take(), "all");
    EXPECT_EQ(write("more").error(), EPIPE);
    peer().send("answer");
    EXPECT_EQ(read().bytes(), 6u);
}

TEST_F(MemoryStream, tells_nobody_after_close)
{
    open();
    session().wait_readable();
    session().wait_writable();
    peer().send("x");
    session().close();
    run();
    EXPECT_EQ(readable_calls, 0);
    EXPECT_EQ(writable_calls, 0);
    EXPECT_TRUE(peer().closed());
    EXPECT_TRUE(peer().ended());
}

TEST_F(MemoryStream, shows_a_close_over_unread_bytes_as_the_reset_that_it_would_be)
{
    open();
    peer().send("unread");
    session().close();
    EXPECT_TRUE(peer().was_reset());

    open();
    session().close();
    EXPECT_FALSE(peer().was_reset());
    peer().send("after the end");
    EXPECT_TRUE(peer().was_reset());
}

TEST_F(MemoryStream, keeps_what_is_under_way_for_as_long_as_the_script_says)
{
    open({.delay = 10ms});
    peer().send("abc");
    session().wait_readable();
    clock.advance(9ms);
    peer().deliver();
    run();
    EXPECT_EQ(readable_calls, 0);
    EXPECT_TRUE(read().would_block());
    EXPECT_EQ(peer().next_arrival(), clock.now() + 1ms);

    clock.advance(1ms);
    peer().deliver();
    run();
    EXPECT_EQ(readable_calls, 1);
    EXPECT_EQ(read().bytes(), 3u);

    write("back");
    session().close();
    EXPECT_EQ(peer().take(), "");
    EXPECT_EQ(peer().untaken(), 4u);
    EXPECT_FALSE(peer().ended());
    clock.advance(10ms);
    EXPECT_EQ(peer().take(), "back");
    EXPECT_TRUE(peer().ended());
}

TEST_F(MemoryStream, lets_nothing_overtake_when_the_delay_becomes_shorter)
{
    open({.delay = 10ms});
    peer().send("first ");
    peer().script().delay = 0ms;
    peer().send("second");
    EXPECT_TRUE(read().would_block());
    clock.advance(10ms);
    EXPECT_EQ(read().bytes(), 12u);
    EXPECT_EQ(text, "first second");
}

TEST_F(MemoryStream, survives_the_end_of_the_session_and_of_its_loop)
{
    auto own_loop = std::make_unique<boost::asio::io_context>();
    naru::testing::memory_pair made = naru::testing::make_memory_pair(*own_loop, clock);
    made.session->attach(*this);
    made.session->wait_readable();
    made.session.reset();
    own_loop.reset();
    made.peer.send("x");
    made.peer.finish();
    made.peer.reset();
    EXPECT_EQ(made.peer.take(), "");
    EXPECT_TRUE(made.peer.closed());
}

TEST_F(MemoryStream, tells_what_the_peers_system_has_not_received)
{
    open({.window = 3, .delay = 10ms});
    ASSERT_EQ(write("12345").bytes(), 5u);
    EXPECT_EQ(session().unsent(), 5u) << "all of it is under way";
    clock.advance(10ms);
    EXPECT_EQ(session().unsent(), 2u);
    peer().take(1);
    EXPECT_EQ(session().unsent(), 1u);
    peer().take();
    EXPECT_EQ(session().unsent(), 0u);
}

TEST_F(MemoryStream, tells_of_room_only_when_there_is_as_much_as_its_script_asks_for)
{
    open({.room = 9, .room_to_tell = 3});
    ASSERT_EQ(write("123456789").bytes(), 9u);
    session().wait_writable();
    peer().take(2);
    run();
    EXPECT_EQ(writable_calls, 0);
    peer().take(1);
    run();
    EXPECT_EQ(writable_calls, 1);
}

} // namespace
