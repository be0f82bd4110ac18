#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace naru
{

/// The shard's block of bytes to send: what the handlers of one session wrote during one turn, put together
/// so that it goes out with one system call. Sans-IO; it serves one session at a time.
class cork
{
  public:
    static constexpr std::size_t capacity = 64 * 1024;

    cork() : block_(std::make_unique_for_overwrite<char[]>(capacity)) {}

    std::string_view bytes() const noexcept { return {block_.get(), used_}; }
    bool empty() const noexcept { return used_ == 0; }
    std::size_t room() const noexcept { return capacity - used_; }
    void clear() noexcept { used_ = 0; }

    /// For who writes in place: at most room() bytes from here on, then grow().
    char* tail() noexcept { return block_.get() + used_; }
    void grow(std::size_t bytes) noexcept { used_ += bytes; }

    /// The caller has looked at room().
    void append(std::string_view bytes) noexcept
    {
        std::memcpy(tail(), bytes.data(), bytes.size());
        used_ += bytes.size();
    }

  private:
    std::unique_ptr<char[]> block_;
    std::size_t used_ = 0;
};

} // namespace naru
