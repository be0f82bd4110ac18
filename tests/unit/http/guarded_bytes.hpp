#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string_view>

namespace naru::http
{

/// Bytes in pages of their own, which can be forbidden from the beginning on: a look at one of those ends the
/// test.
class guarded_bytes
{
  public:
    explicit guarded_bytes(std::string_view text) : size_(text.size())
    {
        void* const pages =
            ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED)
            throw std::runtime_error("mmap");
        bytes_ = static_cast<char*>(pages);
        text.copy(bytes_, size_);
    }
    guarded_bytes(const guarded_bytes&) = delete;
    guarded_bytes& operator=(const guarded_bytes&) = delete;
    ~guarded_bytes() { ::munmap(bytes_, size_); }

    std::span<char> first(std::size_t size) const noexcept { return {bytes_, std::min(size, size_)}; }
    std::size_t size() const noexcept { return size_; }

    /// As many of the first `size` bytes as fill whole pages.
    void forbid(std::size_t size)
    {
        const std::size_t whole = size / page * page;
        if (whole > forbidden_)
            ::mprotect(bytes_, forbidden_ = whole, PROT_NONE);
    }
    void allow() { ::mprotect(bytes_, size_, PROT_READ | PROT_WRITE); }

    static inline const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));

  private:
    std::size_t size_;
    char* bytes_ = nullptr;
    std::size_t forbidden_ = 0;
};

} // namespace naru::http
