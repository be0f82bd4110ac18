#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <string_view>

namespace naru
{

/// What a peer has still to be sent because its stream took no more: pieces in order, each owned, or lent by
/// a writer who waits until it is gone. Sans-IO. A session with nothing to send has none.
class outbox
{
  public:
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

    /// Bytes ever appended; with `sent()` a writer knows when its own have gone.
    std::uint64_t appended() const noexcept { return sent_ + size_; }
    std::uint64_t sent() const noexcept { return sent_; }

    void append_copy(std::string_view bytes);
    void append_owned(std::string bytes, std::size_t offset = 0);
    /// `bytes` stay where they are until sent() has passed them.
    void append_lent(std::string_view bytes);

    /// Lent pieces become copies: their owner goes.
    void keep_lent();

    /// The first pieces, for one gathered write; `into` is filled up to its size. Returns how many.
    std::size_t gather(std::span<std::string_view> into) const noexcept;

    /// The stream took `bytes` of them.
    void consume(std::size_t bytes) noexcept;

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

    std::deque<piece> pieces_;
    std::size_t size_ = 0;
    std::uint64_t sent_ = 0;
};

} // namespace naru
