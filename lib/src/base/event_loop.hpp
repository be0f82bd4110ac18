#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace naru
{

/// What an event loop and its executors share: how many executors there are, and whether functions still run.
class loop_use
{
  public:
    void add() noexcept { executors_.fetch_add(1, std::memory_order_relaxed); }
    void remove() noexcept { executors_.fetch_sub(1, std::memory_order_release); }
    std::size_t executors() const noexcept { return executors_.load(std::memory_order_acquire); }

    void close() noexcept { closed_.store(true, std::memory_order_release); }
    bool closed() const noexcept { return closed_.load(std::memory_order_acquire); }

  private:
    std::atomic<std::size_t> executors_{0};
    std::atomic<bool> closed_{false};
};

/// Keeps `what` until the process ends, where a leak checker finds it.
void keep_for_ever(std::shared_ptr<void> what);

/// The executor that coroutines of a session are given: the event loop's own, counted. A completion that
/// arrives after the loop was closed is kept and not run, because the objects that it would use may be
/// destroyed by then.
template <class Inner>
class loop_executor
{
  public:
    loop_executor(const Inner& inner, loop_use& use) noexcept : inner_(inner), use_(&use) { use_->add(); }
    loop_executor(const loop_executor& other) noexcept : inner_(other.inner_), use_(other.use_)
    {
        use_->add();
    }
    loop_executor& operator=(loop_executor other) noexcept
    {
        std::swap(inner_, other.inner_);
        std::swap(use_, other.use_);
        return *this;
    }
    ~loop_executor() { use_->remove(); }

    template <class Property>
    requires(boost::asio::can_query<const Inner&, Property>::value) auto query(const Property& property) const
        noexcept(boost::asio::is_nothrow_query<const Inner&, Property>::value) -> decltype(auto)
    {
        return boost::asio::query(inner_, property);
    }

    template <class Property>
    requires(boost::asio::can_require<const Inner&, Property>::value) auto require(const Property& property)
        const noexcept(boost::asio::is_nothrow_require<const Inner&, Property>::value)
    {
        auto changed = boost::asio::require(inner_, property);
        return loop_executor<decltype(changed)>(changed, *use_);
    }

    template <class Function>
    void execute(Function&& run) const
    {
        if (use_->closed())
            keep_for_ever(std::make_shared<std::decay_t<Function>>(std::forward<Function>(run)));
        else
            inner_.execute(std::forward<Function>(run));
    }

    friend bool operator==(const loop_executor& a, const loop_executor& b) noexcept
    {
        return a.use_ == b.use_ && a.inner_ == b.inner_;
    }
    friend bool operator!=(const loop_executor& a, const loop_executor& b) noexcept { return !(a == b); }

  private:
    Inner inner_;
    loop_use* use_;
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

    /// From now on nothing that is given to an executor runs. Any thread.
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
