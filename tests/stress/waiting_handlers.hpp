#pragma once

#include <naru/http/serve.hpp>
#include <naru/server/protocol.hpp>
#include <naru/server/session.hpp>

#include <boost/asio/thread_pool.hpp>

#include <cstddef>
#include <mutex>
#include <vector>

namespace naru::stress
{

/// What a handler of the test waits for.
enum class wait_for
{
    timer,      // that fires soon
    long_timer, // that has to be cancelled
    pool,       // a coroutine on another thread
    peer,       // lines, which are echoed
    write,      // a peer that may not read
    group,      // a line or a timer
};

inline constexpr std::size_t wait_kinds = 6;

/// Handlers, and what they share: a pool, and references to their sessions.
class waiting_handlers
{
  public:
    protocol raw(wait_for kind);
    protocol http();

    /// A reference to a session that exists or has existed.
    session_ref any_session(std::size_t number);

  private:
    task<> serve(session& s, wait_for kind);
    task<> wait(wait_for kind);
    void note(const session_ref& of);

    boost::asio::thread_pool pool_{2};
    std::mutex mutex_;
    std::vector<session_ref> sessions_; // the last ones
    std::size_t next_ = 0;
};

} // namespace naru::stress
