#include "server/input.hpp"

#include <algorithm>
#include <cstring>

namespace naru
{

namespace
{

constexpr std::size_t least_growth = 64;

} // namespace

void input::own(std::string_view bytes)
{
    auto copy = std::make_unique<own_memory>(bytes); // which may lie in what is there now
    own_ = std::move(copy);
    unread_ = own_->bytes;
}

/// A string that grows doubles its capacity, also in reserve(). With many sessions in the middle of a large
/// message that is up to twice the memory; so it grows by an eighth, or, towards a known size, so that it
/// ends with that. What is unread is always the end of own_; what was consumed before it is dropped when the
/// string grows, and not with each packet, since that would copy what is unread each time.
void input::append(std::string_view bytes, std::size_t expected)
{
    std::string& own = own_->bytes;
    const std::size_t size = unread_.size() + bytes.size();
    if (own.size() + bytes.size() > own.capacity())
    {
        std::string larger;
        larger.reserve(expected > size ? std::min(expected, 2 * size)
                                       : size + std::max(size / 8, least_growth));
        larger.append(unread_);
        own = std::move(larger);
    }
    own.append(bytes);
    unread_ = std::string_view(own).substr(own.size() - size);
}

bool input::count_change(memory_share& share) noexcept
{
    share.remove(own_->counted);
    own_->share = &share;
    own_->counted = owned();
    share.add(own_->counted);
    return !share.over();
}

read_block input::add(std::string_view bytes, std::size_t expected)
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
    append(bytes, expected);
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

read_block input::put_back(std::string_view bytes)
{
    std::string all;
    all.reserve(bytes.size() + unread_.size());
    all.append(bytes).append(unread_);
    if (!own_)
        own_ = std::make_unique<own_memory>(std::string_view());
    own_->bytes = std::move(all);
    unread_ = own_->bytes;
    lent_ = false;
    return std::move(held_);
}

void input::cut(std::size_t at, std::size_t size) noexcept
{
    char* const gap = writable().data() + at;
    std::memmove(gap, gap + size, unread_.size() - at - size);
    unread_.remove_suffix(size);
    if (own_)
        own_->bytes.resize(own_->bytes.size() - size); // what is unread is always the end of it
}

read_block input::release_memory()
{
    if (!unread_.empty() || lent_)
        return {};
    unread_ = {};
    own_.reset();
    return std::move(held_);
}

} // namespace naru
