#include "http/http_session.hpp"

#include "gate.hpp"
#include "reading.hpp"

#include <naru/testing/loopback.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

// Handlers that are coroutines: at once, later, never.

namespace naru::http
{
namespace
{

using namespace std::chrono_literals;
using naru::testing::loopback;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class HttpSessionCoroutines : public ::testing::Test
{
  protected:
    task<response> ready(const request& r) { co_return text("ready " + std::string(r.query())); }

    task<response> later(const request& r)
    {
        const std::string_view query = r.query(); // a view, held over the suspension
        const std::string_view body = r.body();
        const std::string_view host = r.host();
        co_await gate_.pass();
        co_return text("later " + std::string(query) + " " + std::string(host) + " " + std::string(body));
    }

    task<response> throws(const request& r)
    {
        if (r.query() == "late")
            co_await gate_.pass();
        throw std::runtime_error("the inside");
        co_return text("");
    }

    task<response> deaf(const request&)
    {
        co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
        co_await gate_.pass();
        co_return text("too late");
    }

    router make_site()
    {
        router site;
        site.get("/plain", [](const request& r) { return text("plain " + std::string(r.query())); })
            .get("/ready", [this](const request& r) { return ready(r); })
            .get("/later", [this](const request& r) { return later(r); })
            .post("/later", [this](const request& r) { return later(r); })
            .get("/deaf", [this](const request& r) { return deaf(r); })
            .get("/throws", [this](const request& r) { return throws(r); });
        return site;
    }

    void open_gate()
    {
        gate_.open();
        server_.run();
    }

    gate gate_; // before the server, whose handlers wait there
    loopback server_{serve(make_site())};
};

TEST_F(HttpSessionCoroutines, answer_at_once)
{
    auto client = server_.connect();
    for (int i = 0; i < 3; ++i)
    {
        client.send(get("/ready?1") + get("/ready?2"));
        server_.run();
        EXPECT_THAT(read_bodies(client.take()), ElementsAre("ready 1", "ready 2"));
    }
    EXPECT_EQ(client.calls().writes, 3u) << "one a turn";
}

TEST_F(HttpSessionCoroutines, answer_later_with_the_views_they_hold)
{
    auto client = server_.connect();
    auto other = server_.connect();
    for (const char* body : {"first", "second"}) // the second knows that this route suspends
    {
        client.send(post("/later?q", body));
        server_.run();
        EXPECT_EQ(client.take(), "");
        other.send(get("/plain?" + std::string(2000, 'x'))); // into whatever block the shard now has
        client.send(get("/plain?behind"));
        server_.run();
        EXPECT_EQ(read_bodies(other.take()).size(), 1u);
        EXPECT_EQ(client.take(), "") << "answers keep their order";
        open_gate();
        EXPECT_THAT(read_bodies(client.take()),
                    ElementsAre("later q a " + std::string(body), "plain behind"));
    }
}

TEST_F(HttpSessionCoroutines, keep_the_order_of_a_mixed_burst)
{
    auto client = server_.connect();
    client.send(get("/plain?1") + get("/ready?2") + get("/later?3") + get("/plain?4") + get("/later?5") +
                get("/ready?6") + get("/throws") + get("/plain?8"));
    server_.run();
    EXPECT_THAT(read_bodies(client.take()), ElementsAre("plain 1", "ready 2"));
    open_gate();
    EXPECT_THAT(read_bodies(client.take()), ElementsAre("later 3 a ", "plain 4"));
    open_gate();
    const auto answers = read_answers(client.take());
    ASSERT_EQ(answers.size(), 4u);
    EXPECT_EQ(answers[0].body, "later 5 a ");
    EXPECT_EQ(answers[1].body, "ready 6");
    EXPECT_EQ(answers[2].status, 500);
    EXPECT_EQ(answers[3].body, "plain 8");
}

TEST_F(HttpSessionCoroutines, read_no_further_while_one_of_them_waits)
{
    auto client = server_.connect();
    client.send(get("/later"));
    server_.run();
    const auto reads = client.calls().reads;
    for (int i = 0; i < 100; ++i)
    {
        client.send(std::string(10'000, 'x'));
        server_.run();
    }
    EXPECT_EQ(client.calls().reads, reads);
    server_.advance(59s);
    EXPECT_EQ(client.calls().reads, reads);
    EXPECT_FALSE(client.ended());
    open_gate();
    EXPECT_EQ(read_answers(client.take()).at(0).status, 200);
}

TEST_F(HttpSessionCoroutines, throw_before_and_after_the_suspension)
{
    auto client = server_.connect();
    client.send(get("/throws?early") + get("/plain?1") + get("/throws?late") + get("/plain?2"));
    server_.run();
    open_gate();
    const std::string bytes = client.take();
    EXPECT_THAT(bytes, Not(HasSubstr("inside")));
    const auto answers = read_answers(bytes);
    ASSERT_EQ(answers.size(), 4u);
    EXPECT_EQ(answers[0].status, 500);
    EXPECT_EQ(answers[1].body, "plain 1");
    EXPECT_EQ(answers[2].status, 500);
    EXPECT_EQ(answers[3].body, "plain 2");
}

TEST_F(HttpSessionCoroutines, are_cut_short_when_they_take_too_long)
{
    auto client = server_.connect();
    client.send(get("/plain?1") + get("/later") + get("/plain?2"));
    server_.run();
    server_.advance(59s);
    EXPECT_THAT(read_bodies(client.take()), ElementsAre("plain 1"));
    server_.advance(2s);
    const auto answers = read_answers(client.take());
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].status, 503);
    EXPECT_TRUE(answers[0].closes());
    EXPECT_EQ(gate_.cancelled(), 1);
    EXPECT_TRUE(client.ended());
    client.finish();
    server_.run();
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server_.ended(close_reason::handler_timeout), 1u);
    EXPECT_TRUE(server_.sessions().empty());
}

TEST_F(HttpSessionCoroutines, have_each_a_deadline_of_its_own)
{
    auto client = server_.connect();
    client.send(get("/later?1") + get("/later?2"));
    server_.run();
    for (const char* which : {"1", "2"})
    {
        server_.advance(50s);
        open_gate();
        EXPECT_THAT(read_bodies(client.take()), ElementsAre("later " + std::string(which) + " a "));
    }
    server_.advance(70s);
    EXPECT_FALSE(client.ended()) << "and none is left when they have answered";
}

TEST_F(HttpSessionCoroutines, that_know_no_cancellation_do_not_keep_their_client)
{
    auto client = server_.connect();
    client.send(get("/deaf"));
    server_.run();
    server_.advance(61s);
    EXPECT_EQ(read_answers(client.take()).at(0).status, 503);
    server_.advance(3s); // to linger
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server_.ended(close_reason::handler_timeout), 1u);
    open_gate();
    EXPECT_TRUE(server_.sessions().empty());
}

TEST_F(HttpSessionCoroutines, answer_in_vain_while_a_connection_that_was_cut_short_lingers)
{
    auto client = server_.connect();
    client.send(get("/deaf"));
    server_.run();
    server_.advance(61s);
    client.take();
    open_gate();
    EXPECT_EQ(client.take(), "");
    EXPECT_FALSE(client.closed());
    server_.advance(3s);
    EXPECT_TRUE(client.closed());
    EXPECT_TRUE(server_.sessions().empty());
}

TEST_F(HttpSessionCoroutines, may_hold_their_answer_back_where_no_deadline_is_wanted)
{
    options patient;
    patient.handler_deadline = 0s;
    loopback server(serve(make_site(), patient));
    auto client = server.connect();
    client.send(get("/later?1"));
    server.run();
    server.advance(10h);
    gate_.open();
    server.run();
    EXPECT_THAT(read_bodies(client.take()), ElementsAre("later 1 a "));
}

TEST_F(HttpSessionCoroutines, are_cancelled_when_the_session_closes)
{
    auto client = server_.connect();
    client.send(get("/later"));
    server_.run();
    ASSERT_EQ(gate_.waiting(), 1u);
    server_.stop();
    server_.run();
    EXPECT_EQ(gate_.cancelled(), 1);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server_.ended(close_reason::shutdown), 1u);
    EXPECT_TRUE(server_.sessions().empty());
}

TEST_F(HttpSessionCoroutines, are_answered_and_closed_when_the_server_drains)
{
    auto client = server_.connect();
    client.send(get("/later") + get("/plain"));
    server_.run();
    server_.drain();
    server_.run();
    EXPECT_FALSE(client.ended());
    open_gate();
    const auto answers = read_answers(client.take());
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].status, 200);
    EXPECT_TRUE(answers[0].closes());
    EXPECT_TRUE(client.ended());
    server_.advance(3s);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server_.ended(close_reason::drained), 1u);
}

TEST_F(HttpSessionCoroutines, answer_who_has_finished_sending)
{
    auto client = server_.connect();
    client.send(get("/later?1") + get("/later?2"));
    client.finish();
    server_.run();
    open_gate();
    open_gate();
    EXPECT_THAT(read_bodies(client.take()), ElementsAre("later 1 a ", "later 2 a "));
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server_.ended(close_reason::peer_closed), 1u);
}

TEST_F(HttpSessionCoroutines, survive_a_peer_that_is_gone_when_they_answer)
{
    auto client = server_.connect();
    client.send(get("/later") + get("/later"));
    server_.run();
    client.reset();
    server_.run();
    open_gate();
    server_.run();
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server_.ended(close_reason::peer_reset), 1u);
    EXPECT_TRUE(server_.sessions().empty());
}

TEST_F(HttpSessionCoroutines, close_after_their_answer)
{
    auto client = server_.connect();
    client.send(get("/ready", "Connection: close\r\n"));
    server_.run();
    EXPECT_TRUE(read_answers(client.take()).at(0).closes());
    server_.advance(3s);
    EXPECT_TRUE(client.closed());
    EXPECT_TRUE(server_.sessions().empty());
    EXPECT_EQ(server_.ended(close_reason::handler_done), 1u);
}

// The connection's own coroutine ends when it has had nothing to do for a while, and comes back.
TEST_F(HttpSessionCoroutines, come_back_to_a_connection_that_was_idle)
{
    auto client = server_.connect();
    for (const auto pause : {0ms, 500ms, 990ms, 1000ms, 1008ms, 1016ms, 1100ms, 70'000ms, 10ms})
    {
        client.send(get("/ready?a"));
        server_.run();
        EXPECT_THAT(read_bodies(client.take()), ElementsAre("ready a")) << pause.count();
        client.send(get("/later?b"));
        server_.run();
        open_gate();
        EXPECT_THAT(read_bodies(client.take()), ElementsAre("later b a ")) << pause.count();
        server_.advance(pause);
    }
    EXPECT_FALSE(client.ended());
    server_.advance(74s);
    EXPECT_FALSE(client.ended());
    server_.advance(2s);
    EXPECT_TRUE(client.ended());
    server_.advance(3s);
    EXPECT_TRUE(server_.sessions().empty());
    EXPECT_EQ(server_.ended(close_reason::idle_timeout), 1u);
}

TEST_F(HttpSessionCoroutines, are_asked_in_the_instant_in_which_their_connection_lets_its_coroutine_go)
{
    for (auto pause = 990ms; pause < 1040ms; ++pause)
    {
        loopback server(serve(make_site()));
        auto client = server.connect();
        client.send(get("/ready?1"));
        server.run();
        client.script().delay = pause;
        client.send(get("/later?2"));
        server.advance(pause);
        client.script().delay = 0ms;
        server.run();
        ASSERT_EQ(gate_.waiting(), 1u) << pause.count();
        gate_.open();
        server.run();
        EXPECT_THAT(read_bodies(client.take()), ElementsAre("ready 1", "later 2 a ")) << pause.count();
        client.finish();
        server.run();
        EXPECT_TRUE(client.closed());
        EXPECT_TRUE(server.sessions().empty());
    }
}

TEST_F(HttpSessionCoroutines, wait_together_on_many_connections)
{
    std::vector<naru::testing::memory_peer> clients;
    for (int i = 0; i < 50; ++i)
    {
        clients.push_back(server_.connect());
        clients.back().send(get("/later?" + std::to_string(i)));
    }
    server_.run();
    ASSERT_EQ(gate_.waiting(), 50u);
    for (int i = 0; i < 50; ++i)
    {
        for (int j = i; j < 50; ++j)
            EXPECT_EQ(clients[static_cast<std::size_t>(j)].untaken(), 0u);
        open_gate();
        EXPECT_THAT(read_bodies(clients[static_cast<std::size_t>(i)].take()),
                    ElementsAre("later " + std::to_string(i) + " a "));
    }
}

} // namespace
} // namespace naru::http
