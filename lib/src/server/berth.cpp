#include "server/berth.hpp"

#include "net/stream_socket.hpp"
#include "server/listener_state.hpp"
#include "server/shard.hpp"

#include <naru/base/error.hpp>

#include <sys/socket.h>

#include <algorithm>

namespace naru
{

namespace
{

/// A connection on its way to another shard. While it exists, the listener and its berth there stay.
class dealt_connection
{
  public:
    dealt_connection(std::shared_ptr<listener_state> owner, berth& to, descriptor socket,
                     const peer_name& peer)
        : owner_(std::move(owner)), to_(to), socket_(std::move(socket)), peer_(peer)
    {
        to_.expect();
    }
    dealt_connection(dealt_connection&&) noexcept = default;
    dealt_connection& operator=(dealt_connection&&) = delete;

    ~dealt_connection()
    {
        if (!owner_)
            return;
        if (socket_) // it did not arrive
            owner_->peers().leave(peer_);
        to_.session_gone();
    }

    void operator()(shard&) { to_.serve(std::move(socket_), peer_); }

  private:
    std::shared_ptr<listener_state> owner_;
    berth& to_;
    descriptor socket_;
    peer_name peer_;
};

/// A last word for a connection that is not served. Nothing is waited for; but what has come is read, because
/// a close with unread bytes is a reset, which may overtake the word (RFC 9112, 9.6).
void tell(const descriptor& socket, std::string_view word) noexcept
{
    if (!word.empty())
        static_cast<void>(::send(socket.get(), word.data(), word.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    ::shutdown(socket.get(), SHUT_WR);
    char room[4096];
    for (int reads = 0; reads < 16; ++reads)
        if (::recv(socket.get(), room, sizeof room, MSG_DONTWAIT) <= 0)
            return;
}

} // namespace

berth::berth(shard& on, listener_state& of)
    : shard_(on), listener_(of), memory_(of.memory()), part_(of.speaks().make_shard_part())
{
    if (part_)
        part_->listens_at(of.local());
}

ledger& berth::shared() const noexcept
{
    return listener_.shared();
}

std::string_view berth::protocol_name() const noexcept
{
    return listener_.speaks().name();
}

const std::string& berth::endpoint_text() const noexcept
{
    return listener_.text();
}

endpoint berth::local() const
{
    return listener_.local();
}

void berth::listen_on(descriptor listening)
{
    acceptor_owner& self = *this;
    acceptors_.push_back(std::make_unique<acceptor>(shard_, std::move(listening), self));
}

void berth::start()
{
    for (const auto& each : acceptors_)
        each->start();
}

void berth::refuse_newcomers() noexcept
{
    for (const auto& each : acceptors_)
        each->refuse();
}

void berth::close()
{
    for (const auto& each : acceptors_)
        each->close();
}

bool berth::acceptors_quiet() const noexcept
{
    return std::all_of(acceptors_.begin(), acceptors_.end(), [](const auto& each) { return each->quiet(); });
}

void berth::accepted(descriptor socket, const address& from)
{
    const peer_name peer(from);
    accepted_.add(1);
    if (!listener_.peers().enter(peer))
    {
        refuse(std::move(socket), peer);
        return;
    }
    berth& there = listener_.next(*this);
    if (&there == this)
        serve(std::move(socket), peer);
    else
        there.shard_.mail()->post(
            dealt_connection(listener_.shared_from_this(), there, std::move(socket), peer));
}

void berth::serve(descriptor socket, const peer_name& peer)
{
    if (turned_away(peer))
        return;
    std::unique_ptr<stream> over;
    try
    {
        over = make_stream_socket(shard_.loop(), std::move(socket));
    }
    catch (const std::bad_alloc&)
    {
    }
    if (over && over->descriptor() >= 0)
        serve(std::move(over), peer);
    else // the event loop has no room for it
        lose(peer);
}

/// The server has ended in the meantime.
bool berth::turned_away(const peer_name& peer)
{
    if (shard_.takes_sessions())
        return false;
    listener_.peers().leave(peer);
    refused_.add(1);
    return true;
}

void berth::lose(const peer_name& peer)
{
    listener_.peers().leave(peer);
    lost_.add(1);
}

void berth::serve(std::unique_ptr<stream> over, const peer_name& peer)
{
    if (turned_away(peer))
        return;
    const protocol_model& speaks = listener_.speaks();
    std::unique_ptr<session_core> session;
    try
    {
        shard_.make_room();
        session = speaks.make_session({std::move(over), peer, *this, speaks.bounds()});
    }
    catch (const std::bad_alloc&)
    {
        lose(peer);
        return;
    }
    shared().opened.fetch_add(1, std::memory_order_relaxed);
    shared().open.fetch_add(1, std::memory_order_relaxed);
    session_core& opened = *session;
    shard_.adopt(std::move(session));
    if (shard_.draining())
        opened.drain(); // it was on its way when the drain began
}

void berth::refuse(descriptor socket, const peer_name& peer)
{
    refused_.add(1);
    tell(socket, listener_.speaks().refusal());
    socket.reset();
    // One line a second is enough to know; the figures count every one.
    if (shard_.now() < refusal_logged_ + std::chrono::seconds(1))
        return;
    refusal_logged_ = shard_.now();
    auto line = shared().log.line("connection_refused");
    line.add("listener", listener_.text()).add("peer", peer.text()).add("reason", "limit_exceeded");
    shared().log.write(log_level::warning, line);
}

void berth::connection_lost()
{
    lost_.add(1);
}

void berth::exhausted(int error)
{
    exhausted_.add(1);
    auto line = shared().log.line("accept_exhausted");
    line.add("listener", listener_.text()).add("error", from_errno(error).message());
    shared().log.write(log_level::error, line);
}

void berth::recovered(std::uint64_t turned_away)
{
    auto line = shared().log.line("accept_recovered");
    line.add("listener", listener_.text()).add("turned_away", turned_away);
    shared().log.write(log_level::info, line);
}

void berth::session_closed(const session_core& session, close_reason reason)
{
    // In this order: who sees that nobody is open any more finds every one among the closed.
    shared().closed[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed);
    shared().open.fetch_sub(1, std::memory_order_release);
    listener_.peers().leave(session.peer());
    if (!shared().log.wants(log_level::info))
        return;
    auto line = shared().log.line("session");
    line.add("id", session.id())
        .add("protocol", protocol_name())
        .add("listener", listener_.text())
        .add("peer", session.peer().text())
        .add("reason", to_string(reason))
        .add("seconds", session.age())
        .add("bytes_in", session.bytes_in())
        .add("bytes_out", session.bytes_out());
    shared().log.write(log_level::info, line);
}

void berth::add_figures(listener_figures& to) const noexcept
{
    to.accepted += accepted_.get();
    to.refused += refused_.get();
    to.accept_failed += lost_.get();
    to.exhausted += exhausted_.get();
    to.bytes_in += bytes_in_.get();
    to.bytes_out += bytes_out_.get();
}

} // namespace naru
