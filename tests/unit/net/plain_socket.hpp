#pragma once

#include "net/address.hpp"
#include "net/descriptor.hpp"

#include <naru/net/endpoint.hpp>

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>

namespace naru::testing
{

/// The peer of a test over real sockets: blocking, with the patience of a test and no more.
class plain_socket
{
  public:
    plain_socket() = default;
    explicit plain_socket(descriptor socket) noexcept : socket_(std::move(socket)) {}

    /// Connects; error() says how that went.
    explicit plain_socket(const endpoint& to)
    {
        const address at = resolve(to, "connect").front();
        socket_ = descriptor(::socket(at.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
        error_ = ::connect(socket_.get(), at.data(), at.length) == 0 ? 0 : errno;
    }

    int get() const noexcept { return socket_.get(); }
    /// Of the last call that failed.
    int error() const noexcept { return error_; }

    bool send(std::string_view bytes)
    {
        while (!bytes.empty())
        {
            const ssize_t sent = ::send(get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0)
            {
                error_ = errno;
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// Up to `size` bytes, fewer when the peer finishes, breaks off, or says nothing for five seconds
    /// (ETIMEDOUT).
    std::string receive(std::size_t size)
    {
        std::string out;
        char room[16 * 1024];
        while (out.size() < size)
        {
            pollfd ready{get(), POLLIN, 0};
            if (::poll(&ready, 1, 5000) != 1)
            {
                error_ = ETIMEDOUT;
                break;
            }
            const ssize_t got = ::recv(get(), room, std::min(sizeof room, size - out.size()), 0);
            if (got < 0)
                error_ = errno;
            if (got <= 0)
                break;
            out.append(room, static_cast<std::size_t>(got));
        }
        return out;
    }

    /// All that comes until the end.
    std::string receive_all() { return receive(std::string::npos); }

    /// Nothing comes for a moment, and neither does the end.
    bool is_silent() const
    {
        pollfd ready{get(), POLLIN, 0};
        return ::poll(&ready, 1, 20) == 0;
    }

    void finish() { ::shutdown(get(), SHUT_WR); }
    void close() { socket_.reset(); }
    void reset()
    {
        const linger at_once{1, 0};
        ::setsockopt(get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        socket_.reset();
    }

  private:
    descriptor socket_;
    int error_ = 0;
};

} // namespace naru::testing
