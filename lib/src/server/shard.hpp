#pragma once

#include "base/deadlines.hpp"
#include "server/ledger.hpp"
#include "server/session_core.hpp"
#include "server/turn.hpp"

#include <naru/server/session_info.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace naru
{

class shard;

/// The way to a shard for those who may outlive it.
class shard_post : public std::enable_shared_from_this<shard_post>
{
  public:
    explicit shard_post(shard& at) noexcept : shard_(&at) {}

    /// Runs `act` on the shard's thread: now when called there, else soon; never when the shard has gone.
    void run(std::function<void(shard&)> act);
    void shard_gone() noexcept;

  private:
    void run_here(const std::function<void(shard&)>& act);

    std::mutex mutex_;
    shard* shard_;
};

/// One thread's worth of server: an event loop, its sessions, their deadlines and their turn. Everything is
/// for the loop's thread, but what says otherwise.
class shard
{
  public:
    /// `borrowed`: a loop of somebody else's, who runs it; null: the shard has its own and run() runs it.
    shard(unsigned index, ledger& shared, boost::asio::io_context* borrowed = nullptr);
    ~shard();

    unsigned index() const noexcept { return index_; }
    boost::asio::io_context& loop() noexcept { return *loop_; }
    ledger& shared() const noexcept { return shared_; }
    naru::turn& turn() noexcept { return turn_; }
    const std::shared_ptr<shard_post>& post() const noexcept { return post_; }

    /// Runs the own loop until the shard has been told to end(). On the thread that is to be the shard's.
    void run();
    /// Lets run() return when nothing is left to do. Any thread.
    void end() noexcept;

    // Time. Coarse: what the clock said when this turn began.

    time_point now() const noexcept { return now_; }
    void look_at_clock() noexcept { now_ = shared_.time.now(); }
    void set_deadline(deadline& entry, time_point due);
    void clear_deadline(deadline& entry) noexcept { deadlines_.clear(entry); }
    void remove_deadline(deadline& entry) noexcept { deadlines_.remove(entry); }
    /// Looks at the clock and runs what is due.
    void run_deadlines();
    /// When run_deadlines() has to be called next, at the latest, for who turns the clock by hand.
    std::optional<time_point> next_deadline() const noexcept { return deadlines_.next(); }

    // Sessions.

    void adopt(std::unique_ptr<session_core> session);
    void forget(session_core& session);
    session_core* find(std::uint32_t slot, std::uint64_t id) const noexcept;
    std::size_t session_count() const noexcept { return count_; }
    std::vector<session_info> infos();

    bool draining() const noexcept { return draining_; }
    /// Ends idle sessions and asks the others to end.
    void drain();
    /// Closes all sessions now.
    void stop();
    /// Nothing of this shard's is left in its loop.
    bool quiet() const noexcept { return count_ == 0 && timer_waits_ == 0 && !turn_.scheduled(); }
    /// Called when the last session has gone; at once when there is none.
    void when_last_gone(std::function<void()> act);

  private:
    template <class Act>
    void for_each(Act act);
    void arm_timer(time_point due);
    void check_empty();

    unsigned index_;
    ledger& shared_;
    std::unique_ptr<boost::asio::io_context> own_loop_;
    boost::asio::io_context* loop_;
    std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
    naru::turn turn_;
    time_point now_;
    deadlines deadlines_;
    std::optional<boost::asio::steady_timer> timer_;
    unsigned timer_waits_ = 0;
    time_point timer_due_ = deadline::never;

    std::vector<std::unique_ptr<session_core>> sessions_; // by slot, with holes
    std::vector<std::uint32_t> free_slots_;
    std::size_t count_ = 0;
    bool draining_ = false;
    std::function<void()> when_last_gone_;
    std::shared_ptr<shard_post> post_;
};

} // namespace naru
