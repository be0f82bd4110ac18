#include "http/http_session.hpp"

#include "reading.hpp"

#include <naru/testing/loopback.hpp>

#include <gtest/gtest.h>

#include <string>

namespace naru::http
{
namespace
{

using namespace std::chrono_literals;
using naru::testing::loopback;

router make_site()
{
    router site;
    site.get("/", [](const request&) { return text("root"); })
        .get("/large", [](const request&) { return text(std::string(1'000'000, 'x')); })
        .post("/echo", [](const request& r) { return text(std::string(r.body())); });
    return site;
}

/// Turns the clock on until just before `due`, when nothing may have happened, and then over it.
void pass(loopback& server, naru::testing::memory_peer& client, duration due)
{
    server.advance(due - 1ms);
    EXPECT_EQ(client.untaken(), 0u);
    EXPECT_FALSE(client.ended());
    server.advance(20ms);
    EXPECT_TRUE(client.ended());
}

void expect_timed_out(naru::testing::memory_peer& client)
{
    const auto answers = read_answers(client.take());
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].status, 408);
    EXPECT_TRUE(answers[0].closes());
}

TEST(HttpSessionDeadlines, end_a_head_that_does_not_come_to_its_end)
{
    loopback server(serve(make_site()));
    auto client = server.connect();
    server.advance(20s); // which idle does not count against the head
    client.send("GET / HTTP/1.1\r\n");
    pass(server, client, 10s);
    expect_timed_out(client);
    server.advance(3s);
    EXPECT_EQ(server.ended(close_reason::header_timeout), 1u);
}

TEST(HttpSessionDeadlines, are_not_put_off_by_single_bytes)
{
    loopback server(serve(make_site()));
    auto client = server.connect();
    const std::string head = "GET / HTTP/1.1\r\nX-Slow: and so on and on";
    for (std::size_t i = 0; i < head.size() && !client.ended(); ++i)
    {
        client.send(head.substr(i, 1));
        server.advance(1s);
        EXPECT_LE(i, 11u);
    }
    expect_timed_out(client);
}

TEST(HttpSessionDeadlines, end_a_body_that_does_not_come_to_its_end)
{
    for (const std::string& head :
         {std::string("Content-Length: 5\r\n\r\n"), std::string("Transfer-Encoding: chunked\r\n\r\n5\r\n")})
    {
        loopback server(serve(make_site()));
        auto client = server.connect();
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\n");
        server.advance(9s); // the body has its own time
        client.send(head);
        server.run();
        for (int i = 0; i < 4; ++i)
        {
            server.advance(5s);
            client.send("x");
        }
        pass(server, client, 10s);
        expect_timed_out(client);
        server.advance(3s);
        EXPECT_EQ(server.ended(close_reason::body_timeout), 1u);
    }
}

TEST(HttpSessionDeadlines, begin_anew_with_every_request)
{
    loopback server(serve(make_site()));
    auto client = server.connect();
    for (int i = 0; i < 10; ++i)
    {
        client.send("GET / HTTP/1.1\r\n");
        server.advance(9s);
        client.send("Host: a\r\n\r\n" + get("/").substr(0, 10)); // and the next one with it
        server.advance(9s);
        client.send(get("/").substr(10));
        server.run();
        EXPECT_EQ(read_bodies(client.take()).size(), 2u);
    }
}

TEST(HttpSessionDeadlines, end_an_idle_connection_without_a_word)
{
    loopback server(serve(make_site()));
    auto fresh = server.connect();
    auto used = server.connect();
    used.send(get("/"));
    server.run();
    used.take();
    pass(server, fresh, 75s);
    EXPECT_EQ(fresh.take(), "");
    EXPECT_TRUE(used.ended());
    EXPECT_EQ(used.take(), "");
    server.advance(3s);
    EXPECT_EQ(server.ended(close_reason::idle_timeout), 2u);
}

TEST(HttpSessionDeadlines, end_who_does_not_take_his_answer)
{
    loopback server(serve(make_site()));
    auto client = server.connect({.room = 1000});
    client.send(get("/large"));
    server.run();
    server.advance(29s);
    EXPECT_FALSE(client.closed());
    client.take(500); // a little is enough to go on
    server.advance(29s);
    EXPECT_FALSE(client.closed());
    server.advance(2s);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::write_stalled), 1u);
}

TEST(HttpSessionDeadlines, end_who_does_not_take_his_last_answer)
{
    loopback server(serve(make_site()));
    auto client = server.connect({.room = 1000});
    client.send(get("/large", "Connection: close\r\n"));
    server.run();
    server.advance(29s);
    EXPECT_FALSE(client.closed());
    server.advance(2s);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::write_stalled), 1u);
}

TEST(HttpSessionDeadlines, end_the_lingering)
{
    loopback server(serve(make_site()));
    auto client = server.connect();
    client.send(get("/", "Connection: close\r\n"));
    server.run();
    EXPECT_TRUE(client.ended());
    for (int i = 0; i < 3; ++i)
    {
        EXPECT_FALSE(client.closed());
        client.send("x"); // does not put it off
        server.advance(700ms);
    }
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::handler_done), 1u);
}

TEST(HttpSessionDeadlines, may_be_without)
{
    options endless;
    endless.header_deadline = endless.body_deadline = endless.idle = endless.write_stall = 0ms;
    loopback server(serve(make_site(), endless));
    auto idle = server.connect();
    auto head = server.connect();
    auto body = server.connect();
    auto stalled = server.connect({.room = 10});
    head.send("GET");
    body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
    stalled.send(get("/"));
    server.advance(24h);
    for (const auto* each : {&idle, &head, &body, &stalled})
        EXPECT_FALSE(each->ended());
    head.send(get("/").substr(3));
    server.run();
    EXPECT_EQ(read_bodies(head.take()).size(), 1u);
}

TEST(HttpSessionDeadlines, let_a_drain_wait_for_a_request_that_has_begun)
{
    loopback server(serve(make_site()));
    auto idle = server.connect();
    auto begun = server.connect();
    auto silent = server.connect();
    begun.send("GET / HTTP/1.1\r\n");
    silent.send("GET / HTTP/1.1\r\n");
    server.run();
    server.drain();
    server.run();
    EXPECT_TRUE(idle.ended());
    EXPECT_FALSE(begun.ended());
    begun.send("Host: a\r\n\r\n");
    server.run();
    EXPECT_TRUE(read_answers(begun.take()).at(0).closes());
    EXPECT_TRUE(begun.ended());
    server.advance(11s);
    expect_timed_out(silent);
    server.advance(3s);
    EXPECT_TRUE(server.sessions().empty());
    EXPECT_EQ(server.ended(close_reason::drained), 2u);
}

} // namespace
} // namespace naru::http
