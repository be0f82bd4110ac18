#include "allocations/allocation_count.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <new>

#include <malloc.h>

namespace
{

std::atomic<std::uint64_t> count{0};
std::atomic<std::uint64_t> left_to_failure{0}; // 0: none fails
thread_local bool left_out = false;

/// Of the calling thread's next allocation. With the thread sanitizer no allocation is ours to fail.
[[maybe_unused]] bool fails() noexcept
{
    std::uint64_t left = left_out ? 0 : left_to_failure.load();
    while (left > 0 && !left_to_failure.compare_exchange_weak(left, left - 1))
        ;
    return left == 1;
}

} // namespace

namespace naru::testing
{

void leave_out_this_thread() noexcept
{
    left_out = true;
}

std::uint64_t allocation_count() noexcept
{
    return count.load();
}

std::size_t allocated_bytes() noexcept
{
    const struct mallinfo2 now = ::mallinfo2();
    return now.uordblks + now.hblkhd;
}

void fail_allocation(std::uint64_t number) noexcept
{
    left_to_failure = number;
}

bool allocation_failed() noexcept
{
    return left_to_failure.exchange(0) == 0;
}

} // namespace naru::testing

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

bool naru::testing::can_count_allocations() noexcept
{
    return false;
}

#if defined(__SANITIZE_ADDRESS__)

// Of the two kinds of allocation in the library, Asio's own calls aligned_alloc(3), which cannot be replaced
// here.

bool naru::testing::can_fail_allocations() noexcept
{
    return true;
}

void* operator new(std::size_t bytes)
{
    void* const memory = fails() ? nullptr : std::malloc(bytes);
    if (!memory)
        throw std::bad_alloc();
    return memory;
}

void operator delete(void* memory) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}

#else

bool naru::testing::can_fail_allocations() noexcept
{
    return false;
}

#endif

#else

bool naru::testing::can_fail_allocations() noexcept
{
    return true;
}

bool naru::testing::can_count_allocations() noexcept
{
    return true;
}

namespace
{

void note() noexcept
{
    if (!left_out)
        count.fetch_add(1, std::memory_order_relaxed);
}

} // namespace

// glibc's own, by the names under which they can be reached when the usual ones are taken.
extern "C"
{
    void* __libc_malloc(std::size_t bytes);
    void* __libc_calloc(std::size_t items, std::size_t bytes);
    void* __libc_realloc(void* memory, std::size_t bytes);
    void* __libc_memalign(std::size_t alignment, std::size_t bytes);

    void* malloc(std::size_t bytes)
    {
        note();
        return fails() ? nullptr : __libc_malloc(bytes);
    }

    void* calloc(std::size_t items, std::size_t bytes)
    {
        note();
        return fails() ? nullptr : __libc_calloc(items, bytes);
    }

    void* realloc(void* memory, std::size_t bytes)
    {
        note();
        return fails() ? nullptr : __libc_realloc(memory, bytes);
    }

    void* aligned_alloc(std::size_t alignment, std::size_t bytes)
    {
        note();
        return fails() ? nullptr : __libc_memalign(alignment, bytes);
    }

    int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes)
    {
        note();
        *memory = fails() ? nullptr : __libc_memalign(alignment, bytes);
        return *memory ? 0 : ENOMEM;
    }
}

#endif
