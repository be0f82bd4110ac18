#pragma once

#include <cstddef>
#include <new>

namespace naru
{

/// Memory for one asynchronous operation at a time, so that it can be started when there is no other memory.
/// What is larger, or comes while it is in use, is allocated. For one thread.
class operation_memory
{
  public:
    operation_memory() noexcept = default;
    operation_memory(const operation_memory&) = delete;
    operation_memory& operator=(const operation_memory&) = delete;

    void* allocate(std::size_t bytes)
    {
        if (in_use_ || bytes > sizeof bytes_)
            return ::operator new(bytes);
        in_use_ = true;
        return bytes_;
    }

    void deallocate(void* memory) noexcept
    {
        if (memory == bytes_)
            in_use_ = false;
        else
            ::operator delete(memory);
    }

  private:
    alignas(std::max_align_t) std::byte bytes_[128];
    bool in_use_ = false;
};

/// Gives it to Asio.
template <class T>
class operation_allocator
{
  public:
    using value_type = T;

    explicit operation_allocator(operation_memory& from) noexcept : from_(&from) {}
    template <class U>
    operation_allocator(const operation_allocator<U>& other) noexcept : from_(other.from_)
    {
    }

    T* allocate(std::size_t count) { return static_cast<T*>(from_->allocate(count * sizeof(T))); }
    void deallocate(T* memory, std::size_t) noexcept { from_->deallocate(memory); }

    template <class U>
    bool operator==(const operation_allocator<U>& other) const noexcept
    {
        return from_ == other.from_;
    }

  private:
    template <class>
    friend class operation_allocator;
    operation_memory* from_;
};

} // namespace naru
