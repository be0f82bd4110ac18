#include "http/http_session.hpp"

#include "reading.hpp"

#include <naru/testing/loopback.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

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
        .get("/medium", [](const request&) { return text(std::string(100'000, 'x')); })
        .get("/large", [](const request&) { return text(std::string(1'000'000, 'x')); })
        .post("/echo", [](const request& r) { return text(std::string(r.body())); });
    return site;
}

/// All that there is and that comes when there is room for it.
std::string take_all(loopback& server, naru::testing::memory_peer& client)
{
    std::string out;
    for (std::string some = client.take(); !some.empty(); some = client.take())
    {
        out += some;
        server.run();
    }
    return out;
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
            client.send("x"); // which puts it off by what a byte is worth, 4 ms
        }
        server.advance(10s - 1ms);
        EXPECT_FALSE(client.ended());
        server.advance(50ms);
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

// --- progress -------------------------------------------------------------------------------------

TEST(HttpSessionDeadlines, let_a_body_come_as_slowly_as_its_rate_allows)
{
    for (const bool chunked : {false, true})
    {
        loopback server(serve(make_site()));
        auto client = server.connect();
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\n");
        client.send(chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: 300000\r\n\r\n");
        for (int i = 0; i < 300; ++i)
        {
            server.advance(2s);
            client.send(chunked ? "3e8\r\n" + std::string(1000, 'x') + "\r\n" : std::string(1000, 'x'));
        }
        if (chunked)
            client.send("0\r\n\r\n");
        server.run();
        const auto bodies = read_bodies(take_all(server, client));
        ASSERT_EQ(bodies.size(), 1u);
        EXPECT_EQ(bodies[0].size(), 300'000u);
    }
}

TEST(HttpSessionDeadlines, end_a_body_that_has_come_fast_and_then_stops)
{
    loopback server(serve(make_site()));
    auto client = server.connect();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n");
    client.send(std::string(200'000, 'x')); // which earns nothing in advance
    pass(server, client, 30s);
    expect_timed_out(client);
}

TEST(HttpSessionDeadlines, take_any_byte_of_a_body_for_progress_where_the_rate_is_zero)
{
    options patient;
    patient.body_rate = 0;
    loopback server(serve(make_site(), patient));
    auto client = server.connect();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
    for (int i = 0; i < 50; ++i)
    {
        client.send("x");
        server.advance(29s);
        ASSERT_FALSE(client.ended()) << "after byte " << i;
    }
    server.advance(1s + 20ms);
    expect_timed_out(client);
}

/// Takes `size` bytes each second until nothing more is there or the connection has ended.
std::string take_steadily(loopback& server, naru::testing::memory_peer& client, std::size_t size)
{
    std::string out;
    while (client.untaken() > 0)
    {
        server.advance(1s);
        out += client.take(size);
        server.run();
    }
    return out;
}

TEST(HttpSessionDeadlines, let_a_slow_client_take_a_large_answer_and_keep_its_connection)
{
    // The kernel tells of room after 40 s, or takes the whole answer at once and sends it for 100 s.
    for (const std::size_t room : {std::size_t(600'000), std::size_t(2'000'000)})
    {
        loopback server(serve(make_site()));
        auto client = server.connect({.room = room, .room_to_tell = 400'000, .window = 0});
        client.send(get("/large"));
        server.run();
        EXPECT_EQ(read_bodies(take_steadily(server, client, 10'000)).size(), 1u) << "room " << room;
        server.advance(75s - 1ms);
        EXPECT_FALSE(client.ended()) << "room " << room;
        client.send(get("/"));
        server.run();
        EXPECT_EQ(read_bodies(client.take()).size(), 1u) << "room " << room;
        server.advance(75s + 10s + 20ms);
        EXPECT_TRUE(client.ended());
        server.advance(3s);
        EXPECT_EQ(server.ended(close_reason::idle_timeout), 1u) << "room " << room;
    }
}

TEST(HttpSessionDeadlines, let_a_slow_client_take_its_last_answer)
{
    loopback server(serve(make_site()));
    auto client = server.connect({.room = 600'000, .room_to_tell = 400'000, .window = 0});
    client.send(get("/large", "Connection: close\r\n"));
    server.run();
    EXPECT_EQ(read_bodies(take_steadily(server, client, 10'000)).size(), 1u);
    EXPECT_TRUE(client.ended());
    server.advance(10s);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::handler_done), 1u);
}

TEST(HttpSessionDeadlines, let_a_slow_client_take_the_answer_of_a_coroutine_and_keep_its_connection)
{
    router site;
    site.get("/large",
             [](const request&) -> task<response>
             {
                 auto posted = boost::asio::post(boost::asio::use_awaitable);
                 co_await std::move(posted);
                 co_return text(std::string(1'000'000, 'x'));
             });
    loopback server(serve(std::move(site)));
    auto client = server.connect({.room = 600'000, .room_to_tell = 400'000, .window = 0});
    for (int i = 0; i < 2; ++i)
    {
        client.send(get("/large"));
        server.run();
        EXPECT_EQ(read_bodies(take_steadily(server, client, 10'000)).size(), 1u) << "request " << i;
    }
    EXPECT_FALSE(client.ended());
}

// --- the largest and the smallest -----------------------------------------------------------------

TEST(HttpSessionDeadlines, never_expire_where_they_are_longer_than_the_clock)
{
    router site = make_site();
    site.get("/later",
             [](const request&) -> task<response>
             {
                 auto posted = boost::asio::post(boost::asio::use_awaitable);
                 co_await std::move(posted);
                 co_return text("later");
             });
    options endless;
    endless.header_deadline = endless.body_deadline = endless.handler_deadline = endless.idle =
        endless.write_stall = endless.linger = std::chrono::milliseconds::max();
    endless.line = endless.head = endless.fields = endless.body = endless.body_rate = endless.write_rate =
        endless.outbox_high = endless.outbox_low = SIZE_MAX;
    loopback server(serve(std::move(site), endless));
    auto used = server.connect();
    auto head = server.connect();
    auto body = server.connect();
    head.send("GET");
    body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
    for (const char* target : {"/", "/later", "/large"})
    {
        used.send(get(target));
        server.run();
        EXPECT_EQ(read_bodies(take_all(server, used)).size(), 1u) << target;
        server.advance(24h);
    }
    head.send(get("/").substr(3));
    body.send("12345");
    server.run();
    EXPECT_EQ(read_bodies(head.take()).size(), 1u);
    EXPECT_EQ(read_bodies(body.take()), std::vector<std::string>{"12345"});
}

TEST(HttpSessionDeadlines, are_not_there_where_they_are_negative)
{
    options endless;
    endless.header_deadline = endless.body_deadline = endless.idle = endless.write_stall = -1ms;
    loopback server(serve(make_site(), endless));
    auto idle = server.connect();
    auto head = server.connect();
    head.send("GET");
    server.advance(24h);
    EXPECT_EQ(server.figures().open, 2u);
}

// --- time that passes outside of a turn -----------------------------------------------------------

TEST(HttpSessionDeadlines, of_the_next_head_begin_after_a_handler_that_waited_for_long)
{
    options patient;
    patient.handler_deadline = 0ms;
    loopback* here = nullptr;
    router site = make_site();
    site.get("/poll",
             [&](const request&) -> task<response>
             {
                 auto posted = boost::asio::post(boost::asio::use_awaitable);
                 co_await std::move(posted);
                 here->clock().advance(1h);
                 co_return text("news");
             });
    loopback server(serve(std::move(site), patient));
    here = &server;
    auto client = server.connect();
    client.send(get("/poll") + get("/").substr(0, 10));
    server.run();
    EXPECT_EQ(read_bodies(client.take()).size(), 1u);
    server.advance(10s - 1ms);
    EXPECT_EQ(client.take(), "");
    client.send(get("/").substr(10) + get("/poll"));
    server.run();
    EXPECT_EQ(read_bodies(client.take()).size(), 2u);
    server.advance(75s - 1ms);
    EXPECT_FALSE(client.ended()) << "nor was it idle";
}

TEST(HttpSessionDeadlines, of_a_body_that_waits_for_a_100_begin_when_the_100_has_been_sent)
{
    loopback server(serve(make_site()));
    auto client = server.connect({.room = 60'000, .window = 0});
    // Its answer is larger than the room, and what waits is below what stops the reading.
    client.send(get("/medium") + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                                 "Expect: 100-continue\r\n\r\n");
    server.run();
    std::string got;
    while (client.untaken() > 0 && !client.ended())
    {
        server.advance(1s);
        got += client.take(1'000);
        server.run();
    }
    EXPECT_NE(got.find("HTTP/1.1 100 Continue\r\n\r\n"), std::string::npos);
    EXPECT_EQ(got.find("HTTP/1.1 408"), std::string::npos);
    client.send("12345");
    server.run();
    EXPECT_EQ(read_bodies(client.take()), std::vector<std::string>{"12345"});
}

} // namespace
} // namespace naru::http
