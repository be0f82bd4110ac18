#include "server/peer_counts.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace
{

using naru::connection_limits;
using naru::peer_counts;
using naru::peer_name;

peer_name peer(std::string_view text)
{
    return peer_name(naru::resolve(naru::endpoint::from(text), "test").front());
}

TEST(PeerCounts, take_connections_up_to_the_limit_and_again_when_one_leaves)
{
    peer_counts counts({.total = 2, .per_peer = 0});
    const peer_name one = peer("tcp://192.0.2.1:1");
    EXPECT_TRUE(counts.enter(one));
    EXPECT_TRUE(counts.enter(one));
    EXPECT_FALSE(counts.enter(one));
    EXPECT_EQ(counts.open(), 2u) << "what was refused is not counted";
    counts.leave(one);
    EXPECT_TRUE(counts.enter(one));
}

TEST(PeerCounts, count_each_peer_by_itself)
{
    peer_counts counts({.total = 100, .per_peer = 2});
    EXPECT_TRUE(counts.enter(peer("tcp://192.0.2.1:1")));
    EXPECT_TRUE(counts.enter(peer("tcp://192.0.2.1:2")));
    EXPECT_FALSE(counts.enter(peer("tcp://192.0.2.1:3")));
    EXPECT_TRUE(counts.enter(peer("tcp://192.0.2.2:1")));
    EXPECT_EQ(counts.open(), 3u);
    counts.leave(peer("tcp://192.0.2.1:1"));
    EXPECT_TRUE(counts.enter(peer("tcp://192.0.2.1:3")));
}

TEST(PeerCounts, count_an_ipv6_network_as_one_peer)
{
    peer_counts counts({.total = 100, .per_peer = 1});
    EXPECT_TRUE(counts.enter(peer("tcp://[2001:db8::1]:1")));
    EXPECT_FALSE(counts.enter(peer("tcp://[2001:db8::2]:1")));
    EXPECT_TRUE(counts.enter(peer("tcp://[2001:db8:0:1::1]:1")));
}

TEST(PeerCounts, exempt_loopback_from_the_limit_per_peer_and_never_from_the_total)
{
    peer_counts counts({.total = 2, .per_peer = 1});
    EXPECT_TRUE(counts.enter(peer("tcp://127.0.0.1:1")));
    EXPECT_TRUE(counts.enter(peer("tcp://127.0.0.1:2")));
    EXPECT_FALSE(counts.enter(peer("tcp://127.0.0.1:3")));

    peer_counts strict({.total = 2, .per_peer = 1, .loopback_exempt = false});
    EXPECT_TRUE(strict.enter(peer("tcp://127.0.0.1:1")));
    EXPECT_FALSE(strict.enter(peer("tcp://127.0.0.1:2")));
    EXPECT_TRUE(strict.enter(peer("tcp://[::1]:1"))) << "another address";
}

TEST(PeerCounts, tell_unix_peers_not_apart)
{
    peer_counts counts({.total = 100, .per_peer = 1, .loopback_exempt = false});
    EXPECT_TRUE(counts.enter(peer_name()));
    EXPECT_TRUE(counts.enter(peer_name()));
}

TEST(PeerCounts, have_no_limit_where_it_is_zero)
{
    peer_counts counts({.total = 0, .per_peer = 0, .loopback_exempt = false});
    for (int i = 0; i < 5000; ++i)
        ASSERT_TRUE(counts.enter(peer("tcp://192.0.2.1:1")));
    EXPECT_EQ(counts.open(), 5000u);
}

TEST(PeerCounts, never_take_more_than_the_limit_from_several_shards_at_once)
{
    peer_counts counts({.total = 50, .per_peer = 20});
    const peer_name peers[] = {peer("tcp://192.0.2.1:1"), peer("tcp://192.0.2.2:1"),
                               peer("tcp://192.0.2.3:1")};
    std::vector<std::thread> shards;
    for (int shard = 0; shard < 3; ++shard)
        shards.emplace_back(
            [&]
            {
                for (int i = 0; i < 3000; ++i)
                    if (const peer_name& from = peers[i % 3]; counts.enter(from))
                    {
                        EXPECT_LE(counts.open(),
                                  53u); // the others may be just finding out that there is no room
                        counts.leave(from);
                    }
            });
    for (std::thread& each : shards)
        each.join();
    EXPECT_EQ(counts.open(), 0u);
}

} // namespace
