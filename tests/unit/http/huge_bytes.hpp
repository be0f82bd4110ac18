#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>

namespace naru::http
{

/// `before`, then content of `size` bytes, then `after`: more address space than memory, since all of the
/// content but its ends lies in one block that is mapped again and again. 64-bit only.
class huge_bytes
{
  public:
    huge_bytes(std::string_view before, std::uint64_t size, std::string_view after)
        : size_(before.size() + size + after.size()), mapped_((size_ / block + 2) * block)
    {
        void* const space = ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        const int file = ::memfd_create("block", MFD_CLOEXEC);
        if (space == MAP_FAILED || file < 0 || ::ftruncate(file, block) != 0)
            throw std::runtime_error("no huge bytes");
        bytes_ = static_cast<char*>(space);
        for (std::size_t at = block; at + 2 * block < before.size() + size; at += block)
            ::mmap(bytes_ + at, block, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0);
        ::close(file);
        before.copy(bytes_, before.size());
        after.copy(bytes_ + before.size() + size, after.size());
    }
    huge_bytes(const huge_bytes&) = delete;
    huge_bytes& operator=(const huge_bytes&) = delete;
    ~huge_bytes() { ::munmap(bytes_, mapped_); }

    std::span<char> all() const noexcept { return {bytes_, size_}; }

  private:
    static constexpr std::size_t block = std::size_t{16} << 20;

    std::size_t size_;
    std::size_t mapped_;
    char* bytes_ = nullptr;
};

} // namespace naru::http
