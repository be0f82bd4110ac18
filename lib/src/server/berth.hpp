#pragma once

#include "base/memory_budget.hpp"
#include "server/acceptor.hpp"
#include "server/ledger.hpp"
#include "server/protocol_model.hpp"

#include <naru/net/stream.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace naru
{

class listener_state;

/// What a listener is on one shard: an acceptor for each of its addresses (Unix: on the first shard only),
/// figures, and what the protocol keeps there. Sessions refer to it.
class berth final : private acceptor_owner
{
  public:
    berth(shard& on, listener_state& of);

    shard& on() const noexcept { return shard_; }
    template <class Part>
    Part& part() const noexcept
    {
        return static_cast<Part&>(*part_);
    }
    ledger& shared() const noexcept;
    std::string_view protocol_name() const noexcept;
    const std::string& endpoint_text() const noexcept;
    endpoint local() const;

    /// Once for each address.
    void listen_on(descriptor listening);
    void start();
    /// From any thread, before close(), which is for the shard's.
    void refuse_newcomers() noexcept;
    void close();
    /// Nothing refers to it: no session that is not destroyed yet, no wait in the event loop.
    bool quiet() const noexcept { return sessions_.load() == 0 && acceptors_quiet(); }
    /// The event loop is going.
    void loop_gone() noexcept { acceptors_.clear(); }

    /// A connection of this listener's, to be served on this shard. On the shard's thread.
    void serve(descriptor socket, const peer_name& peer);
    /// The same over any stream; what it speaks is the listener's protocol.
    void serve(std::unique_ptr<stream> over, const peer_name& peer);

    /// What its sessions on this shard hold.
    memory_share& memory() noexcept { return memory_; }

    void count_in(std::uint64_t bytes) noexcept { bytes_in_.add(bytes); }
    void count_out(std::uint64_t bytes) noexcept { bytes_out_.add(bytes); }
    void session_closed(const session_core& session, close_reason reason);
    /// A session is made here, or a connection for one is on its way; session_gone() when it is destroyed,
    /// or has arrived.
    void expect() noexcept { sessions_.fetch_add(1); }
    void session_gone() noexcept { sessions_.fetch_sub(1); }

    /// Of this shard alone. Any thread.
    void add_figures(struct listener_figures& to) const noexcept;

    /// For a coroutine protocol: whether its handlers have been seen to suspend while they hold views.
    bool handlers_wander = false;

  private:
    void accepted(descriptor socket, const address& from) override;
    void connection_lost() override;
    void exhausted(int error) override;
    void recovered(std::uint64_t turned_away) override;
    void refuse(descriptor socket, const peer_name& peer);
    bool turned_away(const peer_name& peer);
    bool acceptors_quiet() const noexcept;
    void lose(const peer_name& peer);

    shard& shard_;
    listener_state& listener_;
    memory_share memory_;
    std::unique_ptr<shard_part> part_;
    std::vector<std::unique_ptr<acceptor>> acceptors_;
    time_point refusal_logged_;
    std::atomic<std::size_t> sessions_{0}; // not destroyed yet: closed ones may wait for their coroutine

    shard_counter accepted_;
    shard_counter refused_;
    shard_counter lost_;
    shard_counter exhausted_;
    shard_counter bytes_in_;
    shard_counter bytes_out_;
};

} // namespace naru
