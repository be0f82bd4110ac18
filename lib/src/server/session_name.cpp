#include "server/session_name.hpp"

#include "server/conversation.hpp"
#include "server/shard.hpp"

#include <algorithm>
#include <array>

namespace naru
{

namespace
{

/// Only conversations have names.
conversation* find(shard& here, std::uint32_t slot, std::uint64_t id) noexcept
{
    return static_cast<conversation*>(here.find(slot, id));
}

void send_to(shard& here, std::uint32_t slot, std::uint64_t id, std::string_view text)
{
    conversation* const session = find(here, slot, id);
    if (!session)
        return;
    session->guarded(
        [&]
        {
            const std::array<std::string_view, 1> pieces{text};
            session->send(pieces);
        });
}

} // namespace

void session_name::send(std::string text)
{
    if (text.empty())
        return;
    if (shard* const here = mail_->on_this_thread())
    {
        send_to(*here, slot_, id_, text);
        return;
    }
    if (gather(text))
        return;
    mail_->run(
        [self = shared_from_this()](shard& here)
        {
            if (conversation* const session = find(here, self->slot_, self->id_))
                session->outgrown();
        });
}

/// False when that is too much, once.
bool session_name::gather(std::string_view text)
{
    const std::lock_guard lock(mutex_);
    if (over_)
        return true;
    const std::size_t most = most_.load(std::memory_order_relaxed);
    over_ = most > 0 && !gathered_.empty() && text.size() > most - std::min(most, gathered_.size());
    if (over_)
        return false;
    gathered_.append(text);
    if (!posted_)
        mail_->post([self = shared_from_this()](shard& here) { self->deliver(here); });
    posted_ = true;
    return true;
}

void session_name::deliver(shard& here)
{
    std::string all;
    {
        const std::lock_guard lock(mutex_);
        posted_ = false;
        all.swap(gathered_);
    }
    send_to(here, slot_, id_, all);
}

void session_name::close(close_reason reason)
{
    mail_->run(
        [self = shared_from_this(), reason](shard& here)
        {
            if (session_core* const session = here.find(self->slot_, self->id_))
                session->abort(reason);
        });
}

} // namespace naru
