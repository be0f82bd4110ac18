#include "base/event_loop.hpp"

#include <mutex>
#include <vector>

namespace naru
{

namespace
{

// The thread of a shard does all of its I/O, so Asio's descriptors need no locks; its queue keeps one, since
// other threads post.
constexpr int one_thread_does_io = BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO;

} // namespace

void keep_for_ever(std::shared_ptr<void> what)
{
    static std::mutex mutex;
    // Not destroyed at the end of the process: a thread may still be here.
    static auto* const kept = new std::vector<std::shared_ptr<void>>;
    const std::lock_guard lock(mutex);
    kept->push_back(std::move(what));
}

void loop_use::start_work(boost::asio::io_context& loop) noexcept
{
    std::size_t before = work_.load(std::memory_order_relaxed);
    while (before > 0)
        if (work_.compare_exchange_weak(before, before + 1, std::memory_order_relaxed))
            return;
    const std::lock_guard lock(counting_);
    if (work_.fetch_add(1, std::memory_order_relaxed) == 0 && !closed_.load(std::memory_order_relaxed))
        guard_.emplace(loop.get_executor());
}

void loop_use::finish_work() noexcept
{
    std::size_t before = work_.load(std::memory_order_relaxed);
    while (before > 1)
        if (work_.compare_exchange_weak(before, before - 1, std::memory_order_release))
            return;
    const std::lock_guard lock(counting_);
    if (work_.fetch_sub(1, std::memory_order_acq_rel) == 1)
        guard_.reset();
}

void loop_use::close() noexcept
{
    const std::scoped_lock lock(posting_, counting_);
    closed_.store(true, std::memory_order_release);
    guard_.reset();
}

/// Gives access to shutdown(), which destroys what is queued and can be called more than once.
class event_loop::own_context final : public boost::asio::io_context
{
  public:
    using execution_context::shutdown;
    using io_context::io_context;
};

event_loop::event_loop(boost::asio::io_context* borrowed)
    : use_(borrowed != nullptr), own_(borrowed ? nullptr : std::make_unique<own_context>(one_thread_does_io)),
      context_(borrowed ? borrowed : own_.get())
{
}

event_loop::~event_loop()
{
    use_.close();
}

boost::asio::any_io_executor event_loop::executor() noexcept
{
    return loop_executor<boost::asio::io_context::executor_type>(context_->get_executor(), use_);
}

void event_loop::destroy_waiting()
{
    if (own_)
        own_->shutdown();
    else
        run_ready();
}

void event_loop::run_ready()
{
    const bool was_stopped = context_->stopped();
    context_->restart();
    context_->poll();
    if (was_stopped) // by the owner of a borrowed loop, and so it stays
        context_->stop();
}

} // namespace naru
