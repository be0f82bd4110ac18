#pragma once

#include "base/deadlines.hpp"
#include "base/event_loop.hpp"
#include "base/this_thread.hpp"
#include "server/ledger.hpp"
#include "server/mailbox.hpp"
#include "server/session_core.hpp"
#include "server/turn.hpp"

#include <naru/server/session_info.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace naru
{

/// One thread's worth of server: an event loop, its sessions, their deadlines and their turn. Everything is
/// for the loop's thread, but what says otherwise.
class shard
{
  public:
    /// `borrowed`: a loop of somebody else's, who runs it; null: the shard has its own and run() runs it.
    shard(unsigned index, ledger& shared, boost::asio::io_context* borrowed = nullptr);
    ~shard();

    unsigned index() const noexcept { return index_; }
    boost::asio::io_context& loop() noexcept { return loop_.context(); }
    /// For coroutines; see event_loop.
    boost::asio::any_io_executor executor() noexcept { return loop_.executor(); }
    ledger& shared() const noexcept { return shared_; }
    naru::turn& turn() noexcept { return turn_; }
    /// Whether the caller runs on the thread that runs the loop. Any thread.
    bool on_own_thread() noexcept
    {
        return thread_.load(std::memory_order_relaxed) == this_thread() || is_new_own_thread();
    }
    const std::shared_ptr<mailbox>& mail() const noexcept { return mail_; }

    /// Runs the own loop until the shard has been told to end(). On the thread that is to be the shard's.
    void run();
    /// Lets run() return when nothing is left to do. Any thread.
    void end() noexcept;
    /// The same on the shard's thread, or when no thread runs the loop.
    void end_here() noexcept;

    // Time. Coarse: what the clock said when this turn began. Outside of one, look first.

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

    /// So that adopt() and forget() of one more session cannot fail.
    void make_room();
    void adopt(std::unique_ptr<session_core> session);
    void forget(session_core& session);
    session_core* find(std::uint32_t slot, std::uint64_t id) const noexcept;
    std::size_t session_count() const noexcept { return count_; }
    std::vector<session_info> infos();

    bool draining() const noexcept { return life_ != life::serving; }
    /// Whether a connection that arrives now can be served.
    bool takes_sessions() const noexcept { return life_ == life::serving || life_ == life::draining; }
    /// Ends idle sessions and asks the others to end.
    void drain();
    /// Closes all sessions now.
    void stop();
    /// Nothing of this shard is left in its loop.
    bool quiet() const noexcept { return count_ == 0 && timer_waits_ == 0 && !turn_.scheduled(); }
    /// Calls `act` when the last session is destroyed, now if there is none, and takes no sessions from then
    /// on.
    void when_last_gone(std::function<void()> act);

    // The end. No other thread runs the loop.

    /// Runs what is ready in the loop.
    void run_ready() { loop_.run_ready(); }

    /// Destroys the coroutines that this shard and its own loop hold, while their sessions still exist.
    void destroy_coroutines();
    /// True when a coroutine, or an executor of the user's, is held elsewhere: then the shard must stay.
    bool in_use() const noexcept { return loop_.in_use() || (loop_.borrowed() && !quiet()); }
    /// Writes a line for each session whose coroutine is held elsewhere.
    void log_abandoned();

  private:
    enum class life
    {
        serving,
        draining, // no new connections; sessions end
        stopped,  // all sessions are closed
        empty,    // and destroyed
    };

    template <class Act>
    void for_each(Act act);
    void arm_timer(time_point due);
    void log_thrown(const char* what);
    void check_empty();
    bool is_new_own_thread() noexcept;

    unsigned index_;
    ledger& shared_;
    event_loop loop_;
    std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
    std::atomic<const void*> thread_{nullptr}; // that was last seen to run the loop
    naru::turn turn_;
    time_point now_;
    deadlines deadlines_;
    std::optional<boost::asio::steady_timer> timer_;
    unsigned timer_waits_ = 0;
    time_point timer_due_ = deadline::never;

    std::vector<std::unique_ptr<session_core>> sessions_; // by slot, with holes
    std::vector<std::uint32_t> free_slots_;
    std::size_t count_ = 0;
    life life_ = life::serving;
    std::function<void()> when_last_gone_;
    std::shared_ptr<mailbox> mail_;
};

// Of a session, here where its shard is a complete type: these are called for each message.

inline turn& session_core::turn() const noexcept
{
    return shard_.turn();
}

inline time_point session_core::now() const noexcept
{
    if (!turn().entered())
        shard_.look_at_clock();
    return shard_.now();
}

inline bool session_core::draining() const noexcept
{
    return shard_.draining();
}

} // namespace naru
