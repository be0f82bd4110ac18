#pragma once

#include <cstdint>

namespace naru::testing
{

/// Whether this build can count: a sanitizer has an allocator of its own.
bool can_count_allocations() noexcept;

/// From now on what this thread allocates is not counted. Every other thread's is.
void leave_out_this_thread() noexcept;

/// Calls of malloc(3) and its kin, of which operator new is one, since the program began.
std::uint64_t allocation_count() noexcept;

} // namespace naru::testing
