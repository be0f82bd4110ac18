#include "base/deadlines.hpp"

#include <limits>

namespace naru
{

namespace
{

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

constexpr std::uint64_t times(std::uint64_t a, std::uint64_t b) noexcept
{
    return b > 0 && a > most / b ? most : a * b;
}

} // namespace

time_point put_off(time_point began, std::size_t bytes, std::size_t rate, time_point now) noexcept
{
    if (rate == 0 || began >= now)
        return now;
    const auto waited = static_cast<std::uint64_t>((now - began).count());
    const std::uint64_t earned = times(bytes, duration::period::den) / rate;
    return began + duration(static_cast<duration::rep>(std::min(waited, earned)));
}

std::uint64_t bytes_during(std::chrono::milliseconds wait, std::size_t rate) noexcept
{
    const auto length = static_cast<std::uint64_t>(std::max<std::int64_t>(0, wait.count()));
    const std::uint64_t thousands = times(length, rate / 1000);
    const std::uint64_t rest = times(length, rate % 1000) / 1000;
    return thousands > most - rest ? most : thousands + rest;
}

bool deadlines::set(deadline& entry, time_point due) noexcept
{
    entry.due_ = due;
    if (due == deadline::never)
        return false;
    if (entry.is_linked())
    {
        if (entry.slot_ <= tick_after(due))
            return false;
        entry.unlink();
    }
    hang(entry);
    return true;
}

void deadlines::hang(deadline& entry) noexcept
{
    // What lies beyond one round hangs in its last slot and is hung again from there.
    entry.slot_ = std::clamp(tick_after(entry.due_), cursor_ + 1, cursor_ + slots - 1);
    wheel_[static_cast<std::size_t>(entry.slot_ % slots)].push_back(entry);
}

void deadlines::expire(time_point now)
{
    const std::int64_t last = tick_of(now);
    if (last <= cursor_)
        return;
    // After a long sleep one round sees every slot.
    const std::int64_t first = std::max(cursor_ + 1, last - slots + 1);
    cursor_ = last;
    for (std::int64_t at = first; at <= last; ++at)
    {
        // The callbacks may set and destroy deadlines, also those that wait in this list.
        list due;
        due.swap(wheel_[static_cast<std::size_t>(at % slots)]);
        while (!due.empty())
        {
            deadline& entry = due.front();
            due.pop_front();
            if (entry.due_ == deadline::never)
                continue;
            if (entry.due_ > now)
            {
                hang(entry);
                continue;
            }
            entry.due_ = deadline::never;
            entry.expired();
        }
    }
}

std::optional<time_point> deadlines::next() const noexcept
{
    for (std::int64_t at = cursor_ + 1; at < cursor_ + slots; ++at)
        if (!wheel_[static_cast<std::size_t>(at % slots)].empty())
            return time_point(at * tick);
    return std::nullopt;
}

} // namespace naru
