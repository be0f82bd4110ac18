#include "rooms.hpp"

#include "refusal.hpp"
#include "utc.hpp"

#include <algorithm>
#include <utility>

namespace demo
{

namespace
{

constexpr std::size_t most_rooms = 1000;
constexpr std::size_t messages_kept = 20;

std::string announced(std::string_view room, std::string_view what)
{
    return "[" + std::string(room) + "] " + std::string(what) + "\r\n";
}

} // namespace

rooms::seat rooms::join(std::string_view room_name, std::string_view who, const naru::session_ref& session)
{
    const std::lock_guard lock(mutex_);
    room& here = open(room_name);
    const bool taken = std::any_of(here.members.begin(), here.members.end(),
                                   [who](const member& each) { return each.name == who; });
    if (taken)
        throw refusal("somebody is " + std::string(who) + " in " + std::string(room_name) +
                      " already; `hello NAME` gives you another name");
    tell(here, announced(room_name, std::string(who) + " has joined"));
    here.members.push_back({std::string(who), session});
    return seat(*this, std::string(room_name), std::string(who));
}

std::size_t rooms::say(std::string_view room_name, std::string_view from, std::string_view text)
{
    const std::lock_guard lock(mutex_);
    room& here = open(room_name);
    here.messages.push_back({utc_now(), std::string(from), std::string(text)});
    if (here.messages.size() > messages_kept)
        here.messages.pop_front();
    tell(here, announced(room_name, std::string(from) + ": " + std::string(text)));
    return here.members.size();
}

std::optional<rooms::picture> rooms::look(std::string_view room_name) const
{
    const std::lock_guard lock(mutex_);
    const auto found = rooms_.find(room_name);
    if (found == rooms_.end())
        return std::nullopt;
    picture seen;
    for (const member& each : found->second.members)
        seen.members.push_back(each.name);
    seen.messages.assign(found->second.messages.begin(), found->second.messages.end());
    return seen;
}

rooms::room& rooms::open(std::string_view name)
{
    auto found = rooms_.find(name);
    if (found == rooms_.end())
    {
        if (rooms_.size() >= most_rooms)
            forget_silent_room();
        found = rooms_.emplace(name, room{}).first;
    }
    found->second.last_stir = ++stirs_;
    return found->second;
}

void rooms::forget_silent_room()
{
    auto silent = rooms_.end();
    for (auto each = rooms_.begin(); each != rooms_.end(); ++each)
        if (each->second.members.empty() &&
            (silent == rooms_.end() || each->second.last_stir < silent->second.last_stir))
            silent = each;
    if (silent == rooms_.end())
        throw refusal("there are too many rooms already; join one of them");
    rooms_.erase(silent);
}

void rooms::leave(const seat& of)
{
    const std::lock_guard lock(mutex_);
    room& here = rooms_.find(of.room())->second; // a room with somebody in it is not forgotten
    std::erase_if(here.members, [&of](const member& each) { return each.name == of.name(); });
    here.last_stir = ++stirs_;
    tell(here, announced(of.room(), of.name() + " has left"));
}

/// Under the lock, so that nobody is spoken to who has left. send() never waits, and never runs a handler.
void rooms::tell(const room& all, const std::string& line)
{
    for (const member& each : all.members)
        each.session.send(line);
}

// --- seat -------------------------------------------------------------------------------------------

rooms::seat::seat(rooms& in, std::string room, std::string name)
    : in_(&in), room_(std::move(room)), name_(std::move(name))
{
}

rooms::seat::seat(seat&& from) noexcept
    : in_(std::exchange(from.in_, nullptr)), room_(std::move(from.room_)), name_(std::move(from.name_))
{
}

rooms::seat& rooms::seat::operator=(seat&& from) noexcept
{
    if (this != &from)
    {
        leave();
        in_ = std::exchange(from.in_, nullptr);
        room_ = std::move(from.room_);
        name_ = std::move(from.name_);
    }
    return *this;
}

rooms::seat::~seat()
{
    leave();
}

void rooms::seat::leave()
{
    if (rooms* const in = std::exchange(in_, nullptr))
        in->leave(*this);
}

} // namespace demo
