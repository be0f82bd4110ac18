#pragma once

#include "base/memory_budget.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace naru
{

/// What a peer has still to be sent because its stream took no more: pieces in order, each owned, or lent by
/// a writer that waits until it has been sent. Sans-IO. A session with nothing to send has none.
class outbox
{
  public:
    outbox() noexcept = default;
    outbox(const outbox&) = delete;
    outbox& operator=(const outbox&) = delete;
    ~outbox() { count_in(nullptr); }

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    /// What lies in memory of the outbox's own, pieces that were sent in part included.
    std::size_t owned() const noexcept { return owned_; }

    /// Bytes ever appended; with `sent()` a writer knows when its own have gone.
    std::uint64_t appended() const noexcept { return sent_ + size_; }
    std::uint64_t sent() const noexcept { return sent_; }

    /// Where owned() is counted; null: nowhere.
    void count_in(memory_share* share) noexcept;

    // When one of these throws std::bad_alloc, nothing has changed.

    void append_copy(std::string_view bytes);
    void append_owned(std::string bytes, std::size_t offset = 0);
    /// `bytes` stay where they are until sent() has passed them.
    void append_lent(std::string_view bytes);

    /// Lent pieces become copies, because their owner may free them.
    void keep_lent();

    /// The first pieces, for one gathered write; `into` is filled up to its size. Returns how many.
    std::size_t gather(std::span<std::string_view> into) const noexcept;

    /// The stream took `bytes` of them.
    void consume(std::size_t bytes) noexcept;

    /// Empty, and as new, but for memory that spares the next use an allocation.
    void reset() noexcept;

  private:
    struct piece
    {
        std::string owned;
        std::string_view lent;
        std::size_t offset = 0;

        std::string_view rest() const noexcept
        {
            return (lent.data() ? lent : std::string_view(owned)).substr(offset);
        }
    };

    void own(std::size_t bytes) noexcept;
    void disown(std::size_t bytes) noexcept;
    void keep_spare(std::string& used) noexcept;

    std::vector<piece> pieces_; // from first_ on
    std::size_t first_ = 0;
    std::size_t size_ = 0;
    std::size_t owned_ = 0;
    std::uint64_t sent_ = 0;
    std::string spare_;
    memory_share* share_ = nullptr;
};

/// A shard's outboxes that are not in use. A session gives its own back as soon as it is empty, so that it is
/// not held by a session that needed it once; a few are kept, so that a peer that is a little slow all the
/// time does not cost an allocation for each message.
class outboxes
{
  public:
    std::unique_ptr<outbox> take()
    {
        if (spare_.empty())
            return std::make_unique<outbox>();
        std::unique_ptr<outbox> one = std::move(spare_.back());
        spare_.pop_back();
        return one;
    }

    void give_back(std::unique_ptr<outbox> used) noexcept
    {
        if (!used || spare_.size() == kept)
            return;
        if (spare_.capacity() < kept)
            try
            {
                spare_.reserve(kept);
            }
            catch (...)
            {
                return; // one less to keep
            }
        used->reset();
        spare_.push_back(std::move(used));
    }

  private:
    static constexpr std::size_t kept = 16;
    std::vector<std::unique_ptr<outbox>> spare_;
};

} // namespace naru
