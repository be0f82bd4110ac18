#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
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
    ~suspension() { drop(); }

    explicit operator bool() const noexcept { return act_ != nullptr; }

    /// Runs the coroutine until it suspends again. The place is free before it runs.
    void resume() { std::exchange(act_, nullptr)(storage_, true); }

    /// `cancelled_by`: where the owner of the place has assigned a handler, or not connected. Cleared when
    /// the coroutine is dropped; Asio clears it when the coroutine is resumed.
    template <class Handler>
    void hold(Handler handler, boost::asio::cancellation_slot cancelled_by = {})
    {
        struct held
        {
            Handler handler;
            boost::asio::cancellation_slot cancelled_by;
        };
        static_assert(sizeof(held) <= size && std::is_nothrow_move_constructible_v<Handler>);
        ::new (static_cast<void*>(storage_)) held{std::move(handler), cancelled_by};
        act_ = [](void* storage, bool run)
        {
            held* const at = std::launder(static_cast<held*>(storage));
            held taken = std::move(*at);
            at->~held();
            if (run)
                std::move(taken.handler)();
            else
                taken.cancelled_by.clear();
        };
    }

    /// Destroys the coroutine, through its executor.
    void drop()
    {
        if (act_)
            std::exchange(act_, nullptr)(storage_, false);
    }

  private:
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

/// The same for an operation that can be cancelled by itself: `armed` is called with the cancellation slot of
/// the awaiting coroutine. It may assign a handler there, which must not resume the coroutine. The slot is
/// not connected when it is `own` or when there is none.
template <class Armed>
auto suspend_at(suspension& place, const boost::asio::cancellation_slot& own, Armed armed)
{
    return boost::asio::async_initiate<const boost::asio::deferred_t, void()>(
        [&place, &own, armed = std::move(armed)](auto&& handler) mutable
        {
            auto slot = boost::asio::get_associated_cancellation_slot(handler);
            if (slot == own)
                slot = {};
            place.hold(std::forward<decltype(handler)>(handler), slot);
            armed(slot);
        },
        boost::asio::deferred);
}

} // namespace naru
