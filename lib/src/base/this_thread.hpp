#pragma once

namespace naru
{

/// Differs from what it is in every other thread that runs at the same time. Costs one instruction, where
/// std::this_thread::get_id() is a call.
inline const void* this_thread() noexcept
{
    static thread_local char mark = 0;
    return &mark;
}

} // namespace naru
