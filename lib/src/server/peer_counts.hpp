#pragma once

#include <naru/server/limits.hpp>

#include "net/address.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace naru
{

/// SipHash-1-3 of a network's 64 bits, with a key that the process draws at its start. A peer that owns an
/// IPv6 /32 chooses among 2^32 networks: of a hash that it can compute it fills one bucket, and every
/// connection then walks through that bucket under the lock of all shards. A linear hash with a secret
/// (multiply, xor, CRC) does not help: differences that collide do so under every secret. 1-3 rounds are what
/// Rust's and Python's tables have for the same end.
class network_hash
{
  public:
    /// With the process's key.
    network_hash();
    network_hash(std::uint64_t key0, std::uint64_t key1) noexcept : key0_(key0), key1_(key1) {}

    std::size_t operator()(std::uint64_t network) const noexcept;

  private:
    std::uint64_t key0_;
    std::uint64_t key1_;
};

/// Connections by peer_name::network().
using network_table = std::unordered_map<std::uint64_t, std::uint32_t, network_hash>;

/// How many connections a listener has, in all and of each peer. Shared by its shards; touched when a
/// connection comes or goes.
class peer_counts
{
  public:
    explicit peer_counts(const connection_limits& limits) : limits_(limits) {}

    /// Counts one more. False, and nothing counted, when that would be over a limit, or memory has run out.
    bool enter(const peer_name& peer);
    void leave(const peer_name& peer);

    std::uint64_t open() const noexcept { return open_.load(std::memory_order_relaxed); }

  private:
    bool counted(const peer_name& peer) const noexcept;
    bool enter_of_peer(std::uint64_t network);

    connection_limits limits_;
    std::atomic<std::uint64_t> open_{0};
    std::mutex mutex_;
    network_table by_network_; // of networks with an open connection only
};

} // namespace naru
