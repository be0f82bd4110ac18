#pragma once

#include "base/read_block.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace naru
{

/// Bytes that have come and are not consumed. They lie in the shard's block while the turn lends it, in a
/// block that the session took along, or, when a message is not whole yet, in memory of the session's own; an
/// idle session has none of them. Sans-IO.
class input
{
  public:
    std::string_view unread() const noexcept { return unread_; }
    bool empty() const noexcept { return unread_.empty(); }
    bool lent() const noexcept { return lent_; }

    /// New bytes in the shard's block. When there are unread ones already, both are put together in own
    /// memory; a block that was taken along is then free, and returned.
    read_block add(std::string_view bytes);

    /// The shard's block goes back: what is unread is copied. Views given out are over.
    void keep();
    /// The shard's block stays with the session, and views into it good.
    void take_along(read_block block) noexcept
    {
        held_ = std::move(block);
        lent_ = false;
    }

    /// The views given out are over; memory that has nothing unread in it is given back.
    read_block release();

    /// Waiting begins: a block that was taken along goes back, and what is unread in it is copied.
    read_block settle();

    void consume(std::size_t bytes) noexcept { unread_.remove_prefix(bytes); }

    /// Closes a gap of `size` bytes that begins at `at` of what is unread: a decoder has understood them, and
    /// they hold nothing. Views given out are over.
    void cut(std::size_t at, std::size_t size) noexcept;

    /// The same bytes, for a decoder that works in place.
    std::span<char> writable() const noexcept { return {const_cast<char*>(unread_.data()), unread_.size()}; }

  private:
    void own(std::string_view bytes);

    std::string_view unread_;
    std::unique_ptr<std::string> own_; // most sessions have none
    read_block held_;
    bool lent_ = false;
};

} // namespace naru
