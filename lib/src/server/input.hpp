#pragma once

#include "base/memory_budget.hpp"
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
    /// memory; a block that was taken along is then free, and returned. `expected`: how long the whole is to
    /// become, when that is known, so that not more than that is allocated in the end.
    read_block add(std::string_view bytes, std::size_t expected = 0);

    /// The shard's block goes back: what is unread is copied. Views given out are over.
    void keep();
    /// The shard's block stays with the session, and views into it good.
    void take_along(read_block block) noexcept
    {
        held_ = std::move(block);
        lent_ = false;
    }

    /// The views given out are over; memory that has nothing unread in it is given back.
    read_block release() { return own_ || held_ || unread_.data() ? release_memory() : read_block{}; }

    /// Waiting begins: a block that was taken along goes back, and what is unread in it is copied.
    read_block settle();

    /// Bytes of memory of its own.
    std::size_t owned() const noexcept { return own_ ? own_->bytes.capacity() : 0; }
    /// Counts owned() in `share`, until the memory is given back. To be called when it may have grown. False
    /// when it has grown, and the share is over its limit.
    bool count_in(memory_share& share) noexcept
    {
        return !own_ || own_->counted == owned() || count_change(share);
    }

    void consume(std::size_t bytes) noexcept { unread_.remove_prefix(bytes); }

    /// `bytes`, which were consumed and lie elsewhere, are unread again, before what is. Views given out are
    /// over; a block that was taken along is then free, and returned.
    read_block put_back(std::string_view bytes);

    /// Closes a gap of `size` bytes that begins at `at` of what is unread: a decoder has understood them, and
    /// they hold nothing. Views given out are over.
    void cut(std::size_t at, std::size_t size) noexcept;

    /// The same bytes, for a decoder that works in place.
    std::span<char> writable() const noexcept { return {const_cast<char*>(unread_.data()), unread_.size()}; }

  private:
    struct own_memory
    {
        explicit own_memory(std::string_view from) : bytes(from) {}
        own_memory(const own_memory&) = delete;
        own_memory& operator=(const own_memory&) = delete;
        ~own_memory()
        {
            if (share)
                share->remove(counted);
        }

        std::string bytes;
        memory_share* share = nullptr;
        std::size_t counted = 0;
    };

    read_block release_memory();
    bool count_change(memory_share& share) noexcept;
    void own(std::string_view bytes);
    void append(std::string_view bytes, std::size_t expected);

    std::string_view unread_;
    std::unique_ptr<own_memory> own_; // most sessions have none
    read_block held_;
    bool lent_ = false;
};

} // namespace naru
