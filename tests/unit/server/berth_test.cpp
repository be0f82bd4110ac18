#include "server/berth.hpp"

#include "net/plain_socket.hpp"
#include "server/listener_state.hpp"
#include "server/shard.hpp"

#include <naru/http/router.hpp>
#include <naru/http/serve.hpp>
#include <naru/raw/raw.hpp>
#include <naru/testing/loopback.hpp>
#include <naru/testing/test_clock.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using naru::session;
using naru::task;
using naru::testing::plain_socket;
using testing::ElementsAre;

task<> echo(session& s)
{
    while (auto line = co_await s.read_line())
        co_await s.write(*line, "\n");
}

TEST(Berth, logs_a_session_with_all_that_is_to_be_known_of_it)
{
    naru::testing::loopback server(naru::raw(echo));
    auto client = server.connect(naru::endpoint::from("tcp://192.0.2.1:7"));
    client.send("12345\n");
    server.advance(1500ms);
    client.finish();
    server.run();
    EXPECT_THAT(
        server.log(),
        ElementsAre("info session id=1 protocol=raw listener=tcp://127.0.0.1:9190 peer=tcp://192.0.2.1:7 "
                    "reason=peer_closed seconds=1.5 bytes_in=6 bytes_out=6"));
}

TEST(Berth, keeps_figures_of_its_sessions)
{
    naru::testing::loopback server(naru::raw(echo));
    auto first = server.connect();
    auto second = server.connect();
    first.send("123\n");
    second.send("12\n");
    second.finish();
    server.run();
    const auto figures = server.traffic();
    EXPECT_EQ(figures.bytes_in, 7u);
    EXPECT_EQ(figures.bytes_out, 7u);
    EXPECT_EQ(figures.open, 1u);
    EXPECT_EQ(server.figures().opened, 2u);
    EXPECT_EQ(server.figures().open, 1u);
}

/// A listener on real sockets, on one shard and in one thread, with a clock that stands.
class BerthOverSockets : public testing::Test
{
  protected:
    void listen(const naru::connection_limits& limits, const naru::protocol& speaks = naru::raw(echo))
    {
        auto sockets = naru::open_listening_sockets(naru::endpoint::from("tcp://127.0.0.1:0"), {}, 1);
        listener = std::make_shared<naru::listener_state>(shared, std::move(sockets), speaks, limits, shards);
        listener->start();
    }

    ~BerthOverSockets() override
    {
        listener->close();
        shards[0]->stop();
        shards[0]->loop().poll();
        listener->loops_gone();
        shards.clear();
        listener->shards_gone();
    }

    void run() { shards[0]->loop().poll(); }

    naru::testing::test_clock clock;
    naru::ledger shared{naru::log_options{.level = naru::log_level::off}, clock};
    std::vector<std::unique_ptr<naru::shard>> shards = [this]
    {
        std::vector<std::unique_ptr<naru::shard>> one;
        one.push_back(std::make_unique<naru::shard>(0, shared));
        return one;
    }();
    std::shared_ptr<naru::listener_state> listener;
};

TEST_F(BerthOverSockets, closes_connections_over_the_limit_at_once_and_counts_them)
{
    listen({.total = 2});
    plain_socket first(listener->local());
    plain_socket second(listener->local());
    plain_socket third(listener->local());
    run();
    EXPECT_EQ(third.receive_all(), "");
    EXPECT_EQ(third.error(), 0);
    auto figures = listener->figures();
    EXPECT_EQ(figures.accepted, 3u);
    EXPECT_EQ(figures.refused, 1u);
    EXPECT_EQ(figures.open, 2u);
    ASSERT_TRUE(second.send("still served\n"));
    run();
    EXPECT_EQ(second.receive(13), "still served\n");

    first.close();
    run();
    plain_socket fourth(listener->local());
    run();
    ASSERT_TRUE(fourth.send("served too\n"));
    run();
    EXPECT_EQ(fourth.receive(11), "served too\n");
    EXPECT_EQ(listener->figures().refused, 1u);
}

TEST_F(BerthOverSockets, tells_a_client_that_is_not_served_though_its_request_has_come)
{
    listen({.total = 1}, naru::http::serve(naru::http::router()));
    const plain_socket first(listener->local());
    plain_socket second(listener->local());
    ASSERT_TRUE(second.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\n" +
                            std::string(9000, 'b')));
    run();
    EXPECT_TRUE(second.receive_all().starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
    EXPECT_EQ(second.error(), 0) << "a reset may overtake the answer";
}

TEST_F(BerthOverSockets, counts_peers_when_loopback_is_not_exempt)
{
    listen({.total = 100, .per_peer = 1, .loopback_exempt = false});
    const plain_socket first(listener->local());
    plain_socket second(listener->local());
    run();
    EXPECT_EQ(second.receive_all(), "");
    EXPECT_EQ(listener->figures().refused, 1u);
}

TEST_F(BerthOverSockets, survives_a_peer_that_has_reset_before_it_is_taken)
{
    listen({});
    for (int i = 0; i < 20; ++i)
        plain_socket(listener->local()).reset();
    plain_socket lives(listener->local());
    run();
    ASSERT_TRUE(lives.send("hello\n"));
    run();
    EXPECT_EQ(lives.receive(6), "hello\n");
    EXPECT_EQ(listener->figures().open, 1u);
    EXPECT_EQ(shared.open.load(), 1u);
}

} // namespace
