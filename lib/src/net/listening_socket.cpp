#include "net/listening_socket.hpp"

#include "net/address.hpp"

#include <naru/base/error.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>

namespace naru
{

namespace
{

/// The calls that make one socket; each failure says which call it was, and where.
class maker
{
  public:
    maker(const endpoint& where, const address& at) : where_(where.text())
    {
        socket_ = descriptor(::socket(at.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!socket_)
            fail("socket");
    }

    void option(int level, int name, int value, const char* called)
    {
        if (::setsockopt(socket_.get(), level, name, &value, sizeof value) != 0)
            throw error(errc::refused_option, "listen", where_, option_text(called, value, errno));
    }

    void bind(const address& at)
    {
        if (::bind(socket_.get(), at.data(), at.length) != 0)
            fail("bind");
    }

    void listen(int backlog)
    {
        if (::listen(socket_.get(), backlog) != 0)
            fail("listen");
    }

    [[noreturn]] void fail(const char* call) const { throw error(from_errno(errno), "listen", where_, call); }

    int get() const noexcept { return socket_.get(); }
    descriptor take() noexcept { return std::move(socket_); }

  private:
    static std::string option_text(const char* called, int value, int number)
    {
        return std::string(called) + " = " + std::to_string(value) + ": " + from_errno(number).message();
    }

    std::string where_;
    descriptor socket_;
};

void set_options(maker& socket, const address& at, const socket_options& options, bool v6only)
{
    if (options.send_buffer)
        socket.option(SOL_SOCKET, SO_SNDBUF, *options.send_buffer, "SO_SNDBUF");
    if (options.receive_buffer)
        socket.option(SOL_SOCKET, SO_RCVBUF, *options.receive_buffer, "SO_RCVBUF");
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
        socket.option(IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(alive->idle.count()), "TCP_KEEPIDLE");
        socket.option(IPPROTO_TCP, TCP_KEEPINTVL, static_cast<int>(alive->interval.count()), "TCP_KEEPINTVL");
        socket.option(IPPROTO_TCP, TCP_KEEPCNT, alive->probes, "TCP_KEEPCNT");
    }
}

void remove_stale_file(const endpoint& where, const address& at)
{
    struct stat file = {};
    if (::lstat(where.path().c_str(), &file) != 0)
        return;
    if (!S_ISSOCK(file.st_mode))
        throw error(errc::not_a_socket, "listen", where.text());
    descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!probe)
        throw error(from_errno(errno), "listen", where.text(), "socket");
    // ECONNREFUSED is the only answer that says nobody listens. EAGAIN is a full backlog: somebody does.
    if (::connect(probe.get(), at.data(), at.length) == 0 || errno != ECONNREFUSED)
        throw error(errc::already_in_use, "listen", where.text());
    if (::unlink(where.path().c_str()) != 0 && errno != ENOENT)
        throw error(from_errno(errno), "listen", where.text(), "unlink");
}

listening_sockets open_unix(const endpoint& where, const socket_options& options)
{
    const address at = resolve(where, "listen").front();
    const bool file = where.type() == endpoint::kind::unix_path;
    if (file)
        remove_stale_file(where, at);

    maker socket(where, at);
    set_options(socket, at, options, false);
    socket.bind(at);
    listening_sockets made{where, {}, file ? where.path() : std::string()};
    try
    {
        const auto mode = options.mode ? options.mode : where.mode();
        if (file && mode && ::chmod(where.path().c_str(), *mode) != 0)
            socket.fail("chmod");
        socket.listen(options.backlog);
    }
    catch (...)
    {
        if (file)
            ::unlink(where.path().c_str());
        throw;
    }
    made.sockets.push_back(socket.take());
    return made;
}

listening_sockets open_tcp(const endpoint& where, const socket_options& options, unsigned count)
{
    address at = resolve(where, "listen").front();
    const bool v6only = options.v6only || where.v6only();
    listening_sockets made;
    for (unsigned i = 0; i < count; ++i)
    {
        maker socket(where, at);
        set_options(socket, at, options, v6only);
        if (i > 0)
            socket.option(SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
        socket.bind(at);
        socket.listen(options.backlog);
        // Not before it listens: that is when Linux looks whether anybody else does, if bind() has let it
        // pass.
        if (i == 0 && count > 1)
            socket.option(SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
        if (i == 0)
            at = address::of_socket(socket.get());
        made.sockets.push_back(socket.take());
    }
    made.local = at.to_endpoint();
    return made;
}

} // namespace

listening_sockets open_listening_sockets(const endpoint& where, const socket_options& options, unsigned count)
{
    return where.is_tcp() ? open_tcp(where, options, count) : open_unix(where, options);
}

} // namespace naru
