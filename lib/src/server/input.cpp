#include "server/input.hpp"

#include <cstring>

namespace naru
{

void input::own(std::string_view bytes)
{
    auto copy = std::make_unique<std::string>(bytes); // which may lie in what is there now
    own_ = std::move(copy);
    unread_ = *own_;
}

read_block input::add(std::string_view bytes)
{
    if (unread_.empty())
    {
        unread_ = bytes;
        lent_ = true;
        own_.reset();
        return std::move(held_);
    }
    if (!own_)
        own(unread_);
    else
        own_->erase(0, own_->size() - unread_.size()); // what is unread is always the end of it
    own_->append(bytes);
    unread_ = *own_;
    return std::move(held_);
}

void input::keep()
{
    if (!lent_)
        return;
    lent_ = false;
    if (unread_.empty())
        unread_ = {};
    else
        own(unread_);
}

read_block input::settle()
{
    if (!held_)
        return {};
    if (!unread_.empty())
        own(unread_);
    return std::move(held_);
}

void input::cut(std::size_t at, std::size_t size) noexcept
{
    char* const gap = writable().data() + at;
    std::memmove(gap, gap + size, unread_.size() - at - size);
    unread_.remove_suffix(size);
    if (own_)
        own_->resize(own_->size() - size); // what is unread is always the end of it
}

read_block input::release()
{
    if (!unread_.empty() || lent_)
        return {};
    unread_ = {};
    own_.reset();
    return std::move(held_);
}

} // namespace naru
