#include "base/deadlines.hpp"

#include <algorithm>

namespace naru
{

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
