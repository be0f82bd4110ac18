#include "server/berth.hpp"

#include "net/stream_socket.hpp"
#include "server/listener_state.hpp"
#include "server/shard.hpp"

#include <naru/base/error.hpp>

#include <boost/asio/post.hpp>

#include <sys/socket.h>

namespace naru
{

berth::berth(shard& on, listener_state& of) : shard_(on), listener_(of), part_(of.speaks().make_shard_part())
{
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
    acceptor_ = std::make_unique<acceptor>(shard_, std::move(listening), self);
}

void berth::start()
{
    if (acceptor_)
        acceptor_->start();
}

void berth::refuse_newcomers() noexcept
{
    if (acceptor_)
        acceptor_->refuse();
}

void berth::close()
{
    if (acceptor_)
        acceptor_->close();
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
        boost::asio::post(there.shard_.loop().get_executor(),
                          [&there, owner = listener_.weak_from_this().lock(), peer,
                           socket = std::move(socket)]() mutable { there.serve(std::move(socket), peer); });
}

void berth::serve(descriptor socket, const peer_name& peer)
{
    auto over = make_stream_socket(shard_.loop(), std::move(socket));
    if (over->descriptor() < 0) // the event loop has no room for it
    {
        listener_.peers().leave(peer);
        lost_.add(1);
        return;
    }
    serve(std::move(over), peer);
}

void berth::serve(std::unique_ptr<stream> over, const peer_name& peer)
{
    const protocol_model& speaks = listener_.speaks();
    auto session = speaks.make_session({std::move(over), peer, *this, speaks.bounds()});
    sessions_.fetch_add(1);
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
    const std::string_view words = listener_.speaks().refusal();
    if (!words.empty())
        static_cast<void>(::send(socket.get(), words.data(), words.size(), MSG_NOSIGNAL));
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
