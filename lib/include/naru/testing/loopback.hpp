#pragma once

#include <naru/base/log.hpp>
#include <naru/net/endpoint.hpp>
#include <naru/server/listener.hpp>
#include <naru/server/protocol.hpp>
#include <naru/server/server.hpp>
#include <naru/server/session_info.hpp>
#include <naru/testing/memory_stream.hpp>
#include <naru/testing/test_clock.hpp>

#include <memory>
#include <string>
#include <vector>

namespace naru::testing
{

struct loopback_options
{
    /// What log() gives; `off` spares the log, for tests that make thousands of servers.
    log_level level = log_level::info;
    bool json = false;

    /// connection_limits::memory; the other limits of connections are off.
    std::size_t memory = connection_limits{}.memory;

    /// Where the sessions believe that they were accepted.
    endpoint local = endpoint::tcp("127.0.0.1", 9190);
};

/// A server for tests: one shard, no socket, no thread, and a clock that is turned by hand. It speaks any
/// protocol as a listener of `naru::server` would, so a handler meets in a millisecond what a network takes a
/// week to bring.
///
///     naru::testing::loopback server(naru::raw(echo));
///     auto client = server.connect();
///     client.send("hello\n");
///     server.run();
///     EXPECT_EQ(client.take(), "hello\n");
///
///     server.advance(std::chrono::minutes(11));
///     EXPECT_EQ(server.ended(naru::close_reason::idle_timeout), 1);
///
/// **Time.** Nothing happens but inside run() and advance(): what a peer sends, connect(), drain() and stop()
/// wait for one of them. A run ends when nobody has anything left to do, and no real time passes meanwhile; a
/// timer of the operating system that a handler awaits fires only when it is run after its time. Deadlines
/// are coarse, here as in production: they come up to 16 ms after their time and never before.
///
/// **Life.** The destructor stops and runs. Handlers that know no cancellation are destroyed where they wait.
/// The ends that connect() gave may be used after it, unless their script has a delay.
class loopback
{
  public:
    explicit loopback(protocol speaks, const loopback_options& options = {});
    loopback(const loopback&) = delete;
    loopback& operator=(const loopback&) = delete;
    ~loopback();

    /// A connection is accepted with the next run. `from` is what the session knows of its peer.
    memory_peer connect(const stream_script& script = {});
    memory_peer connect(const endpoint& from, const stream_script& script = {});

    /// Runs whatever is ready, until nothing is.
    void run();
    /// Turns the clock on by `by` and runs what becomes due on the way, each at its time.
    void advance(duration by);

    /// As `naru::server`'s; without a deadline of its own: stop() when it has lasted long enough.
    void drain();
    void stop();

    /// A picture of every session, by id.
    std::vector<session_info> sessions();
    /// The lines that have been logged: `info session id=1 protocol=raw …`; without a time.
    std::vector<std::string> log();
    server_figures figures() const noexcept;
    listener_figures traffic() const noexcept;
    /// How many sessions ended for `reason`. One whose peer has not finished yet may linger: limits::linger.
    std::uint64_t ended(close_reason reason) const noexcept;

    test_clock& clock() noexcept;
    /// The shard's event loop, for handlers that await their own.
    boost::asio::io_context& loop() noexcept;

  private:
    class state;
    std::unique_ptr<state> state_;
};

} // namespace naru::testing
