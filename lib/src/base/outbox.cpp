#include "base/outbox.hpp"

#include <algorithm>

namespace naru
{

namespace
{

// Small pieces are put together, so that many small sends are not many entries of a gathered write.
constexpr std::size_t together = 16 * 1024;

} // namespace

void outbox::append_copy(std::string_view bytes)
{
    if (bytes.empty())
        return;
    if (!pieces_.empty() && !pieces_.back().lent.data() &&
        pieces_.back().owned.size() + bytes.size() <= together)
        pieces_.back().owned.append(bytes);
    else
        pieces_.push_back({std::string(bytes), {}, 0});
    size_ += bytes.size();
}

void outbox::append_owned(std::string bytes, std::size_t offset)
{
    if (offset >= bytes.size())
        return;
    size_ += bytes.size() - offset;
    pieces_.push_back({std::move(bytes), {}, offset});
}

void outbox::append_lent(std::string_view bytes)
{
    if (bytes.empty())
        return;
    size_ += bytes.size();
    pieces_.push_back({{}, bytes, 0});
}

void outbox::keep_lent()
{
    for (piece& each : pieces_)
        if (each.lent.data())
            each = {std::string(each.rest()), {}, 0};
}

std::size_t outbox::gather(std::span<std::string_view> into) const noexcept
{
    const std::size_t count = std::min(into.size(), pieces_.size());
    for (std::size_t i = 0; i < count; ++i)
        into[i] = pieces_[i].rest();
    return count;
}

void outbox::consume(std::size_t bytes) noexcept
{
    size_ -= bytes;
    sent_ += bytes;
    while (bytes > 0)
    {
        piece& first = pieces_.front();
        const std::size_t left = first.rest().size();
        if (bytes < left)
        {
            first.offset += bytes;
            return;
        }
        bytes -= left;
        pieces_.pop_front();
    }
}

} // namespace naru
