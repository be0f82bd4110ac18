#include "server/shard.hpp"

#include <naru/raw/raw.hpp>
#include <naru/testing/loopback.hpp>

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace
{

using naru::session;
using naru::task;
using naru::testing::loopback;
using naru::testing::memory_peer;

const naru::testing::loopback_options quiet{.level = naru::log_level::off};

task<> echo_lines(session& s)
{
    while (auto line = co_await s.read_line())
        co_await s.write(*line, "\n");
}

/// Says each line to everybody, the speaker included.
class chat
{
  public:
    naru::handler handler()
    {
        return [this](session& s) -> task<>
        {
            members_.push_back(s.ref());
            while (auto line = co_await s.read_line())
                for (const naru::session_ref& each : members_)
                    each.send(std::string(*line) + "\n");
        };
    }

  private:
    std::vector<naru::session_ref> members_;
};

TEST(Turn, gathers_what_others_say_to_a_session_into_one_call)
{
    naru::session_ref listener;
    const auto handler = [&](session& s) -> task<>
    {
        if (s.id() == 1)
            listener = s.ref();
        while (auto line = co_await s.read_line())
            listener.send(std::string(*line) + "\n");
    };
    loopback server(naru::raw(handler), quiet);
    auto hears = server.connect();
    auto speaks = server.connect();
    server.run();
    std::string lines;
    for (int i = 0; i < 50; ++i)
        lines += "line " + std::to_string(i) + "\n";
    speaks.send(lines);
    server.run();
    EXPECT_EQ(hears.take(), lines);
    EXPECT_EQ(hears.calls().writes, 1u);
}

TEST(Turn, keeps_the_order_of_what_a_session_and_others_write_to_it)
{
    // The speaker owns the cork while its lines are dealt with; the others' words take another way, in the
    // same order.
    chat room;
    loopback server(naru::raw(room.handler()), quiet);
    std::vector<memory_peer> members;
    for (int i = 0; i < 5; ++i)
        members.push_back(server.connect({.room = 100'000}));
    server.run();
    for (int round = 0; round < 3; ++round)
    {
        std::string lines;
        for (int i = 0; i < 40; ++i)
            lines += std::to_string(round) + "." + std::to_string(i) + "\n";
        members[static_cast<std::size_t>(round)].send(lines);
        server.run();
        for (std::size_t i = 0; i < members.size(); ++i)
            EXPECT_EQ(members[i].take(), lines) << "member " << i;
    }
}

TEST(Turn, keeps_that_order_when_the_streams_take_little)
{
    chat room;
    loopback server(naru::raw(room.handler()), quiet);
    std::vector<memory_peer> members;
    for (std::size_t i = 0; i < 4; ++i)
        members.push_back(server.connect({.write_at_most = i, .room = 10 + i}));
    server.run();
    std::string lines;
    for (int i = 0; i < 100; ++i)
        lines += std::to_string(i) + "\n";
    members[1].send(lines);
    server.run();
    std::map<std::size_t, std::string> got;
    for (bool more = true; more; server.run())
    {
        more = false;
        for (std::size_t i = 0; i < members.size(); ++i)
        {
            const std::string part = members[i].take();
            more = more || !part.empty();
            got[i] += part;
        }
    }
    for (const auto& [member, text] : got)
        EXPECT_EQ(text, lines) << "member " << member;
}

TEST(Turn, sends_what_is_written_outside_of_any_turn)
{
    naru::session_ref ref;
    const auto handler = [&](session& s) -> task<>
    {
        ref = s.ref();
        co_await s.read_line();
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    server.run();
    ref.send("a");
    ref.send("b");
    server.run();
    EXPECT_EQ(client.take(), "ab");
    EXPECT_EQ(client.calls().writes, 1u);
}

TEST(Turn, stops_trying_to_read_when_there_is_mostly_nothing)
{
    loopback server(naru::raw(echo_lines), quiet);
    auto client = server.connect();
    const auto exchange = [&](int count)
    {
        const auto before = client.calls();
        for (int i = 0; i < count; ++i)
        {
            client.send("x\n");
            server.run();
            client.take();
        }
        auto after = client.calls();
        after.reads -= before.reads;
        after.reads_blocked -= before.reads_blocked;
        return after;
    };
    EXPECT_GT(exchange(60).reads_blocked, 50u) << "at first it tries";
    exchange(60);
    const auto settled = exchange(200);
    EXPECT_EQ(settled.reads, 200u) << "one read an exchange, and none in vain";
    EXPECT_EQ(settled.reads_blocked, 0u);
}

TEST(Turn, goes_back_to_trying_when_there_is_more_to_do)
{
    loopback server(naru::raw(echo_lines), quiet);
    auto client = server.connect();
    for (int i = 0; i < 200; ++i)
    {
        client.send("x\n");
        server.run();
    }
    client.take();

    // Now bytes are always there.
    client.script().read_at_most = 2;
    std::string lines;
    for (int i = 0; i < 5'000; ++i)
        lines += "y\n";
    client.send(lines);
    const auto before = client.calls();
    server.run();
    EXPECT_EQ(client.take(), lines);
    EXPECT_EQ(client.calls().reads - before.reads, 5'001u);
    EXPECT_LT(client.calls().read_waits - before.read_waits, 17u * 64)
        << "it found out within sixteen windows";
}

TEST(Turn, gives_each_session_its_read_before_any_has_a_second)
{
    std::string order;
    const auto handler = [&](session& s) -> task<>
    {
        while (co_await s.read_line())
            order += static_cast<char>('a' + s.id() - 1);
    };
    loopback server(naru::raw(handler), quiet);
    std::vector<memory_peer> clients;
    for (int i = 0; i < 3; ++i)
    {
        clients.push_back(server.connect({.read_at_most = 2}));
        clients.back().send("1\n2\n3\n4\n");
    }
    server.run();
    EXPECT_EQ(order, "abcabcabcabc");
}

} // namespace
