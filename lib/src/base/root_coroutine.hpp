#pragma once

#include <naru/base/task.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <utility>

namespace naru
{

/// Receives the begin and the end of a coroutine that launch_root() starts. After coroutine_begun(), exactly
/// one of the next two functions is called, on the coroutine's executor.
class root_events
{
  public:
    /// The coroutine runs. Not called when launch_root() throws before that.
    virtual void coroutine_begun() noexcept = 0;

    /// The coroutine returned, or threw. Its frame still exists during the call.
    virtual void coroutine_ended(std::exception_ptr thrown) = 0;

    /// The coroutine was destroyed while it was suspended: its event loop is being destroyed, or the
    /// operation that it awaited dropped its completion handler.
    virtual void coroutine_destroyed() noexcept = 0;

    /// Whether the caller runs on the coroutine's executor. Any thread.
    virtual bool on_own_thread() const noexcept = 0;

  protected:
    ~root_events() = default;
};

/// Ends the operation that a root coroutine awaits, by a terminal cancellation, if that is safe. `awaited` is
/// the slot that launch_root() gave.
///
/// It is not safe for what co_spawn() started, nor for a group of such coroutines (awaitable operators).
/// co_spawn() passes a cancellation on through the executor of its coroutine. When that is another thread, it
/// may arrive after the operation has ended, at freed memory; and a coroutine that runs there without ever
/// suspending then throws out of its thread pool, which ends the process (Boost 1.81 to 1.86). An operation
/// that has no way to be cancelled is left alone, since its coroutine may run on another thread by now.
void cancel_awaited(boost::asio::cancellation_signal& cancel, boost::asio::cancellation_slot awaited);

/// `co_await has_suspended` is whether the awaiting coroutine has been suspended since it was started; always
/// true in a coroutine of launch_root(), and in what it calls. One that was started by co_spawn() and ends
/// before its first suspension is made to end later, by a post: until then, its group may be ended by another
/// member.
inline constexpr boost::asio::detail::awaitable_thread_has_context_switched has_suspended{};

namespace detail
{

/// Lives in the frame of the root coroutine, so that the destruction of the frame is noticed too.
class end_notice
{
  public:
    explicit end_notice(root_events& events) noexcept : events_(&events) {}
    end_notice(end_notice&& other) noexcept
        : events_(other.events_), begun_(std::exchange(other.begun_, false))
    {
    }
    end_notice& operator=(end_notice&&) = delete;
    ~end_notice()
    {
        if (begun_)
            events_->coroutine_destroyed();
    }

    void begun() noexcept
    {
        begun_ = true;
        events_->coroutine_begun();
    }
    bool on_own_thread() const noexcept { return events_->on_own_thread(); }
    void ended(std::exception_ptr thrown)
    {
        begun_ = false;
        events_->coroutine_ended(thrown);
    }

  private:
    root_events* events_;
    bool begun_ = false;
};

inline boost::asio::awaitable<boost::asio::detail::awaitable_thread_entry_point> run_root(task<> body,
                                                                                          end_notice notice)
{
    notice.begun();
    // A coroutine of co_spawn() has this flag only after its first suspension: see has_suspended.
    (co_await has_suspended) = true;
    std::exception_ptr thrown;
    try
    {
        co_await std::move(body);
    }
    catch (...)
    {
        thrown = std::current_exception();
    }
    if (!notice
             .on_own_thread()) // an operation completed on another executor, and the coroutine went on there
    {
        co_await boost::asio::this_coro::throw_if_cancelled(false);
        auto back = boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::deferred);
        co_await std::move(back);
    }
    notice.ended(thrown);
}

} // namespace detail

/// Runs `body` on `executor` as a coroutine of its own, inline until it suspends for the first time. Call it
/// on the executor's thread.
///
/// co_spawn() would do the same with a frame four times as large, since it keeps the event loop busy and
/// returns through it; the owner of a root coroutine does both itself.
///
/// `awaited` becomes the slot that the operations of `body` are given. `cancel` and `events` outlive the
/// coroutine.
inline void launch_root(const boost::asio::any_io_executor& executor, task<> body,
                        boost::asio::cancellation_signal& cancel, boost::asio::cancellation_slot& awaited,
                        root_events& events)
{
    const boost::asio::cancellation_state state(cancel.slot());
    awaited = state.slot();
    boost::asio::detail::awaitable_thread<boost::asio::any_io_executor> thread(
        detail::run_root(std::move(body), detail::end_notice(events)), executor, cancel.slot(), state);
    thread.launch();
}

} // namespace naru
