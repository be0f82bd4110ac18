#pragma once

#include "base/event_log.hpp"

#include <naru/base/clock.hpp>
#include <naru/server/close_reason.hpp>

#include <array>
#include <atomic>
#include <cstdint>

namespace naru
{

/// What the shards of one server share. Touched when a session opens or closes, never on the way of a byte.
struct ledger
{
    explicit ledger(const log_options& options, const clock& source = clock::system())
        : log(options), time(source)
    {
    }

    event_log log;
    const clock& time;

    std::atomic<std::uint64_t> next_id{1};
    std::atomic<std::uint64_t> opened{0};
    std::atomic<std::uint64_t> open{0};
    std::array<std::atomic<std::uint64_t>, close_reason_count> closed{};
    std::atomic<bool> draining{false};
};

/// A counter with one writer, its shard, and readers everywhere: a plain addition for the writer.
class shard_counter
{
  public:
    void add(std::uint64_t amount) noexcept
    {
        value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

} // namespace naru
