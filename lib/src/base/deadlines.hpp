#pragma once

#include <naru/base/clock.hpp>

#include <boost/intrusive/list.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace naru
{

/// Something that has to be over by an instant. Intrusive: it costs its owner no allocation and no timer.
class deadline
    : public boost::intrusive::list_base_hook<boost::intrusive::tag<class deadline_tag>,
                                              boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
{
  public:
    static constexpr time_point never = time_point::max();

    /// The instant has passed. It is not set any more; it may be set again from here, or destroyed.
    virtual void expired() = 0;

  protected:
    ~deadline() = default;

  private:
    friend class deadlines;
    time_point due_ = never;
    std::int64_t slot_ = 0; // the tick in whose slot it hangs, while it hangs in one
};

/// `wait` after `from`; `never` when that is a hundred years or more, of which a time_point holds less than
/// three. A negative wait counts as none.
constexpr time_point later(time_point from, std::chrono::milliseconds wait) noexcept
{
    constexpr std::chrono::hours longest{24 * 365 * 100};
    if (wait >= longest || from >= deadline::never - longest)
        return deadline::never;
    return from + std::max(wait, std::chrono::milliseconds(0));
}

/// The same for a limit of the user's: 0 or less means that there is none.
constexpr time_point due_after(time_point from, std::chrono::milliseconds limit) noexcept
{
    return limit.count() > 0 ? later(from, limit) : deadline::never;
}

/// Where a wait that began at `began` counts from when `bytes` have come: later by the time that they are
/// worth at `rate` bytes a second, but not after `now`. Without a rate (0) any byte is progress: from `now`.
time_point put_off(time_point began, std::size_t bytes, std::size_t rate, time_point now) noexcept;

/// What `rate` bytes a second are in `wait`; the largest number when they are more.
std::uint64_t bytes_during(std::chrono::milliseconds wait, std::size_t rate) noexcept;

/// The deadlines of a shard: a wheel of coarse ticks.
///
/// A deadline that moves later, as an idle deadline does with each message, is only written down: it stays
/// where it hangs and is moved when its old slot comes up. So the hot way pays one store and one comparison.
/// It never fires early, and at most one tick late.
class deadlines
{
  public:
    static constexpr std::chrono::milliseconds tick{16};
    static constexpr std::chrono::milliseconds round{16 * 1024};

    explicit deadlines(time_point now) noexcept : cursor_(tick_of(now)) {}

    /// Sets or moves. True when something is now to be looked at earlier than before: look at next() again.
    bool set(deadline& entry, time_point due) noexcept;

    void clear(deadline& entry) noexcept { entry.due_ = deadline::never; }

    /// The same, and it hangs nowhere any more: it may be destroyed by another thread.
    void remove(deadline& entry) noexcept
    {
        entry.due_ = deadline::never;
        entry.unlink();
    }

    /// Calls expired() of all that are due at `now`.
    void expire(time_point now);

    /// When expire() has to be called next, at the latest; nullopt when nothing is set.
    std::optional<time_point> next() const noexcept;

  private:
    static constexpr std::int64_t slots = round / tick;

    using list = boost::intrusive::list<deadline, boost::intrusive::base_hook<deadline::list_base_hook>,
                                        boost::intrusive::constant_time_size<false>>;

    static std::int64_t tick_of(time_point when) noexcept { return when.time_since_epoch() / tick; }
    static std::int64_t tick_after(time_point when) noexcept { return tick_of(when) + 1; }

    void hang(deadline& entry) noexcept;

    std::array<list, slots> wheel_;
    std::int64_t cursor_; // every tick up to and with this one has been looked at
};

} // namespace naru
