#pragma once

#include "base/deadlines.hpp"
#include "net/address.hpp"
#include "net/descriptor.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>

namespace naru
{

class shard;

/// Who an acceptor gives its connections to, and tells its troubles.
class acceptor_owner
{
  public:
    virtual void accepted(descriptor socket, const address& peer) = 0;
    /// An error of one connection that had gone before it was taken, accept(2).
    virtual void connection_lost() = 0;
    /// Descriptors or memory have run out (`error`); connections are turned away until it gets better.
    virtual void exhausted(int error) = 0;
    /// It has got better, after `turned_away` connections.
    virtual void recovered(std::uint64_t turned_away) = 0;

  protected:
    ~acceptor_owner() = default;
};

/// The loop around accept4(2) for one listening socket. No error ends it.
///
/// When descriptors run out, a connection in the queue can be neither taken nor refused, and its peer would
/// hang; and the queue stays ready, so that a loop would spin. So one descriptor is kept in reserve: it is
/// given up to take the waiting connections and close them; then the loop rests for a while and tries again.
class acceptor final : public deadline
{
  public:
    /// From any thread; everything else from the shard's, to whose event loop the socket belongs from start()
    /// on.
    acceptor(shard& on, descriptor listening, acceptor_owner& owner);
    ~acceptor();

    void start();
    /// From any thread: the kernel refuses new connections from now on, queued connections are reset, and the
    /// port or name is free for another socket, however busy the shard is. Only the descriptor's number stays
    /// until close().
    void refuse() noexcept;
    /// Idempotent. The object stays until quiet(): a wait that was under way comes back first.
    void close();
    bool quiet() const noexcept { return closed_ && !waiting_; }
    int listening() { return socket_.is_open() ? socket_.native_handle() : -1; }

  private:
    bool wait();
    bool accept_ready();
    bool accept_one();
    void out_of_resources(int error);
    void turn_away_waiting();
    void expired() override;

    shard& shard_;
    acceptor_owner& owner_;
    std::mutex mutex_;     // over number_, so that refuse() touches no number that close() has given back
    int number_;           // -1 after close()
    descriptor listening_; // until it starts
    boost::asio::posix::stream_descriptor socket_;
    descriptor reserve_;
    std::atomic<bool> refusing_ = false;
    std::atomic<bool> waiting_ = false; // or dealing with what it has waited for
    std::atomic<bool> closed_ = false;  // both are asked from other threads
    bool resting_ = false;
    bool exhausted_ = false;
    std::uint64_t turned_away_ = 0;
};

} // namespace naru
