#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace naru
{

/// A place where one suspended coroutine waits to be resumed, inline and without a hop through the event
/// loop: an Asio completion handler with its type erased, in place, without an allocation.
class suspension
{
  public:
    suspension() noexcept = default;
    suspension(const suspension&) = delete;
    suspension& operator=(const suspension&) = delete;
    ~suspension() { reset(); }

    explicit operator bool() const noexcept { return act_ != nullptr; }

    /// Runs the coroutine until it suspends again. The place is free before it runs.
    void resume() { std::exchange(act_, nullptr)(storage_, true); }

    template <class Handler>
    void hold(Handler handler)
    {
        static_assert(sizeof(Handler) <= size && std::is_nothrow_move_constructible_v<Handler>);
        ::new (static_cast<void*>(storage_)) Handler(std::move(handler));
        act_ = [](void* storage, bool run)
        {
            Handler* held = std::launder(static_cast<Handler*>(storage));
            Handler taken = std::move(*held);
            held->~Handler();
            if (run)
                std::move(taken)();
        };
    }

  private:
    void reset()
    {
        if (act_)
            std::exchange(act_, nullptr)(storage_, false);
    }

    static constexpr std::size_t size = 2 * sizeof(void*);
    void (*act_)(void* storage, bool run) = nullptr;
    alignas(void*) std::byte storage_[size];
};

/// The operation to await: suspends the awaiting coroutine at `place` and then calls `armed`.
template <class Armed>
auto suspend_at(suspension& place, Armed armed)
{
    return boost::asio::async_initiate<const boost::asio::deferred_t, void()>(
        [&place, armed](auto&& handler) mutable
        {
            place.hold(std::forward<decltype(handler)>(handler));
            armed();
        },
        boost::asio::deferred);
}

} // namespace naru
