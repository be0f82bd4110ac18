#pragma once

#include <naru/base/clock.hpp>

#include <atomic>

namespace naru::testing
{

/// A clock that stands still until a test turns it. It only goes forward, as a monotonic clock does. Any
/// thread may turn it and ask it.
///
/// To turn it runs nothing: what has become due runs when its owner looks, as `loopback::advance()` does.
class test_clock final : public clock
{
  public:
    /// The first instant is an hour after the epoch, so that a test may speak of the time before.
    explicit test_clock(time_point now = time_point(std::chrono::hours(1))) noexcept
        : ticks_(now.time_since_epoch().count())
    {
    }

    time_point now() const noexcept override { return time_point(duration(ticks_.load())); }
    bool runs_by_itself() const noexcept override { return false; }

    /// Turns it on by `by`; what is negative turns nothing.
    void advance(duration by) noexcept
    {
        if (by > duration::zero())
            ticks_.fetch_add(by.count());
    }

  private:
    std::atomic<duration::rep> ticks_;
};

} // namespace naru::testing
