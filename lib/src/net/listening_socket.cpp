#include "net/listening_socket.hpp"

#include "net/address.hpp"

#include <naru/base/error.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <exception>
#include <limits>
#include <string>
#include <thread>

namespace naru
{

namespace
{

// With port 0: how often the kernel chooses a port that is free on the first address and not on another.
constexpr int most_port_choices = 16;

// A name that is given up by close(2) is free when the last system call that uses the socket has returned,
// which may be another thread's accept4(2) or epoll_wait(2). Both return at once.
constexpr int most_name_waits = 50;
constexpr std::chrono::milliseconds name_wait{1};

int saturated(std::int64_t value) noexcept
{
    return static_cast<int>(
        std::clamp<std::int64_t>(value, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
}

/// The calls that make one socket; each failure says which call it was, and where.
class maker
{
  public:
    /// `named`: the address, when it is one of several.
    maker(const endpoint& where, const address& at, std::string named = {})
        : where_(where.text()), named_(std::move(named))
    {
        socket_ = descriptor(::socket(at.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!socket_)
            fail("socket");
    }

    void option(int level, int name, std::int64_t value, const char* called)
    {
        const int taken = saturated(value); // what is over that no option takes
        if (::setsockopt(socket_.get(), level, name, &taken, sizeof taken) != 0)
            throw error(errc::refused_option, "listen", where_, option_text(called, value, errno));
    }

    bool try_bind(const address& at) noexcept { return ::bind(socket_.get(), at.data(), at.length) == 0; }

    void bind(const address& at)
    {
        if (!try_bind(at))
            fail("bind");
    }

    void listen(int backlog)
    {
        // The kernel takes a negative one for the largest.
        if (::listen(socket_.get(), std::max(0, backlog)) != 0)
            fail("listen");
    }

    [[noreturn]] void fail(std::string call) const
    {
        const int number = errno;
        if (!named_.empty())
            call += " " + named_;
        throw error(from_errno(number), "listen", where_, call);
    }

    int get() const noexcept { return socket_.get(); }
    descriptor take() noexcept { return std::move(socket_); }

  private:
    static std::string option_text(const char* called, std::int64_t value, int number)
    {
        return std::string(called) + " = " + std::to_string(value) + ": " + from_errno(number).message();
    }

    std::string where_;
    std::string named_;
    descriptor socket_;
};

void set_options(maker& socket, const address& at, const socket_options& options, bool v6only)
{
    // The kernel takes a negative size for the largest.
    if (options.send_buffer)
        socket.option(SOL_SOCKET, SO_SNDBUF, std::max(0, *options.send_buffer), "SO_SNDBUF");
    if (options.receive_buffer)
        socket.option(SOL_SOCKET, SO_RCVBUF, std::max(0, *options.receive_buffer), "SO_RCVBUF");
    if (at.family() == AF_UNIX)
        return;
    socket.option(SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
    if (at.family() == AF_INET6)
        socket.option(IPPROTO_IPV6, IPV6_V6ONLY, v6only ? 1 : 0, "IPV6_V6ONLY");
    if (options.no_delay)
        socket.option(IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
    if (const auto& alive = options.keep_alive)
    {
        socket.option(SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE");
        socket.option(IPPROTO_TCP, TCP_KEEPIDLE, alive->idle.count(), "TCP_KEEPIDLE");
        socket.option(IPPROTO_TCP, TCP_KEEPINTVL, alive->interval.count(), "TCP_KEEPINTVL");
        socket.option(IPPROTO_TCP, TCP_KEEPCNT, alive->probes, "TCP_KEEPCNT");
    }
}

listening_sockets open_path(const endpoint& where, const socket_options& options)
{
    const address at = resolve(where, "listen").front();
    const socket_place place(where);
    const startup_lock lock(place, where);
    remove_stale_file(place, where, at);

    maker socket(where, at);
    set_options(socket, at, options, false);
    socket.bind(at);
    listening_sockets made{where, {}, socket_file(place, where)};
    // Before it listens: until then nobody can connect.
    if (const auto mode = options.mode ? options.mode : where.mode())
        made.file.set_mode(*mode, where);
    socket.listen(options.backlog);
    made.sockets.push_back(socket.take());
    return made;
}

/// A socket listens there, or did when it was asked.
bool is_served(const address& at) noexcept
{
    const descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    return !probe || ::connect(probe.get(), at.data(), at.length) == 0 || errno != ECONNREFUSED;
}

listening_sockets open_abstract(const endpoint& where, const socket_options& options)
{
    const address at = resolve(where, "listen").front();
    maker socket(where, at);
    set_options(socket, at, options, false);
    int waits = 0;
    while (!socket.try_bind(at))
    {
        const int number = errno;
        const bool again = number == EADDRINUSE && waits++ < most_name_waits && !is_served(at);
        errno = number;
        if (!again)
            socket.fail("bind");
        std::this_thread::sleep_for(name_wait);
    }
    socket.listen(options.backlog);
    listening_sockets made{where, {}, {}};
    made.sockets.push_back(socket.take());
    return made;
}

/// The addresses of `where` that can be bound beside each other.
std::vector<address> addresses_to_bind(const endpoint& where)
{
    std::vector<address> all = resolve(where, "listen");
    if (all.size() == 1)
        return all;
    std::vector<address> out;
    for (const address& found : all)
    {
        const address one = found.unmapped();
        const auto covers = [&](const address& other)
        { return other == one || (other.family() == one.family() && other.is_unspecified()); };
        if (std::none_of(out.begin(), out.end(), covers))
        {
            if (one.is_unspecified())
                std::erase_if(out, [&](const address& other) { return other.family() == one.family(); });
            out.push_back(one);
        }
    }
    return out;
}

/// Opens the sockets of all addresses of a TCP endpoint.
class tcp_opener
{
  public:
    tcp_opener(const endpoint& where, const socket_options& options, unsigned count)
        : where_(where), options_(options), count_(count), addresses_(addresses_to_bind(where))
    {
        const bool ipv4 = std::any_of(addresses_.begin(), addresses_.end(),
                                      [](const address& each) { return each.family() == AF_INET; });
        v6only_ = options.v6only || where.v6only() || ipv4;
    }

    listening_sockets open()
    {
        for (int choice = 1;; ++choice)
        {
            made_ = {};
            port_ = where_.port();
            if (open_all(choice < most_port_choices))
                return std::move(made_);
        }
    }

  private:
    /// False when the port that the kernel has chosen is taken on another address, and may be chosen again.
    bool open_all(bool may_choose_again)
    {
        std::exception_ptr left_out;
        for (const address& at : addresses_)
        {
            const std::size_t before = made_.sockets.size();
            try
            {
                open_group(at);
            }
            catch (const error& failed)
            {
                made_.sockets.resize(before);
                if (failed.code() == boost::system::errc::address_in_use && port_ != where_.port() &&
                    may_choose_again)
                    return false;
                if (failed.code() != boost::system::errc::address_not_available &&
                    failed.code() != boost::system::errc::address_family_not_supported)
                    throw;
                if (!left_out)
                    left_out = std::current_exception();
            }
        }
        if (made_.sockets.empty())
            std::rethrow_exception(left_out);
        return true;
    }

    void open_group(address at)
    {
        const std::string named = addresses_.size() > 1 ? at.with_port(port_).to_endpoint().text() : "";
        at = at.with_port(port_);
        for (unsigned i = 0; i < count_; ++i)
        {
            maker socket(where_, at, named);
            set_options(socket, at, options_, v6only_);
            if (i > 0)
                socket.option(SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
            socket.bind(at);
            socket.listen(options_.backlog);
            // Not before it listens: that is when Linux looks whether anybody else does, if bind() has let it
            // pass.
            if (i == 0 && count_ > 1)
                socket.option(SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
            if (i == 0)
                at = address::of_socket(socket.get());
            made_.sockets.push_back(socket.take());
        }
        if (made_.sockets.size() == count_) // the first
        {
            made_.local = at.to_endpoint();
            port_ = made_.local.port();
        }
    }

    const endpoint& where_;
    const socket_options& options_;
    const unsigned count_;
    std::vector<address> addresses_;
    bool v6only_ = false;
    std::uint16_t port_ = 0;
    listening_sockets made_;
};

} // namespace

listening_sockets open_listening_sockets(const endpoint& where, const socket_options& options, unsigned count)
{
    switch (where.type())
    {
    case endpoint::kind::unix_path:
        return open_path(where, options);
    case endpoint::kind::unix_abstract:
        return open_abstract(where, options);
    case endpoint::kind::tcp:
        break;
    }
    return tcp_opener(where, options, count).open();
}

} // namespace naru
