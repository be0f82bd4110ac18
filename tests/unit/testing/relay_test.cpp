#include <naru/testing/relay.hpp>

#include <naru/base/error.hpp>
#include <naru/raw/raw.hpp>
#include <naru/server/dial.hpp>
#include <naru/server/server.hpp>

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

namespace
{

using namespace std::chrono_literals;
using naru::testing::relay;
using steady = std::chrono::steady_clock;

naru::server_options quiet()
{
    naru::server_options options;
    options.log.level = naru::log_level::off;
    return options;
}

naru::task<> echo(naru::session& s)
{
    while (auto some = co_await s.read_some())
        co_await s.write(*some);
}

/// A server that runs `handler`, and a relay in front of it.
struct far_server
{
    far_server(naru::handler handler, const naru::testing::relay_options& options)
        : near(quiet()), at(near.listen("tcp://127.0.0.1:0", naru::raw(std::move(handler)))),
          wire(at.local().text(), options)
    {
        near.start();
        wire.start();
    }

    void dial(const std::function<naru::task<>(naru::session&)>& handler)
    {
        naru::dial(wire.endpoint().text(), handler);
    }

    naru::server near;
    naru::listener at;
    relay wire;
};

TEST(Relay, carries_every_byte_in_order_both_ways)
{
    std::string sent;
    for (int i = 0; i < 40'000; ++i)
        sent.append(std::to_string(i)).push_back(' ');
    far_server far(echo, {.there = 1ms, .back = 1ms, .buffer = 10'000});
    std::string got;
    far.dial(
        [&](naru::session& s) -> naru::task<>
        {
            // What fits into no buffer has to be read while it is written.
            std::string_view rest = sent;
            while (!rest.empty())
            {
                const std::string_view part = rest.substr(0, 4096);
                rest.remove_prefix(part.size());
                co_await s.write(part);
                co_await s.flush();
                std::string echoed(part.size(), '\0');
                if (!co_await s.read_into(echoed))
                    break;
                got += echoed;
            }
        });
    EXPECT_TRUE(got == sent) << got.size() << " of " << sent.size();
}

TEST(Relay, makes_an_answer_wait_for_its_round_trip_and_opening_for_one_more)
{
    far_server far(echo, {.there = 10ms, .back = 5ms});
    steady::duration first{};
    steady::duration second{};
    far.dial(
        [&](naru::session& s) -> naru::task<>
        {
            for (steady::duration* took : {&first, &second})
            {
                const auto asked = steady::now();
                co_await s.write("?");
                co_await s.read_some();
                *took = steady::now() - asked;
            }
        });
    EXPECT_GE(first, 29ms); // the connection was made a moment before the question
    EXPECT_GE(second, 15ms);
    EXPECT_LT(second, first);
}

TEST(Relay, lets_a_server_that_speaks_first_be_heard_two_round_trips_after_the_connect)
{
    const auto greet = [](naru::session& s) -> naru::task<> { co_await s.write("hello"); };
    far_server far(greet, {.there = 10ms, .back = 10ms});
    const auto began = steady::now();
    std::string heard;
    far.dial(
        [&](naru::session& s) -> naru::task<>
        {
            while (auto some = co_await s.read_some())
                heard += *some;
        });
    EXPECT_EQ(heard, "hello");
    EXPECT_GE(steady::now() - began, 40ms);
}

TEST(Relay, keeps_half_closes_in_their_place)
{
    const auto count = [](naru::session& s) -> naru::task<>
    {
        std::size_t bytes = 0;
        while (auto some = co_await s.read_some())
            bytes += some->size();
        const std::string words = std::to_string(bytes) + " bytes";
        co_await s.write(words);
    };
    far_server far(count, {.there = 2ms, .back = 2ms});
    std::string answer;
    far.dial(
        [&](naru::session& s) -> naru::task<>
        {
            const std::string much(100'000, 'x');
            co_await s.write(much);
            co_await s.finish_writing();
            while (auto some = co_await s.read_some())
                answer += *some;
        });
    EXPECT_EQ(answer, "100000 bytes");
}

TEST(Relay, resets_a_client_whose_server_is_not_there)
{
    const std::string nowhere =
        naru::server(quiet()).listen("tcp://127.0.0.1:0", naru::raw(echo)).local().text();
    relay wire(nowhere);
    wire.start();
    try
    {
        naru::dial(wire.endpoint().text(), [](naru::session& s) -> naru::task<> { co_await s.read_some(); });
        FAIL() << "read something from nobody";
    }
    catch (const naru::error& e)
    {
        EXPECT_EQ(e.code(), boost::system::errc::connection_reset) << e.what();
    }
}

TEST(Relay, resets_the_server_when_the_client_breaks)
{
    far_server far(echo, {.there = 1ms, .back = 1ms});
    far.dial(
        [](naru::session& s) -> naru::task<>
        {
            co_await s.write("x");
            co_await s.read_some();
            const linger at_once{1, 0};
            const naru::session::released given = s.release();
            ::setsockopt(given.descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
            ::close(given.descriptor);
        });
    while (far.near.figures().open > 0)
        std::this_thread::yield();
    far.near.stop();
    far.near.wait();
    EXPECT_EQ(far.near.figures().closed[static_cast<std::size_t>(naru::close_reason::peer_reset)], 1u);
}

TEST(Relay, stops_reading_when_its_buffer_is_full)
{
    // Nobody accepts, so the kernel's buffers and the relay's fill up. Without a bound this would go on to
    // the end.
    constexpr std::size_t end = 64 * 1024 * 1024;
    const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
    const int small = 4096;
    ::setsockopt(listening, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    ASSERT_EQ(::listen(listening, 1), 0); // unbound: on a port of the kernel's
    sockaddr_in at{};
    socklen_t length = sizeof at;
    ::getsockname(listening, reinterpret_cast<sockaddr*>(&at), &length);
    relay wire("tcp://127.0.0.1:" + std::to_string(ntohs(at.sin_port)), {.buffer = 100'000});
    wire.start();

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(wire.endpoint().port());
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::connect(client, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
    const std::string block(64 * 1024, 'x');
    std::size_t gone = 0;
    pollfd ready{client, POLLOUT, 0};
    while (gone < end && ::poll(&ready, 1, 150) == 1)
    {
        const ssize_t sent = ::send(client, block.data(), block.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        ASSERT_GT(sent, 0);
        gone += static_cast<std::size_t>(sent);
    }
    EXPECT_LT(gone, end);
    ::close(client);
    ::close(listening);
}

TEST(Relay, refuses_what_is_no_endpoint)
{
    EXPECT_THROW(relay("127.0.0.1:80"), naru::error);
}

TEST(Relay, stops_in_the_middle_of_everything)
{
    far_server far(echo, {.there = 50ms, .back = 50ms});
    std::thread client(
        [&]
        {
            try
            {
                far.dial(
                    [](naru::session& s) -> naru::task<>
                    {
                        co_await s.write("under way");
                        co_await s.read_some();
                    });
            }
            catch (const naru::error&)
            {
            }
        });
    while (far.near.figures().opened == 0)
        std::this_thread::yield();
    far.wire.stop();
    client.join(); // cut, and not left waiting
    EXPECT_EQ(far.near.figures().opened, 1u);
}

} // namespace
