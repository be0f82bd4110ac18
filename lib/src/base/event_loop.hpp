#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

namespace naru
{

/// Keeps `what` until the process ends, where a leak checker finds it.
void keep_for_ever(std::shared_ptr<void> what);

/// What an event loop and its executors share: how many executors there are, how much of their work is
/// outstanding, and whether functions still run. Any thread.
///
/// A borrowed loop may be destroyed as soon as close() has returned: nothing here touches it afterwards.
class loop_use
{
  public:
    explicit loop_use(bool borrowed) noexcept : borrowed_(borrowed) {}

    void add() noexcept { executors_.fetch_add(1, std::memory_order_relaxed); }
    void remove() noexcept { executors_.fetch_sub(1, std::memory_order_release); }
    std::size_t executors() const noexcept { return executors_.load(std::memory_order_acquire); }

    /// Between the two, run() of `loop` does not return for want of work.
    void start_work(boost::asio::io_context& loop) noexcept;
    void finish_work() noexcept;

    /// Gives `run` to `inner`, an executor of the loop. After close() `run` is kept and does not run, because
    /// the objects that it would use may be destroyed.
    template <class Inner, class Function>
    void execute(const Inner& inner, Function&& run)
    {
        // The thread that runs a borrowed loop, and may run the function at once, does not destroy the loop
        // meanwhile. Another thread posts, while close() waits.
        std::unique_lock lock(posting_, std::defer_lock);
        if (borrowed_)
            lock.lock();
        if (closed_.load(std::memory_order_acquire))
            keep_for_ever(std::make_shared<std::decay_t<Function>>(std::forward<Function>(run)));
        else
        {
            if (borrowed_ && runs_here(boost::asio::query(inner, boost::asio::execution::context)))
                lock.unlock();
            inner.execute(std::forward<Function>(run));
        }
    }

    void close() noexcept;

  private:
    using guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

    static bool runs_here(boost::asio::io_context& loop) noexcept
    {
        return loop.get_executor().running_in_this_thread();
    }

    const bool borrowed_;
    std::atomic<std::size_t> executors_{0};
    std::atomic<bool> closed_{false}; // written under both mutexes
    // Recursive: a function that cannot be posted is destroyed, and what it holds may post. Comes before
    // counting_.
    std::recursive_mutex posting_;
    std::atomic<std::size_t> work_{0};
    std::mutex counting_; // over work_ when it leaves or reaches 0, and over guard_
    std::optional<guard> guard_;
};

/// The executor that coroutines of a session are given: one of the event loop, counted.
template <class Inner>
class loop_executor
{
    using work = boost::asio::execution::outstanding_work_t;
    template <class Property>
    static constexpr bool is_work = std::is_convertible_v<Property, work>;

  public:
    loop_executor(const Inner& inner, loop_use& use, bool tracked = false) noexcept
        : inner_(inner), use_(&use), tracked_(tracked)
    {
        begin();
    }
    loop_executor(const loop_executor& other) noexcept
        : inner_(other.inner_), use_(other.use_), tracked_(other.tracked_)
    {
        begin();
    }
    loop_executor& operator=(loop_executor other) noexcept
    {
        std::swap(inner_, other.inner_);
        std::swap(use_, other.use_);
        std::swap(tracked_, other.tracked_);
        return *this;
    }
    ~loop_executor()
    {
        if (tracked_)
            use_->finish_work();
        use_->remove(); // the last use: who waits for it destroys the loop
    }

    template <class Property>
    requires(!is_work<Property> &&
             boost::asio::can_query<const Inner&, Property>::value) auto query(const Property& property) const
        noexcept(boost::asio::is_nothrow_query<const Inner&, Property>::value) -> decltype(auto)
    {
        return boost::asio::query(inner_, property);
    }
    template <class Property>
    requires(is_work<Property>) work query(const Property&)
    const noexcept { return tracked_ ? work(work::tracked) : work(work::untracked); }

    template <class Property>
    requires(!is_work<Property> && boost::asio::can_require<const Inner&, Property>::value) auto require(
        const Property& property) const
        noexcept(boost::asio::is_nothrow_require<const Inner&, Property>::value)
    {
        auto changed = boost::asio::require(inner_, property);
        return loop_executor<decltype(changed)>(changed, *use_, tracked_);
    }
    loop_executor require(work::tracked_t) const noexcept { return loop_executor(inner_, *use_, true); }
    loop_executor require(work::untracked_t) const noexcept { return loop_executor(inner_, *use_, false); }

    template <class Function>
    void execute(Function&& run) const
    {
        use_->execute(inner_, std::forward<Function>(run));
    }

    friend bool operator==(const loop_executor& a, const loop_executor& b) noexcept
    {
        return a.use_ == b.use_ && a.inner_ == b.inner_ && a.tracked_ == b.tracked_;
    }
    friend bool operator!=(const loop_executor& a, const loop_executor& b) noexcept { return !(a == b); }

  private:
    void begin() noexcept
    {
        use_->add();
        if (tracked_)
            use_->start_work(boost::asio::query(inner_, boost::asio::execution::context));
    }

    // Not a tracked one of Asio's, which uses the loop when it is destroyed.
    Inner inner_;
    loop_use* use_;
    bool tracked_;
};

/// The event loop of one shard: its own, or one that the caller of the library runs.
class event_loop
{
  public:
    /// `borrowed`: null for an own one.
    explicit event_loop(boost::asio::io_context* borrowed);
    ~event_loop();

    boost::asio::io_context& context() const noexcept { return *context_; }
    bool borrowed() const noexcept { return !own_; }

    /// For coroutines. The event loop outlives it: see in_use().
    boost::asio::any_io_executor executor() noexcept;

    /// Destroys the functions that wait in an own loop, and with them the coroutines that they would resume.
    /// Of a borrowed loop it runs what is ready. No other thread runs the loop.
    void destroy_waiting();

    /// Runs what is ready, on the calling thread; a loop that is stopped stays so.
    void run_ready();

    /// From now on nothing that is given to an executor runs, and no executor touches the loop. Any thread.
    void close() noexcept { use_.close(); }

    /// An executor exists: in a coroutine, in an operation on another thread, or in an object of the user's.
    /// Then the event loop must not be destroyed.
    bool in_use() const noexcept { return use_.executors() > 0; }

  private:
    class own_context;

    loop_use use_;
    std::unique_ptr<own_context> own_;
    boost::asio::io_context* context_;
};

} // namespace naru
