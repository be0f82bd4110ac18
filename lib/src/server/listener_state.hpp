#pragma once

#include "net/listening_socket.hpp"
#include "server/berth.hpp"
#include "server/peer_counts.hpp"

#include <naru/server/listener.hpp>
#include <naru/server/protocol.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace naru
{

/// A listener over all shards. Shared by the server and the handles; what belongs to the shards is destroyed
/// with them.
class listener_state : public std::enable_shared_from_this<listener_state>
{
  public:
    /// With no `sockets` it listens nowhere: what it serves is brought to it.
    listener_state(ledger& shared, listening_sockets sockets, protocol speaks,
                   const connection_limits& limits, std::span<const std::unique_ptr<shard>> shards);
    ~listener_state();

    const endpoint& local() const noexcept { return local_; }
    const std::string& text() const noexcept { return text_; }
    const protocol_model& speaks() const noexcept { return *protocol_.model(); }
    ledger& shared() const noexcept { return shared_; }
    peer_counts& peers() noexcept { return peers_; }
    memory_budget& memory() noexcept { return memory_; }
    bool closed() const noexcept { return closed_.load(std::memory_order_relaxed); }

    /// Begins to accept. Any thread.
    void start();
    /// Any thread; idempotent.
    void close();
    /// Nothing of this listener is left: no session, no connection between two shards, nothing in the loops.
    bool quiet() const noexcept;
    /// Gives up what it has on the shards, if it is closed and quiet. True when it did.
    bool retire_if_closed();
    /// Where a new connection is to be served: here for TCP, the next shard for Unix.
    berth& next(berth& here) noexcept;
    berth& on_shard(unsigned index) noexcept { return *berths_[index]; }

    listener_figures figures() const noexcept;

    /// Before the shards' event loops are destroyed: nothing of theirs may be left in the berths.
    void loops_gone() noexcept;
    /// After the shards, and all sessions, have been destroyed.
    void shards_gone();

  private:
    ledger& shared_;
    endpoint local_;
    std::string text_;
    protocol protocol_;
    peer_counts peers_;
    memory_budget memory_;
    bool deals_;
    std::size_t dealt_ = 0;
    std::atomic<bool> closed_{false};

    void post_to(std::size_t index, void (berth::*act)());
    void keep_figures();

    mutable std::mutex mutex_; // over what follows; the berths end before this does
    std::vector<std::unique_ptr<berth>> berths_;
    socket_file file_;   // after berths_: removed before their sockets are closed
    bool ended_ = false; // the berths remain, for their figures; their shards may be destroyed
    listener_figures last_figures_;
};

} // namespace naru
