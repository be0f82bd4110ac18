#include "net/stream_socket.hpp"

#include "net/listening_socket.hpp"
#include "net/plain_socket.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace
{

using naru::io_result;
using naru::testing::plain_socket;

/// A session's place at a stream over a real connection; the rows are the kinds of socket.
class StreamSocket : public testing::TestWithParam<std::string>, protected naru::stream_events
{
  protected:
    StreamSocket()
    {
        const auto made = naru::open_listening_sockets(naru::endpoint::from(GetParam()), {}, 1);
        peer = plain_socket(made.local);
        naru::descriptor accepted(::accept4(made.sockets[0].get(), nullptr, nullptr, SOCK_NONBLOCK));
        number = accepted.get();
        stream = naru::make_stream_socket(loop, std::move(accepted));
        stream->attach(*this);
    }

    io_result read()
    {
        std::array<char, 64> room;
        const io_result got = stream->try_read(room);
        text.assign(room.data(), got.bytes());
        return got;
    }

    io_result write(std::string_view bytes) { return stream->try_write({&bytes, 1}); }

    /// Runs until something has been told.
    void run()
    {
        loop.restart();
        loop.run_one_for(std::chrono::seconds(5));
    }

    void readable() override
    {
        ++readable_calls;
        if (then)
            then();
    }
    void writable() override { ++writable_calls; }

    bool is_open() const { return ::fcntl(number, F_GETFD) != -1; }

    boost::asio::io_context loop;
    plain_socket peer;
    std::unique_ptr<naru::stream> stream;
    int number = -1;
    std::string text;
    int readable_calls = 0;
    int writable_calls = 0;
    std::function<void()> then;
};

const std::string kinds[] = {"tcp://127.0.0.1:0", "tcp://[::1]:0",
                             "unix:@naru_stream_test_" + std::to_string(::getpid())};

INSTANTIATE_TEST_SUITE_P(Over, StreamSocket, testing::ValuesIn(kinds),
                         [](const auto& row) {
                             return std::string(std::array{"ipv4", "ipv6", "local"}.at(row.index));
                         });

TEST_P(StreamSocket, tells_once_when_there_are_bytes)
{
    EXPECT_TRUE(read().would_block());
    stream->wait_readable();
    EXPECT_EQ(readable_calls, 0);
    ASSERT_TRUE(peer.send("hello"));
    run();
    EXPECT_EQ(readable_calls, 1);
    EXPECT_EQ(read().bytes(), 5u);
    EXPECT_EQ(text, "hello");
    EXPECT_TRUE(read().would_block());
}

TEST_P(StreamSocket, may_be_asked_again_from_what_it_calls)
{
    then = [this]
    {
        read();
        if (readable_calls < 3)
        {
            stream->wait_readable();
            peer.send("more");
        }
    };
    stream->wait_readable();
    peer.send("first");
    for (int i = 0; i < 3; ++i)
        run();
    EXPECT_EQ(readable_calls, 3);
}

TEST_P(StreamSocket, may_be_closed_and_destroyed_from_what_it_calls)
{
    then = [this] { stream.reset(); };
    stream->wait_readable();
    stream->wait_writable(); // told too, if it comes first; not after
    peer.send("x");
    for (int i = 0; i < 2; ++i)
        run();
    EXPECT_EQ(readable_calls, 1);
    EXPECT_FALSE(is_open());
}

TEST_P(StreamSocket, gives_the_end_of_the_peer_and_can_still_write)
{
    peer.finish();
    stream->wait_readable();
    run();
    EXPECT_TRUE(read().at_end());
    EXPECT_EQ(write("answer").bytes(), 6u);
    stream->shutdown_write();
    EXPECT_EQ(peer.receive_all(), "answer");
    EXPECT_EQ(write("more").error(), EPIPE) << "and no signal";
}

TEST_P(StreamSocket, gathers_pieces_in_order_also_more_than_one_call_takes)
{
    const std::array<std::string_view, 4> few{"a", "", "bc", "d"};
    EXPECT_EQ(stream->try_write(few).bytes(), 4u);
    const std::vector<std::string_view> many(2000, "xy");
    const std::size_t taken = stream->try_write(many).bytes();
    EXPECT_GT(taken, 0u);
    EXPECT_EQ(taken % 2, 0u);
    stream->shutdown_write();
    EXPECT_EQ(peer.receive_all().size(), 4 + taken);
}

TEST_P(StreamSocket, blocks_when_the_peer_does_not_read_and_tells_when_it_does)
{
    const std::string block(64 * 1024, 'x');
    std::size_t sent = 0;
    for (;;)
    {
        const io_result result = write(block);
        if (result.would_block())
            break;
        sent += result.bytes();
        ASSERT_LT(sent, 100u * 1024 * 1024);
    }
    stream->wait_writable();
    loop.poll();
    EXPECT_EQ(writable_calls, 0);
    EXPECT_EQ(peer.receive(sent).size(), sent);
    run();
    EXPECT_EQ(writable_calls, 1);
    EXPECT_TRUE(write("y").has_bytes());
}

TEST_P(StreamSocket, tells_what_the_peer_has_not_received_and_that_it_falls_while_the_peer_reads)
{
    const auto falls_below = [this](std::size_t size)
    {
        // An acknowledgement may be delayed, and no event tells of it.
        const auto due = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (stream->unsent() >= size && std::chrono::steady_clock::now() < due)
            std::this_thread::yield();
        return stream->unsent() < size;
    };
    EXPECT_EQ(stream->unsent(), 0u);
    const std::string block(64 * 1024, 'x');
    std::size_t sent = 0;
    for (io_result result = write(block); !result.would_block(); result = write(block))
        sent += result.bytes();
    const std::size_t held = stream->unsent();
    EXPECT_GT(held, 0u);
    EXPECT_EQ(peer.receive(sent / 2).size(), sent / 2);
    EXPECT_TRUE(falls_below(held));
    EXPECT_EQ(peer.receive(sent - sent / 2).size(), sent - sent / 2);
    EXPECT_TRUE(falls_below(1));
    ASSERT_TRUE(write("x").has_bytes());
    stream->close();
    EXPECT_EQ(stream->unsent(), 0u);
}

TEST_P(StreamSocket, tells_nobody_after_close_and_gives_the_descriptor_back)
{
    stream->wait_readable();
    stream->wait_writable();
    peer.send("x");
    stream->close();
    EXPECT_FALSE(is_open());
    EXPECT_EQ(stream->descriptor(), -1);
    stream->close();
    EXPECT_EQ(stream->release(), -1);
    loop.poll();
    EXPECT_EQ(readable_calls + writable_calls, 0);
}

TEST_P(StreamSocket, ends_in_any_order_with_its_waits_and_its_loop)
{
    stream->wait_readable();
    stream->wait_writable();
    stream.reset();
    loop.poll(); // the aborted waits come back after the stream
    EXPECT_EQ(readable_calls + writable_calls, 0);

    auto own = std::make_unique<boost::asio::io_context>();
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    auto here = naru::make_stream_socket(*own, naru::descriptor(pair[0]));
    auto there = naru::make_stream_socket(*own, naru::descriptor(pair[1]));
    for (naru::stream* each : {here.get(), there.get()})
    {
        each->attach(*this);
        each->wait_readable();
    }
    there.reset(); // its wait is still in the loop when that goes
    here->close();
    own.reset();
    here.reset();
    EXPECT_EQ(readable_calls, 0);
}

TEST_P(StreamSocket, gives_up_the_descriptor_open_and_non_blocking)
{
    EXPECT_EQ(stream->descriptor(), number);
    stream->wait_readable();
    ASSERT_EQ(stream->release(), number);
    EXPECT_EQ(stream->descriptor(), -1);
    stream.reset();
    peer.send("x");
    loop.poll();
    EXPECT_EQ(readable_calls, 0);
    ASSERT_TRUE(is_open());
    EXPECT_TRUE(::fcntl(number, F_GETFL) & O_NONBLOCK);
    plain_socket taken{naru::descriptor(number)};
    EXPECT_EQ(taken.receive(1), "x");
}

TEST(StreamSocketOfTcp, gives_a_reset_as_the_error_that_it_is)
{
    boost::asio::io_context loop;
    const auto made = naru::open_listening_sockets(naru::endpoint::tcp("127.0.0.1", 0), {}, 1);
    plain_socket peer(made.local);
    const auto stream = naru::make_stream_socket(
        loop, naru::descriptor(::accept4(made.sockets[0].get(), nullptr, nullptr, SOCK_NONBLOCK)));
    peer.reset();
    std::array<char, 8> room;
    io_result got = io_result::blocked();
    for (int i = 0; i < 1000 && got.would_block(); ++i) // the kernel needs no longer than this on one host
        got = stream->try_read(room);
    EXPECT_EQ(got.error(), ECONNRESET);
}

TEST(StreamSocketOfNothing, has_no_descriptor)
{
    boost::asio::io_context loop;
    const auto stream = naru::make_stream_socket(loop, naru::descriptor(-1));
    EXPECT_EQ(stream->descriptor(), -1);
    stream->close();
}

} // namespace
