#include "server/input.hpp"

namespace naru
{

namespace
{

/// Without memory, not only without bytes; nothing to do for who has none.
void empty_out(std::string& own) noexcept
{
    if (!own.empty())
        own = std::string();
}

} // namespace

read_block input::add(std::string_view bytes)
{
    if (unread_.empty())
    {
        unread_ = bytes;
        lent_ = true;
        empty_out(own_);
        return std::move(held_);
    }
    if (own_.empty())
        own_.assign(unread_);
    else
        own_.erase(0, own_.size() - unread_.size()); // what is unread is always the end of it
    own_.append(bytes);
    unread_ = own_;
    return std::move(held_);
}

void input::keep()
{
    if (!lent_)
        return;
    lent_ = false;
    own_.assign(unread_);
    unread_ = own_;
}

read_block input::settle()
{
    if (!held_)
        return {};
    own_.assign(unread_);
    unread_ = own_;
    return std::move(held_);
}

read_block input::release()
{
    if (!unread_.empty() || lent_)
        return {};
    unread_ = {};
    empty_out(own_);
    return std::move(held_);
}

} // namespace naru
