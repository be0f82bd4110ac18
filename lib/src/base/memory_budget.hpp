#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace naru
{

/// The bytes that the sessions of one listener hold, over all shards, and how many they may. Any thread.
class memory_budget
{
  public:
    /// 0: no limit.
    explicit memory_budget(std::size_t limit) noexcept : limit_(limit) {}

    void add(std::int64_t bytes) noexcept { held_.fetch_add(bytes, std::memory_order_relaxed); }
    std::int64_t held() const noexcept { return held_.load(std::memory_order_relaxed); }
    bool allows(std::int64_t held) const noexcept
    {
        return limit_ == 0 || held <= 0 || static_cast<std::uint64_t>(held) <= limit_;
    }

  private:
    const std::size_t limit_;
    std::atomic<std::int64_t> held_{0};
};

/// One shard's part in it. Small changes stay here, so that the shards do not fight over one cache line.
class memory_share
{
  public:
    explicit memory_share(memory_budget& of) noexcept : of_(of) {}
    memory_share(const memory_share&) = delete;
    memory_share& operator=(const memory_share&) = delete;
    ~memory_share() { publish(); }

    void add(std::size_t bytes) noexcept { change(static_cast<std::int64_t>(bytes)); }
    void remove(std::size_t bytes) noexcept { change(-static_cast<std::int64_t>(bytes)); }

    /// More is held than the listener's limit allows.
    bool over() const noexcept { return !of_.allows(of_.held() + unpublished_); }

  private:
    void change(std::int64_t bytes) noexcept
    {
        unpublished_ += bytes;
        if (unpublished_ > unnoticed || unpublished_ < -unnoticed)
            publish();
    }

    void publish() noexcept
    {
        of_.add(unpublished_);
        unpublished_ = 0;
    }

    static constexpr std::int64_t unnoticed = 16 * 1024;
    memory_budget& of_;
    std::int64_t unpublished_ = 0;
};

} // namespace naru
