#include "base/outbox.hpp"

#include <algorithm>
#include <utility>

namespace naru
{

namespace
{

// Small pieces are put together, so that many small sends are not many entries of a gathered write.
constexpr std::size_t together = 16 * 1024;

// Entries of pieces that were sent are cleared away when they are so many, and as many as the others.
constexpr std::size_t most_sent_entries = 64;

} // namespace

void outbox::own(std::size_t bytes) noexcept
{
    owned_ += bytes;
    if (share_)
        share_->add(bytes);
}

void outbox::disown(std::size_t bytes) noexcept
{
    owned_ -= bytes;
    if (share_)
        share_->remove(bytes);
}

void outbox::count_in(memory_share* share) noexcept
{
    if (share_)
        share_->remove(owned_);
    share_ = share;
    if (share_)
        share_->add(owned_);
}

void outbox::append_copy(std::string_view bytes)
{
    if (bytes.empty())
        return;
    if (!empty() && !pieces_.back().lent.data() && pieces_.back().owned.size() + bytes.size() <= together)
        pieces_.back().owned.append(bytes);
    else
    {
        std::string copy = std::exchange(spare_, {});
        copy.assign(bytes);
        pieces_.push_back({std::move(copy), {}, 0});
    }
    size_ += bytes.size();
    own(bytes.size());
}

void outbox::append_owned(std::string bytes, std::size_t offset)
{
    if (offset >= bytes.size())
        return;
    const std::size_t whole = bytes.size();
    pieces_.push_back({std::move(bytes), {}, offset});
    size_ += whole - offset;
    own(whole);
}

void outbox::append_lent(std::string_view bytes)
{
    if (bytes.empty())
        return;
    pieces_.push_back({{}, bytes, 0});
    size_ += bytes.size();
}

void outbox::keep_lent()
{
    for (std::size_t i = first_; i < pieces_.size(); ++i)
        if (piece& each = pieces_[i]; each.lent.data())
        {
            each = {std::string(each.rest()), {}, 0};
            own(each.owned.size());
        }
}

std::size_t outbox::gather(std::span<std::string_view> into) const noexcept
{
    const std::size_t count = std::min(into.size(), pieces_.size() - first_);
    for (std::size_t i = 0; i < count; ++i)
        into[i] = pieces_[first_ + i].rest();
    return count;
}

void outbox::consume(std::size_t bytes) noexcept
{
    size_ -= bytes;
    sent_ += bytes;
    while (bytes > 0)
    {
        piece& first = pieces_[first_];
        const std::size_t part = std::min(bytes, first.rest().size());
        first.offset += part;
        bytes -= part;
        if (!first.rest().empty())
            return;
        disown(first.owned.size());
        keep_spare(first.owned);
        first = {};
        ++first_;
    }
    if (empty())
    {
        pieces_.clear();
        first_ = 0;
    }
    else if (first_ >= most_sent_entries && first_ >= pieces_.size() - first_)
    {
        pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
}

void outbox::keep_spare(std::string& used) noexcept
{
    if (used.capacity() > spare_.capacity() && used.capacity() <= 2 * together)
        spare_.swap(used);
}

void outbox::reset() noexcept
{
    count_in(nullptr);
    pieces_.clear();
    if (pieces_.capacity() > most_sent_entries)
        std::vector<piece>().swap(pieces_);
    first_ = size_ = owned_ = 0;
    sent_ = 0;
}

} // namespace naru
