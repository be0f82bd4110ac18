#pragma once

#include <cstddef>
#include <cstdint>

namespace naru::testing
{

/// Whether this build can count: a sanitizer has an allocator of its own.
bool can_count_allocations() noexcept;

/// From now on what this thread allocates is not counted. Every other thread's is.
void leave_out_this_thread() noexcept;

/// Calls of malloc(3) and its kin, of which operator new is one, since the program began.
std::uint64_t allocation_count() noexcept;

/// Bytes that are allocated now, by every thread.
std::size_t allocated_bytes() noexcept;

/// Whether this build can let an allocation fail.
bool can_fail_allocations() noexcept;

/// The allocation of this number fails, counted from 1 and from now on, in the threads that are counted; none
/// when it is 0.
void fail_allocation(std::uint64_t number) noexcept;

/// Whether the one that fail_allocation() has named has come. It does not come any more then.
bool allocation_failed() noexcept;

} // namespace naru::testing
