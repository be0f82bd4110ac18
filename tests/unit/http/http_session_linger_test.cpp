#include "http/http_session.hpp"

#include "net/plain_socket.hpp"
#include "reading.hpp"

#include <naru/raw/raw.hpp>
#include <naru/server/server.hpp>
#include <naru/testing/loopback.hpp>

#include <gtest/gtest.h>

#include <string>

namespace naru::http
{
namespace
{

using naru::testing::loopback;
using naru::testing::plain_socket;

constexpr std::size_t twenty_mb = 20'000'000;

router make_site()
{
    router site;
    site.post("/echo", [](const request& r) { return text(std::string(r.body())); });
    return site;
}

std::string chunked(std::size_t size)
{
    constexpr std::size_t chunk = 0x10000;
    std::string out;
    for (std::size_t made = 0; made < size; made += chunk)
        out += "10000\r\n" + std::string(chunk, 'x') + "\r\n";
    return out + "0\r\n\r\n";
}

/// A server with real sockets, asked by clients that send everything before they read anything.
class HttpSessionLinger : public ::testing::Test
{
  protected:
    HttpSessionLinger()
        : server_({.log = {.level = log_level::off}}),
          http_(server_.listen("tcp://127.0.0.1:0", serve(make_site()))),
          raw_(server_.listen("tcp://127.0.0.1:0", raw(
                                                       [](session& s) -> task<>
                                                       {
                                                           co_await s.read_line();
                                                           co_await s.write("bye\n");
                                                       })))
    {
        server_.start();
    }
    ~HttpSessionLinger() override
    {
        server_.stop();
        server_.wait();
    }

    /// What `listening` says to `bytes`; the client sends all of them, or this fails.
    static std::string said_to(const listener& listening, std::string_view bytes)
    {
        plain_socket client(listening.local());
        EXPECT_TRUE(client.send(bytes)) << "the connection was reset";
        return client.receive_all();
    }

    void expect_refused(std::string_view bytes, int status)
    {
        const auto answers = read_answers(said_to(http_, bytes));
        ASSERT_EQ(answers.size(), 1u);
        EXPECT_EQ(answers[0].status, status);
        EXPECT_FALSE(answers[0].body.empty());
    }

    naru::server server_;
    listener http_;
    listener raw_;
};

TEST_F(HttpSessionLinger, lets_a_client_read_the_413_that_reads_only_when_it_has_sent_20_mb)
{
    for (const std::size_t size : {twenty_mb / 4, twenty_mb})
        expect_refused(post("/echo", std::string(size, 'x')), 413);
}

TEST_F(HttpSessionLinger, lets_a_client_read_the_413_to_content_in_chunks)
{
    expect_refused(
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(twenty_mb), 413);
}

TEST_F(HttpSessionLinger, lets_a_client_read_any_other_refusal_too)
{
    const std::string rest = "Content-Length: " + std::to_string(twenty_mb) + "\r\n\r\n";
    const std::string body(twenty_mb, 'x');
    expect_refused("POST /echo HTTP/1.1\r\n" + rest + body, 400);
    expect_refused("POST /echo HTTP/1.1\r\nHost : a\r\n" + rest + body, 400);
    expect_refused("BREW /echo HTTP/1.1\r\nHost: a\r\n" + rest + body, 501);
    expect_refused("POST /" + std::string(9'000, 'a') + " HTTP/1.1\r\nHost: a\r\n" + rest + body, 414);
    expect_refused("POST /nowhere HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: "
                   "1000000\r\n\r\n" +
                       body.substr(0, 1'000'000),
                   404);
}

TEST_F(HttpSessionLinger, lets_the_peer_of_a_raw_session_read_the_last_bytes)
{
    EXPECT_EQ(said_to(raw_, "quit\n" + std::string(twenty_mb, 'x')), "bye\n");
}

/// Sends `block` until the session has closed; how many bytes that took.
std::size_t flood(loopback& server, naru::testing::memory_peer& client)
{
    const std::string block(64 * 1024, 'x');
    std::size_t sent = 0;
    for (; !client.closed() && sent < std::size_t{200} << 20; sent += block.size())
    {
        client.send(block);
        server.run();
    }
    return sent;
}

TEST_F(HttpSessionLinger, takes_no_more_than_the_refused_request_has_announced)
{
    constexpr std::size_t announced = std::size_t{100} << 20;
    loopback server(serve(make_site()), {.level = log_level::off});
    auto client = server.connect();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(announced) +
                "\r\n\r\n");
    server.run();
    const std::size_t sent = flood(server, client);
    EXPECT_TRUE(client.closed());
    EXPECT_GE(sent, announced);
    EXPECT_LE(sent, announced + (std::size_t{2} << 20));
    EXPECT_EQ(server.ended(close_reason::limit_exceeded), 1u);
}

TEST_F(HttpSessionLinger, takes_no_more_than_a_bound_when_the_refused_request_announced_no_length)
{
    loopback server(serve(make_site()), {.level = log_level::off});
    auto client = server.connect();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n");
    server.run();
    const std::size_t sent = flood(server, client);
    EXPECT_TRUE(client.closed());
    EXPECT_GE(sent, std::size_t{64} << 20);
    EXPECT_LE(sent, std::size_t{66} << 20);
    EXPECT_EQ(server.ended(close_reason::limit_exceeded), 1u);
}

TEST_F(HttpSessionLinger, does_not_overflow_with_the_longest_length)
{
    loopback server(serve(make_site()), {.level = log_level::off});
    auto client = server.connect();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\n");
    server.run();
    client.send(std::string(1'000'000, 'x'));
    server.run();
    EXPECT_FALSE(client.closed());
    client.finish();
    server.run();
    EXPECT_TRUE(client.closed());
    EXPECT_FALSE(client.was_reset());
}

} // namespace
} // namespace naru::http
