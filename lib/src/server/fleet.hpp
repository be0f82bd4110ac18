#pragma once

#include "server/ledger.hpp"
#include "server/listener_state.hpp"
#include "server/shard.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace naru
{

/// How long the end of a fleet waits for coroutines that do not end: those of sessions that are closed, and
/// those that handlers left on the loops, after the last session. Then they are destroyed.
inline constexpr std::chrono::seconds patience{2};

/// Shards, what they share, and the listeners whose connections they serve: what has to end in one order.
class fleet
{
  public:
    /// With `borrowed`, one shard on that loop.
    fleet(const log_options& log, unsigned shards, boost::asio::io_context* borrowed = nullptr,
          const clock& time = clock::system());

    ledger& shared() noexcept { return shared_; }
    std::span<const std::unique_ptr<shard>> shards() const noexcept { return shards_; }
    shard& first() const noexcept { return *shards_.front(); }

    // Listeners. Any thread.

    /// Adds `made`, and forgets those that are closed and no longer used. False when the fleet drains.
    bool add(const std::shared_ptr<listener_state>& made);
    void start_listeners();
    void close_listeners();

    /// No session exists, and nothing of the shards and listeners is left in the loops.
    bool quiet() const;

    /// Destroys `fleet`, with the coroutines that its loops hold. No thread runs the loops. When a coroutine
    /// is held elsewhere, by a thread pool that has not finished its work, the fleet is kept until the
    /// process ends, since that work will complete into it, and a line in the log names the session.
    static void destroy(std::unique_ptr<fleet> what);

  private:
    bool in_use() const;
    bool released() const;
    std::vector<std::shared_ptr<listener_state>> listeners() const;

    ledger shared_;
    mutable std::mutex mutex_; // over listeners_
    std::vector<std::shared_ptr<listener_state>> listeners_;
    std::vector<std::unique_ptr<shard>> shards_;
};

} // namespace naru
