#pragma once

#include <naru/net/endpoint.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

namespace naru::testing
{

struct relay_options
{
    /// How long bytes and ends are under way: from the client to the server, and back. Both together are one
    /// round trip.
    std::chrono::microseconds there{0};
    std::chrono::microseconds back{0};

    /// Most bytes under way in each direction; with more to carry the relay stops reading, and the sender
    /// feels it. What the kernel keeps for the two sockets comes on top.
    std::size_t buffer = 1024 * 1024;
};

/// A wire with a length: listens on a port of 127.0.0.1 and forwards each connection to `to`, every byte in
/// order and every half-close, later by the chosen time. It stands in for a distant network where the kernel
/// offers none, and is precise to about a millisecond.
///
///     naru::testing::relay far(server.local().text(), {.there = 10ms, .back = 10ms});
///     far.start();
///     naru::dial(far.endpoint().text(), handler);
///
/// **Opening costs its round trip too.** The kernel completes the client's connect() at once, which a distant
/// server could not; so the relay makes up for it. What the client sends sets out only one round trip after
/// the connection was made, and the server sees the connection when the first of it can arrive: `there`
/// later. A client that connects, asks and is answered has waited for two round trips, as over a real wire.
///
/// A connection that breaks on one side, or that `to` refuses, is reset on the other.
///
/// **Life.** It listens from its construction on, and forwards from start() to stop(), on a thread of its
/// own; the destructor stops. stop() cuts every connection. For one thread.
class relay
{
  public:
    /// Throws `naru::error` when `to` is no endpoint, its host is unknown, or there is no port to listen on.
    explicit relay(std::string_view to, const relay_options& options = {});
    relay(const relay&) = delete;
    relay& operator=(const relay&) = delete;
    ~relay();

    void start();
    void stop();

    /// Where clients connect.
    const naru::endpoint& endpoint() const noexcept;

  private:
    class state;
    std::unique_ptr<state> state_;
};

} // namespace naru::testing
