#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace naru
{

/// 64 KiB into which a shard reads for whichever session has bytes.
class read_block
{
  public:
    static constexpr std::size_t capacity = 64 * 1024;

    read_block() noexcept = default;
    static read_block make() { return read_block(std::make_unique_for_overwrite<char[]>(capacity)); }

    explicit operator bool() const noexcept { return bytes_ != nullptr; }
    std::span<char> room() const noexcept { return {bytes_.get(), capacity}; }

  private:
    explicit read_block(std::unique_ptr<char[]> bytes) noexcept : bytes_(std::move(bytes)) {}
    std::unique_ptr<char[]> bytes_;
};

/// A shard needs one block. A session whose handler suspends while it holds views into the block takes it
/// along, and brings it back with its next read; a few are kept for the next time.
class read_blocks
{
  public:
    read_block take()
    {
        if (spare_.empty())
            return read_block::make();
        read_block block = std::move(spare_.back());
        spare_.pop_back();
        return block;
    }

    void give_back(read_block block)
    {
        if (block && spare_.size() < kept)
            spare_.push_back(std::move(block));
    }

  private:
    static constexpr std::size_t kept = 4;
    std::vector<read_block> spare_;
};

} // namespace naru
