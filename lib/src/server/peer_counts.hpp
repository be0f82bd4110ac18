#pragma once

#include <naru/server/limits.hpp>

#include "net/address.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace naru
{

/// How many connections a listener has, in all and of each peer. Shared by its shards; touched when a
/// connection comes or goes.
class peer_counts
{
  public:
    explicit peer_counts(const connection_limits& limits) : limits_(limits) {}

    /// Counts one more. False, and nothing counted, when that would be over a limit.
    bool enter(const peer_name& peer);
    void leave(const peer_name& peer);

    std::uint64_t open() const noexcept { return open_.load(std::memory_order_relaxed); }

  private:
    bool counted(const peer_name& peer) const noexcept;

    connection_limits limits_;
    std::atomic<std::uint64_t> open_{0};
    std::mutex mutex_;
    std::unordered_map<std::uint64_t, std::uint32_t> by_network_;
};

} // namespace naru
