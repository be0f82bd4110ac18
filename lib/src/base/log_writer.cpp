#include "base/log_writer.hpp"

#include <naru/base/error.hpp>

#include <spdlog/details/os.h>

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <deque>
#include <mutex>
#include <new>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace naru
{

namespace
{

using steady = std::chrono::steady_clock;

constexpr std::size_t most_waiting_lines = 8192;
constexpr std::size_t most_waiting_bytes = std::size_t{4} << 20;
constexpr std::chrono::seconds between_notices{1};

// The end: how long flush() and the destructor wait for an output that makes no progress, and for one that
// does; and how long a thread may take to see that it shall give up.
constexpr std::chrono::seconds patience_without_progress{1};
constexpr std::chrono::seconds patience_in_all{5};
constexpr std::chrono::milliseconds patience_for_thread{250};

/// How often this process has been the child of a fork(2) since the first log began.
std::atomic<int> forks{0};

int forks_so_far() noexcept
{
    static const int registered =
        ::pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
    static_cast<void>(registered);
    return forks.load(std::memory_order_relaxed);
}

/// Blocks signals for a thread that is about to be created. A program's handlers run on its own threads, and
/// write(2) to a pipe without a reader fails with EPIPE only. A fault of the thread itself stays deliverable.
class signals_blocked
{
  public:
    signals_blocked() noexcept
    {
        sigset_t all;
        ::sigfillset(&all);
        for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS})
            ::sigdelset(&all, fault);
        ::pthread_sigmask(SIG_BLOCK, &all, &before_);
    }
    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;

  private:
    sigset_t before_{};
};

} // namespace

class log_writer::state
{
  public:
    state(std::unique_ptr<log_output> output, notice of_dropped_lines)
        : output_(std::move(output)), notice_(std::move(of_dropped_lines))
    {
        in_hand_.reserve(output_->lines_at_once()); // nothing is allocated on the writer's thread
    }

    void begin();
    void write(log_level level, std::string text) noexcept;
    void flush() noexcept;

    /// Whether the thread has ended, so that this may be destroyed; otherwise it must be kept.
    bool end() noexcept;

    /// For ever, and where a leak checker finds it.
    static void keep(state* abandoned) noexcept;

  private:
    enum class phase
    {
        not_begun, // lines wait
        running,
        ending, // what waits is still written, unless give_up_
        ended,  // the thread has nothing left to do but return
    };

    // On the writer's thread.
    void run() noexcept;
    void pass_on(std::unique_lock<std::mutex>& lock);
    bool notice_is_due() const noexcept;
    void tell_of_dropped_lines(std::unique_lock<std::mutex>& lock);
    std::size_t put(std::unique_lock<std::mutex>& lock) noexcept;
    void wait_for_lines(std::unique_lock<std::mutex>& lock);

    void enqueue(waiting_line&& line);
    void drop_oldest() noexcept;
    template <class Done>
    void wait_until(Done done, std::unique_lock<std::mutex>& lock);
    bool in_forked_child() const noexcept;
    bool on_own_thread() const noexcept { return std::this_thread::get_id() == thread_.get_id(); }

    const std::unique_ptr<log_output> output_;
    std::atomic<bool> give_up_{false};
    std::atomic<int> forks_at_begin_{-1};
    std::vector<waiting_line> in_hand_; // the writer's thread only

    std::mutex mutex_; // over what follows
    std::condition_variable more_;
    std::condition_variable changed_;
    phase phase_ = phase::not_begun;
    bool idle_ = false; // the thread waits for lines
    std::deque<waiting_line> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::uint64_t accepted_ = 0;
    std::uint64_t done_ = 0; // of those: written or dropped
    std::size_t dropped_ = 0;

    notice notice_;
    std::size_t told_ = 0; // of those dropped
    steady::time_point notice_due_{};
    bool output_works_ = true; // so did the last write

    std::optional<std::uint64_t> stuck_at_; // done_ when somebody waited in vain
    steady::duration patience_left_ = patience_in_all;

    std::thread thread_;
    state* next_kept_ = nullptr;
};

void log_writer::state::begin()
{
    if (in_forked_child())
        return;
    const std::lock_guard lock(mutex_);
    if (phase_ != phase::not_begun)
        return;
    output_->begin();
    try
    {
        const signals_blocked during;
        thread_ = std::thread([this] { run(); });
    }
    catch (const std::system_error& failed)
    {
        throw error(from_errno(failed.code().value()), "start", "log", "thread");
    }
    forks_at_begin_ = forks_so_far();
    phase_ = phase::running;
}

void log_writer::state::write(log_level level, std::string text) noexcept
{
    if (in_forked_child())
        return; // the mutex may have been locked when the parent forked
    try
    {
        enqueue({level, std::chrono::system_clock::now(), spdlog::details::os::thread_id(), std::move(text)});
    }
    catch (const std::bad_alloc&)
    {
        const std::lock_guard lock(mutex_);
        ++dropped_;
    }
}

void log_writer::state::enqueue(waiting_line&& line)
{
    std::unique_lock lock(mutex_);
    waiting_.push_back(std::move(line));
    waiting_bytes_ += waiting_.back().text.size();
    ++accepted_;
    while (waiting_.size() > most_waiting_lines ||
           (waiting_bytes_ > most_waiting_bytes && waiting_.size() > 1))
        drop_oldest();
    const bool wake = std::exchange(idle_, false);
    lock.unlock();
    if (wake)
        more_.notify_one();
}

void log_writer::state::drop_oldest() noexcept
{
    waiting_bytes_ -= waiting_.front().text.size();
    waiting_.pop_front();
    ++dropped_;
    ++done_;
}

void log_writer::state::run() noexcept
{
    std::unique_lock lock(mutex_);
    while (!give_up_)
    {
        if (notice_is_due())
            tell_of_dropped_lines(lock);
        else if (!waiting_.empty())
            pass_on(lock);
        else if (phase_ == phase::ending)
            break;
        else
            wait_for_lines(lock);
    }
    phase_ = phase::ended;
    changed_.notify_all();
}

void log_writer::state::pass_on(std::unique_lock<std::mutex>& lock)
{
    const std::size_t most = output_->lines_at_once();
    while (!waiting_.empty() && in_hand_.size() < most)
    {
        in_hand_.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
        waiting_bytes_ -= in_hand_.back().text.size();
    }
    const std::size_t count = in_hand_.size();
    dropped_ += count - put(lock);
    done_ += count;
    changed_.notify_all();
}

/// Once a second is enough, while lines are dropped by the thousand, unless it is the last time.
bool log_writer::state::notice_is_due() const noexcept
{
    if (dropped_ == told_ || !notice_)
        return false;
    return (phase_ == phase::ending && waiting_.empty()) || steady::now() >= notice_due_;
}

void log_writer::state::tell_of_dropped_lines(std::unique_lock<std::mutex>& lock)
{
    const std::size_t count = dropped_ - told_;
    notice_due_ = steady::now() + between_notices;
    try
    {
        in_hand_.push_back({log_level::warning, std::chrono::system_clock::now(),
                            spdlog::details::os::thread_id(), notice_(count)});
    }
    catch (const std::bad_alloc&) // put() has nothing to write then
    {
    }
    if (phase_ == phase::ending && waiting_.empty())
        notice_ = nullptr; // the last one, whether it is written or not
    if (put(lock) == 1)
        told_ += count;
}

/// Writes what is in hand, without the lock, and returns how many lines were written.
std::size_t log_writer::state::put(std::unique_lock<std::mutex>& lock) noexcept
{
    lock.unlock();
    std::size_t written = 0;
    try
    {
        written = output_->write(in_hand_, give_up_);
    }
    catch (...) // a user's function: its exception must not end the process
    {
    }
    const bool works = written == in_hand_.size();
    in_hand_.clear();
    lock.lock();
    output_works_ = works;
    return written;
}

void log_writer::state::wait_for_lines(std::unique_lock<std::mutex>& lock)
{
    const auto something_to_do = [this] { return !waiting_.empty() || phase_ != phase::running; };
    idle_ = true;
    // No clock wakes it for an output that fails: the next line will try again.
    if (dropped_ != told_ && notice_ && output_works_)
        more_.wait_until(lock, notice_due_, something_to_do);
    else
        more_.wait(lock, something_to_do);
    idle_ = false;
}

template <class Done>
void log_writer::state::wait_until(Done done, std::unique_lock<std::mutex>& lock)
{
    const auto last = steady::now() + patience_left_;
    while (!done() && stuck_at_ != done_)
    {
        const std::uint64_t before = done_;
        const auto due = std::min(last, steady::now() + patience_without_progress);
        if (!changed_.wait_until(lock, due, [&] { return done() || done_ != before; }))
            stuck_at_ = before;
    }
    patience_left_ = std::max(last - steady::now(), steady::duration::zero());
}

void log_writer::state::flush() noexcept
{
    if (in_forked_child())
        return;
    std::unique_lock lock(mutex_);
    if (phase_ == phase::not_begun || on_own_thread())
        return;
    wait_until([this, all = accepted_] { return done_ >= all; }, lock);
}

bool log_writer::state::end() noexcept
{
    if (in_forked_child())
        return false; // thread_ refers to a thread of the parent: it can be neither joined nor detached
    std::unique_lock lock(mutex_);
    if (phase_ == phase::not_begun)
        return true;
    const auto ended = [this] { return phase_ == phase::ended; };
    phase_ = phase::ending;
    more_.notify_one();
    if (!on_own_thread()) // a sink that calls exit(3) destroys a static server
    {
        wait_until(ended, lock);
        give_up_ = true;
        changed_.wait_for(lock, patience_for_thread, ended);
    }
    give_up_ = true;
    const bool over = ended();
    lock.unlock();
    over ? thread_.join() : thread_.detach();
    return over;
}

bool log_writer::state::in_forked_child() const noexcept
{
    const int at_begin = forks_at_begin_.load(std::memory_order_relaxed);
    return at_begin >= 0 && at_begin != forks.load(std::memory_order_relaxed);
}

void log_writer::state::keep(state* abandoned) noexcept
{
    static std::atomic<state*> all{nullptr};
    abandoned->next_kept_ = all.load();
    while (!all.compare_exchange_weak(abandoned->next_kept_, abandoned))
    {
    }
}

// --- the face ------------------------------------------------------------------------------------

log_writer::log_writer(std::unique_ptr<log_output> output, notice of_dropped_lines)
    : state_(std::make_unique<state>(std::move(output), std::move(of_dropped_lines)))
{
}

log_writer::~log_writer()
{
    if (!state_->end())
        state::keep(state_.release());
}

void log_writer::begin()
{
    state_->begin();
}

void log_writer::write(log_level level, std::string text) noexcept
{
    state_->write(level, std::move(text));
}

void log_writer::flush() noexcept
{
    state_->flush();
}

} // namespace naru
