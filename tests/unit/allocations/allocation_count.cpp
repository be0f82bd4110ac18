#include "allocations/allocation_count.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>

namespace
{

std::atomic<std::uint64_t> count{0};
thread_local bool left_out = false;

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

} // namespace naru::testing

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

bool naru::testing::can_count_allocations() noexcept
{
    return false;
}

#else

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
        return __libc_malloc(bytes);
    }

    void* calloc(std::size_t items, std::size_t bytes)
    {
        note();
        return __libc_calloc(items, bytes);
    }

    void* realloc(void* memory, std::size_t bytes)
    {
        note();
        return __libc_realloc(memory, bytes);
    }

    void* aligned_alloc(std::size_t alignment, std::size_t bytes)
    {
        note();
        return __libc_memalign(alignment, bytes);
    }

    int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes)
    {
        note();
        *memory = __libc_memalign(alignment, bytes);
        return *memory ? 0 : ENOMEM;
    }
}

#endif
