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

    /// How long a drain that a signal began may take.
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
/// Functions may be called from any thread unless they say otherwise. The destructor stops and waits.
class server
{
  public:
    explicit server(server_options options = {});

    /// A server of one shard on an event loop of the caller's, who runs it (from one thread). start() does
    /// nothing but begin to accept; run() and wait() are not for this kind. Keep `loop` alive longer than the
    /// server, and run it after stop() until it has nothing left to do.
    explicit server(boost::asio::io_context& loop, server_options options = {});

    server(const server&) = delete;
    server& operator=(const server&) = delete;
    ~server();

    /// Binds and listens at once; accepts from start() on, or at once when the server is serving. Throws
    /// `naru::error` (operation "listen") when the endpoint is not one, is in use, or an option is refused;
    /// errc::closed when the server drains or has ended.
    listener listen(std::string_view where, protocol speaks, listen_options options = {});
    listener listen(const endpoint& where, protocol speaks, listen_options options = {});

    /// start(), then blocks until the server has ended. SIGTERM and SIGINT drain, a second one stops. The
    /// soft limit on descriptors is raised to the hard one. Returns 0 after a drain (also one whose deadline
    /// cut sessions), 1 when a second signal cut it short: what main() wants to return. `ready` is called
    /// when it accepts and hears signals, on the thread that called run(): the moment to tell the world. What
    /// it throws comes out of here.
    int run(const std::function<void()>& ready = {});

    /// Starts the shards' threads and returns.
    void start();

    /// Closes the listeners, ends idle sessions, lets the others finish; those that are left after `deadline`
    /// are closed (close_reason::shutdown). Returns at once; wait() waits. A second call can only shorten.
    void drain(std::chrono::milliseconds deadline);

    /// Closes everything now. Returns at once.
    void stop();

    /// Blocks until the server has ended by drain() or stop(). Not from a handler.
    void wait();

    /// True from the first drain() or stop() on.
    bool draining() const noexcept;

    /// A picture of every session of every shard, by id. Await it from any coroutine; it resumes on the
    /// executor of the caller, whose event loop has to live until it has, or longer than the server.
    task<std::vector<session_info>> sessions();

    server_figures figures() const noexcept;

    class state;

  private:
    std::unique_ptr<state> state_;
};

} // namespace naru
