#include "server/acceptor.hpp"

#include "server/shard.hpp"

#include <naru/base/error.hpp>

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <new>

namespace naru
{

namespace
{

// So that a flood of connections does not keep the sessions that are there waiting.
constexpr int most_at_once = 64;

constexpr std::chrono::milliseconds rest{100};

descriptor open_reserve() noexcept
{
    return descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

/// A descriptor that is never ready and can be waited for, to put in the place of a listening socket. One for
/// the process, open until it ends: one is needed when there may be none to be had.
int placeholder()
{
    static const int number = []
    {
        const int made = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        return made >= 0 ? made : throw error(from_errno(errno), "listen", {}, "eventfd");
    }();
    return number;
}

descriptor accept_from(int listening, address& peer) noexcept
{
    peer.length = sizeof peer.storage;
    return descriptor(::accept4(listening, peer.data(), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

} // namespace

acceptor::acceptor(shard& on, descriptor listening, acceptor_owner& owner)
    : shard_(on), owner_(owner), number_(listening.get()), listening_(std::move(listening)),
      socket_(on.loop()), reserve_(open_reserve())
{
    static_cast<void>(placeholder());
}

acceptor::~acceptor()
{
    close();
}

void acceptor::start()
{
    if (!listening_ || refusing_)
        return; // closed before it began
    boost::system::error_code failed;
    socket_.assign(listening_.get(), failed);
    if (failed) // the event loop has no room for it now
    {
        shard_.look_at_clock();
        shard_.set_deadline(*this, shard_.now() + rest);
        return;
    }
    static_cast<void>(listening_.release());
    if (!wait())
        waiting_ = false;
}

void acceptor::refuse() noexcept
{
    refusing_ = true;
    const std::lock_guard lock(mutex_);
    if (number_ < 0)
        return;
    // Refuses at once, also when a child of fork(2) has the socket too.
    ::shutdown(number_, SHUT_RDWR);
    // Closes the socket and keeps its number. shutdown(2) alone leaves an abstract name in use, and close(2)
    // is for the shard: until then its event loop may use the number, which must not become another's.
    // accept4(2) on the placeholder fails, and a wait for it ends with close().
    ::dup3(placeholder(), number_, O_CLOEXEC);
}

void acceptor::close()
{
    if (closed_)
        return;
    shard_.remove_deadline(*this);
    {
        const std::lock_guard lock(mutex_);
        number_ = -1;
        listening_.reset();
        boost::system::error_code ignored;
        socket_.close(ignored);
    }
    reserve_.reset();
    closed_ = true;
}

/// False when it cannot now, and rests.
bool acceptor::wait()
{
    waiting_ = true;
    const auto ready = [this](const boost::system::error_code&)
    {
        if (!socket_.is_open() || !accept_ready())
            waiting_ = false; // the last touch: it may be destroyed from here on
    };
    try
    {
        socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read, ready);
        return true;
    }
    catch (const std::bad_alloc&)
    {
        out_of_resources(ENOMEM);
        return false;
    }
}

/// True when it waits again.
bool acceptor::accept_ready()
{
    shard_.look_at_clock();
    for (int i = 0; i < most_at_once; ++i)
    {
        if (!accept_one())
            break;
        if (!socket_.is_open())
            return false; // what was accepted closed this listener
    }
    if (resting_ || refusing_) // who refuses is always ready: to wait would be to spin
        return false;
    return wait();
}

/// False when there is nothing more to take for now.
bool acceptor::accept_one()
{
    address peer;
    descriptor socket = accept_from(socket_.native_handle(), peer);
    if (socket)
    {
        if (std::exchange(exhausted_, false))
            owner_.recovered(std::exchange(turned_away_, 0));
        try
        {
            owner_.accepted(std::move(socket), peer);
            return true;
        }
        catch (const std::bad_alloc&)
        {
            out_of_resources(ENOMEM);
            return false;
        }
    }
    if (refusing_)
        return false; // close() is on its way
    switch (errno)
    {
    case EAGAIN:
        return false;
    case EINTR:
        return true;
    // accept(2) hands over errors of the new socket; they are not the listener's.
    case ECONNABORTED:
    case EPERM:
    case EPROTO:
    case ENOPROTOOPT:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
    case EOPNOTSUPP:
    case ETIMEDOUT:
        owner_.connection_lost();
        return true;
    // EMFILE, ENFILE, ENOBUFS, ENOMEM, and whatever else: rest, and try again.
    default:
        out_of_resources(errno);
        return false;
    }
}

void acceptor::out_of_resources(int error)
{
    if (!std::exchange(exhausted_, true))
        owner_.exhausted(error);
    turn_away_waiting();
    resting_ = true;
    shard_.set_deadline(*this, shard_.now() + rest);
}

void acceptor::turn_away_waiting()
{
    for (int i = 0; i < most_at_once && reserve_; ++i)
    {
        reserve_.reset();
        address peer;
        descriptor socket = accept_from(socket_.native_handle(), peer);
        const bool took = static_cast<bool>(socket);
        socket.reset(); // closes it: the peer knows
        reserve_ = open_reserve();
        if (!took)
            return;
        ++turned_away_;
    }
}

void acceptor::expired()
{
    resting_ = false;
    if (!reserve_)
        reserve_ = open_reserve();
    if (listening_)
        start();
    else if (socket_.is_open())
        accept_ready();
}

} // namespace naru
