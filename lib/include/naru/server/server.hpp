#pragma once

#include <naru/base/clock.hpp>
#include <naru/base/log.hpp>
#include <naru/base/task.hpp>
#include <naru/server/listener.hpp>
#include <naru/server/protocol.hpp>
#include <naru/server/session_info.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace boost::asio
{
class io_context;
}

namespace naru
{

struct server_options
{
    /// Shards, each a thread with its own event loop. A session lives on one of them. At least 1.
    unsigned threads = 1;

    /// The longest time for a drain that a signal begins.
    std::chrono::milliseconds drain{std::chrono::seconds(10)};

    log_options log = {};
};

/// Counters of a server, over all shards, since it was made.
struct server_figures
{
    std::uint64_t opened = 0;
    std::uint64_t open = 0;
    std::array<std::uint64_t, close_reason_count> closed{}; ///< by close_reason
};

/// The server owns shards and listeners. Its life: listen, start (or run), drain, stop.
///
///     naru::server server({.threads = 2});
///     server.listen("tcp://0.0.0.0:9190", naru::raw(echo));
///     return server.run();
///
/// Functions may be called from any thread unless they say otherwise, in any order and more than once.
///
/// **End.** drain() lets the sessions finish, stop() cuts them, the destructor stops and waits. Each ends in
/// bounded time, whatever the handlers await: a coroutine that has not ended 2 seconds after its session was
/// closed, or that a handler left on the event loop and that has not ended 2 seconds after the last session,
/// is destroyed where it waits. When it waits for work on another thread that is still to be done, it is
/// given up instead: its memory is kept until the process ends, none of its code runs any more, and a line in
/// the log (`session_abandoned`) names the session. Only a handler that blocks its thread delays the end
/// until it returns.
///
/// A handler may call std::exit(), also when the server is a static object. A handler, and `ready` of run(),
/// may destroy the server; a call of run() or wait() that waits meanwhile in any thread returns. Do not begin
/// another call during the destruction.
class server
{
  public:
    /// Starts no thread: a process may fork before start(). Raises the soft limit on descriptors to the hard
    /// one. Throws `naru::error` (operation "server") when an event loop cannot be made.
    explicit server(server_options options = {});

    /// A server of one shard on an event loop of the caller, which the caller runs in one thread. start()
    /// only begins to accept; run() and wait() are not for this kind. `loop` has to live longer than the
    /// server, but not longer than the work that handlers have given to other threads. Run it after stop()
    /// until it has nothing left to do. Destroy the server in the thread that runs `loop`, or when none does.
    explicit server(boost::asio::io_context& loop, server_options options = {});

    server(const server&) = delete;
    server& operator=(const server&) = delete;
    ~server();

    /// Binds and listens at once; accepts from start() on, or at once when the server is serving. Throws
    /// `naru::error` (operation "listen") when the endpoint is not one, is in use, or an option is refused;
    /// errc::closed when the server drains or has ended.
    ///
    /// A host name is looked up now (blocking) and bound on all of its addresses, with one port: `localhost`
    /// is 127.0.0.1 and [::1]. Addresses that this host does not have are left out when there are others; one
    /// that is in use is an error that names it.
    ///
    /// A Unix path: a socket file that no server answers at is replaced, and removed by close(), also after
    /// chdir(2). Of several servers that start at one path at once, one gets it and the others get
    /// errc::already_in_use. While it starts, the file `PATH.naru-lock` exists beside it, so the folder has
    /// to be writable. Permissions are set before the first connection is possible.
    listener listen(std::string_view where, protocol speaks, listen_options options = {});
    listener listen(const endpoint& where, protocol speaks, listen_options options = {});

    /// start(), then blocks until the server has ended. SIGTERM and SIGINT drain, a second one stops; one
    /// that the process ignores stays ignored, as in a shell's background job. What the process did with them
    /// before is restored at the end. Returns 0 after a drain (also one whose deadline cut sessions), 1 when
    /// a second signal cut it short: what main() wants to return. `ready` is called when it accepts and hears
    /// signals, on the thread that called run(). What it throws comes out of here. Not from a handler.
    int run(const std::function<void()>& ready = {});

    /// Starts the shards' threads and returns. Does nothing when the server serves already, or has ended.
    /// Throws `naru::error` (operation "start") when the system has no thread to give.
    void start();

    /// Closes the listeners, ends idle sessions, lets the others finish; those that are left after `deadline`
    /// are closed (close_reason::shutdown); at once if it is 0 or negative, never if it is too long for the
    /// clock. Returns at once; wait() waits. A second call can only shorten.
    void drain(std::chrono::milliseconds deadline);

    /// Closes everything now. Returns at once.
    void stop();

    /// Blocks until the server has ended by drain() or stop(). Several threads may wait. From a handler it
    /// throws errc::wrong_thread.
    void wait();

    /// True from the first drain() or stop() on.
    bool draining() const noexcept;

    /// A picture of every session of every shard, by id. A shard that has ended, or ends meanwhile, has none.
    /// Await it in any coroutine. It resumes on the executor of the caller; that event loop has to live until
    /// then. It cannot be cancelled.
    task<std::vector<session_info>> sessions();

    server_figures figures() const noexcept;

    class state;

  private:
    std::shared_ptr<state> state_; // run() and wait() in other threads have it too
};

} // namespace naru
