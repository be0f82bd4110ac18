#pragma once

#include "net/listening_socket.hpp"
#include "server/berth.hpp"
#include "server/peer_counts.hpp"

#include <naru/server/listener.hpp>
#include <naru/server/protocol.hpp>

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace naru
{

/// A listener over all shards. Shared by the server and the handles; what belongs to the shards goes with
/// them.
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
    bool closed() const noexcept { return closed_.load(std::memory_order_relaxed); }

    /// Begins to accept. Any thread.
    void start();
    /// Any thread; idempotent.
    void close();
    /// Nothing of this listener's is left: no session, nothing in the shards' loops.
    bool quiet() const noexcept;
    /// Where a new connection is to be served: here for TCP, the next shard for Unix.
    berth& next(berth& here) noexcept;
    berth& on_shard(unsigned index) noexcept { return *berths_[index]; }

    listener_figures figures() const noexcept;

    /// The shards' event loops are going; nothing of theirs may be left in the berths.
    void loops_gone() noexcept;
    /// The shards have gone, and with them all sessions.
    void shards_gone();

  private:
    void remember_file();
    void unlink_file() noexcept;

    ledger& shared_;
    endpoint local_;
    std::string text_;
    protocol protocol_;
    peer_counts peers_;
    bool deals_;
    std::size_t dealt_ = 0;
    std::atomic<bool> closed_{false};

    std::string unlink_path_;
    dev_t file_device_ = 0;
    ino_t file_inode_ = 0;

    mutable std::mutex mutex_; // over berths_ against shards_gone()
    std::vector<std::unique_ptr<berth>> berths_;
    listener_figures last_figures_;
};

} // namespace naru
