#include "server/peer_counts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <unordered_map>
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

/// Of 40,000 networks of one /32, in a table with `hash` and the number of buckets that it has for so many,
/// the most that share a bucket. They are chosen so that they are equal modulo that number.
template <class Hash>
std::size_t longest_bucket()
{
    constexpr std::uint64_t count = 40'000;
    std::unordered_map<std::uint64_t, std::uint32_t, Hash> table;
    table.reserve(count);
    const std::uint64_t buckets = table.bucket_count();
    const std::uint64_t prefix = peer("tcp://[2001:db8::1]:1").network();
    std::vector<std::size_t> held(buckets);
    for (std::uint64_t i = 0; i < count; ++i) // not inserted: that would take as long as it does in an attack
        ++held[table.bucket(prefix + (i * buckets << 32))];
    return *std::max_element(held.begin(), held.end());
}

TEST(PeerCounts, spread_networks_that_a_peer_has_chosen_to_collide)
{
    EXPECT_EQ(longest_bucket<std::hash<std::uint64_t>>(), 40'000u) << "the networks are badly chosen";
    // Thrown at random into 60,000 buckets, one of 16 is less likely than 1 in 10^12.
    EXPECT_LT((longest_bucket<naru::network_table::hasher>()), 16u);
}

TEST(NetworkHash, is_siphash_1_3)
{
    // CPython 3.11's hash() of the same 8 bytes, whose key is zero with PYTHONHASHSEED=0.
    const naru::network_hash hash(0, 0);
    EXPECT_EQ(hash(1), 0x1e9f734161d62dd9u);
    EXPECT_EQ(hash(0x0123456789abcdef), 0x8662046e52264db8u);
    EXPECT_EQ(hash(0xffffffffffffffff), 0x2f205be2fec8e38du);
}

TEST(NetworkHash, has_one_key_that_the_process_draws)
{
    EXPECT_EQ(naru::network_hash()(1), naru::network_hash()(1));
    EXPECT_NE(naru::network_hash()(1), naru::network_hash(0, 0)(1));
    EXPECT_NE(naru::network_hash(1, 0)(1), naru::network_hash(0, 1)(1));
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
