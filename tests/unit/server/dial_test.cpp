#include <naru/server/dial.hpp>

#include "net/listening_socket.hpp"
#include "net/plain_socket.hpp"

#include <naru/raw/raw.hpp>
#include <naru/server/server.hpp>

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>

namespace
{

using namespace std::chrono_literals;
using naru::session;
using naru::task;

/// A server of echoes, one line at a time.
class Dial : public testing::TestWithParam<std::string>
{
  protected:
    Dial() : serving(quiet()), at(serving.listen(GetParam(), naru::raw(echo))) { serving.start(); }

    static naru::server_options quiet()
    {
        naru::server_options options;
        options.log.level = naru::log_level::off;
        return options;
    }

    static task<> echo(session& s)
    {
        while (auto line = co_await s.read_line())
            co_await s.write(*line, "\n");
    }

    naru::server serving;
    naru::listener at;
};

const std::string kinds[] = {"tcp://127.0.0.1:0", "tcp://[::1]:0",
                             "unix:@naru_dial_test_" + std::to_string(::getpid())};

INSTANTIATE_TEST_SUITE_P(Over, Dial, testing::ValuesIn(kinds),
                         [](const auto& row) {
                             return std::string(std::array{"ipv4", "ipv6", "local"}.at(row.index));
                         });

TEST_P(Dial, runs_a_handler_on_a_connection_until_it_returns)
{
    std::string got;
    naru::dial(at.local().text(),
               [&](session& s) -> task<>
               {
                   EXPECT_EQ(s.id(), 1u);
                   co_await s.write("hello\n");
                   got = *co_await s.read_line();
               });
    EXPECT_EQ(got, "hello");
}

TEST_P(Dial, sends_small_segments_at_once)
{
    naru::dial(at.local().text(),
               [&](session& s) -> task<>
               {
                   int on = 0;
                   socklen_t length = sizeof on;
                   if (GetParam().starts_with("tcp:"))
                   {
                       EXPECT_EQ(::getsockopt(s.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, &length), 0);
                       EXPECT_NE(on, 0);
                   }
                   co_return;
               });
}

TEST_P(Dial, sends_what_was_written_last_before_it_returns)
{
    naru::dial(at.local().text(), [](session& s) -> task<> { co_await s.write("goodbye\n"); });
    serving.drain(5s);
    serving.wait();
    EXPECT_EQ(at.figures().bytes_in, 8u);
}

TEST_P(Dial, throws_what_the_handler_throws)
{
    const auto fails = [](session& s) -> task<>
    {
        co_await s.write("x\n");
        co_await s.read_line();
        throw std::logic_error("mine");
    };
    EXPECT_THROW(naru::dial(at.local().text(), fails), std::logic_error);
}

TEST_P(Dial, holds_to_the_limits_that_it_is_given)
{
    naru::dial_options options;
    options.bounds.idle = 30ms;
    try
    {
        naru::dial(
            at.local().text(), [](session& s) -> task<> { co_await s.read_line(); }, options);
        FAIL();
    }
    catch (const naru::error& e)
    {
        EXPECT_EQ(e.code(), naru::errc::timed_out);
    }
}

TEST(DialNobody, says_that_nobody_is_there)
{
    const auto at = naru::open_listening_sockets(naru::endpoint::from("tcp://127.0.0.1:0"), {}, 1).local;
    try
    {
        naru::dial(at.text(), [](session&) -> task<> { co_return; });
        FAIL();
    }
    catch (const naru::error& e)
    {
        EXPECT_EQ(e.what(), "connect " + at.text() + ": connection refused");
    }
    EXPECT_THROW(naru::dial("unix:/no/such/socket", [](session&) -> task<> { co_return; }), naru::error);
}

TEST(DialNobody, says_what_is_wrong_with_an_endpoint)
{
    try
    {
        naru::dial("localhost:80", [](session&) -> task<> { co_return; });
        FAIL();
    }
    catch (const naru::error& e)
    {
        EXPECT_EQ(e.code(), naru::errc::bad_endpoint);
        EXPECT_EQ(std::string(e.what()).find("connect localhost:80: an endpoint begins with"), 0u)
            << e.what();
    }
}

TEST(DialNobody, gives_up_after_its_patience)
{
    // A queue that is full: the kernel drops what asks to be let in.
    naru::socket_options options;
    options.backlog = 0;
    const auto made = naru::open_listening_sockets(naru::endpoint::from("tcp://127.0.0.1:0"), options, 1);
    const naru::testing::plain_socket waits(made.local);
    naru::dial_options impatient;
    impatient.connect = 50ms;
    const auto began = std::chrono::steady_clock::now();
    try
    {
        naru::dial(
            made.local.text(), [](session&) -> task<> { co_return; }, impatient);
        FAIL();
    }
    catch (const naru::error& e)
    {
        EXPECT_EQ(e.code(), boost::system::errc::timed_out) << e.what();
    }
    EXPECT_GE(std::chrono::steady_clock::now() - began, 50ms);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
}

} // namespace
