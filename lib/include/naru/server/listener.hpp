#pragma once

#include <naru/net/endpoint.hpp>
#include <naru/net/socket_options.hpp>
#include <naru/server/limits.hpp>

#include <cstdint>
#include <memory>

namespace naru
{

struct listen_options
{
    socket_options socket = {};
    connection_limits connections = {};
};

/// Counters of one listener, over all shards, since it was opened.
struct listener_figures
{
    std::uint64_t accepted = 0;
    std::uint64_t open = 0;
    std::uint64_t refused = 0;       ///< over a limit
    std::uint64_t accept_failed = 0; ///< errors of single connections: gone before they were taken
    std::uint64_t exhausted = 0;     ///< times that descriptors or memory ran out
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t memory = 0; ///< bytes held now, as connection_limits::memory counts them
};

class listener_state;

/// A handle on one bound endpoint of a server, with all of its addresses; copy it freely. It may outlive the
/// server. Any thread.
class listener
{
  public:
    explicit listener(std::shared_ptr<listener_state> state) noexcept;

    /// Where it really listens: the port that the kernel chose for port 0. Of a host name that has several
    /// addresses the first that was bound; the others have the same port. Of a Unix endpoint the path as it
    /// was given.
    const endpoint& local() const noexcept;

    /// Takes no more connections. When this returns, the kernel refuses them, the file of a Unix path is
    /// removed, and the port, path or name can be listened on again, also while handlers keep the shards
    /// busy. The sessions that it has go on. Idempotent.
    void close();

    listener_figures figures() const noexcept;

  private:
    std::shared_ptr<listener_state> state_;
};

} // namespace naru
