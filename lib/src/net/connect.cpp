#include "net/connect.hpp"

#include <naru/base/clock.hpp>
#include <naru/base/error.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace naru
{

namespace
{

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// RFC 8305, 5: the recommended Connection Attempt Delay.
constexpr milliseconds attempt_delay{250};

/// `from` + `wait`; what lies beyond the clock's range is its end.
time_point later(time_point from, milliseconds wait) noexcept
{
    if (wait <= milliseconds(0))
        return from;
    // Compared in milliseconds: the longest wait is beyond what nanoseconds can count.
    const auto longest = std::chrono::floor<milliseconds>(time_point::max() - from);
    return wait < longest ? from + wait : time_point::max();
}

milliseconds left_until(time_point due) noexcept
{
    const time_point now = steady_clock::now();
    return due <= now ? milliseconds(0) : std::chrono::ceil<milliseconds>(due - now);
}

int for_poll(milliseconds wait) noexcept
{
    return static_cast<int>(std::min<std::int64_t>(wait.count(), std::numeric_limits<int>::max()));
}

descriptor open_socket(const address& to) noexcept
{
    descriptor socket(::socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    // As a listener's sockets do unless told otherwise. Without it a session is slower, and no less right.
    const int on = 1;
    if (socket && to.family() != AF_UNIX)
        static_cast<void>(::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
    return socket;
}

bool set_blocking(int socket, bool on) noexcept
{
    const int flags = ::fcntl(socket, F_GETFL);
    return flags >= 0 && ::fcntl(socket, F_SETFL, on ? flags & ~O_NONBLOCK : flags | O_NONBLOCK) == 0;
}

/// The kernel wakes a blocking connect(2) when the listener's queue has room, and poll(2) does not. It waits
/// as long as a send would.
int connect_blocking(int socket, const address& to, milliseconds wait) noexcept
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(wait);
    const timeval limit{seconds.count(), std::chrono::microseconds(wait - seconds).count()};
    if (::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0)
        return errno;
    return ::connect(socket, to.data(), to.length) == 0 ? 0 : errno;
}

/// 0 or an errno.
int connect_unix(int socket, const address& to, time_point due) noexcept
{
    int failed = ::connect(socket, to.data(), to.length) == 0 ? 0 : errno;
    if (failed != EAGAIN)
        return failed;
    if (!set_blocking(socket, true))
        return errno;
    while (failed == EAGAIN || failed == EINTR)
    {
        const milliseconds left = left_until(due);
        if (left == milliseconds(0)) // to SO_SNDTIMEO it would be for ever
            return ETIMEDOUT;
        failed = connect_blocking(socket, to, left);
    }
    const timeval no_limit{};
    if (failed == 0 && (::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &no_limit, sizeof no_limit) != 0 ||
                        !set_blocking(socket, false)))
        return errno;
    return failed;
}

/// The attempts at the addresses of one host.
class race
{
  public:
    race(const std::vector<address>& addresses, milliseconds patience)
        : addresses_(addresses), due_(later(steady_clock::now(), patience)),
          delay_(std::clamp<milliseconds>(patience / static_cast<std::int64_t>(addresses.size()),
                                          milliseconds(0), attempt_delay))
    {
    }

    /// With no socket when none has answered: error() says why.
    connected_socket run()
    {
        while (!winner_.socket)
        {
            if (next_ < addresses_.size() && (waiting_.empty() || steady_clock::now() >= next_start_))
                start_next();
            else if (waiting_.empty())
                break;
            else if (!wait())
                return {};
        }
        return std::move(winner_);
    }

    int error() const noexcept { return failed_; }

  private:
    void start_next()
    {
        const address& to = addresses_[next_++];
        next_start_ = later(steady_clock::now(), delay_);
        descriptor socket = open_socket(to);
        const bool connected = socket && ::connect(socket.get(), to.data(), to.length) == 0;
        if (connected)
            winner_ = {std::move(socket), to};
        else if (!socket || errno != EINPROGRESS)
            failed_ = errno;
        else
        {
            waiting_.push_back({socket.get(), POLLOUT, 0});
            attempts_.push_back({std::move(socket), to});
        }
    }

    /// Until an attempt has ended or the next has to start; false when the time is over.
    bool wait()
    {
        const bool more = next_ < addresses_.size();
        const milliseconds longest = left_until(more ? std::min(due_, next_start_) : due_);
        const int ready = ::poll(waiting_.data(), waiting_.size(), for_poll(longest));
        if (ready < 0 && errno != EINTR)
        {
            failed_ = errno;
            return false;
        }
        if (ready > 0)
            take_ended();
        // Each address is tried, however late.
        if (winner_.socket || more || waiting_.empty() || steady_clock::now() < due_)
            return true;
        failed_ = ETIMEDOUT;
        return false;
    }

    void take_ended()
    {
        for (std::size_t i = waiting_.size(); i-- > 0;)
        {
            if (waiting_[i].revents == 0)
                continue;
            int result = 0;
            socklen_t length = sizeof result;
            if (::getsockopt(attempts_[i].socket.get(), SOL_SOCKET, SO_ERROR, &result, &length) != 0)
                result = errno;
            if (result == 0)
                winner_ = std::move(attempts_[i]); // of several the one that was tried first
            else
                failed_ = result;
            waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
            attempts_.erase(attempts_.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }

    const std::vector<address>& addresses_;
    const time_point due_;
    const milliseconds delay_;
    std::size_t next_ = 0;
    time_point next_start_;
    std::vector<pollfd> waiting_; // one for each of attempts_
    std::vector<connected_socket> attempts_;
    connected_socket winner_;
    int failed_ = 0;
};

} // namespace

connected_socket connect_to(const endpoint& where, milliseconds patience)
{
    const std::vector<address> addresses = resolve(where, "connect");
    connected_socket made;
    int failed = 0;
    if (where.is_tcp())
    {
        race attempts(addresses, patience);
        made = attempts.run();
        failed = attempts.error();
    }
    else
    {
        made = {open_socket(addresses.front()), addresses.front()};
        failed = made.socket
                     ? connect_unix(made.socket.get(), made.peer, later(steady_clock::now(), patience))
                     : errno;
        if (failed != 0)
            made.socket.reset();
    }
    if (!made.socket)
        throw error(from_errno(failed), "connect", where.text());
    return made;
}

} // namespace naru
