#include "connection.hpp"

#include <naru/base/error.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace compare
{

namespace
{

constexpr timeval patience{10, 0};

socklen_t write_address(const naru::endpoint& to, sockaddr_storage& out) noexcept
{
    if (to.is_tcp())
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(to.port());
        ::inet_pton(AF_INET, to.host().c_str(), &address.sin_addr);
        std::memcpy(&out, &address, sizeof address);
        return sizeof address;
    }
    // An abstract name, unix(7): after a first byte of zero, as long as the length says.
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::size_t length = std::min(to.path().size(), sizeof address.sun_path - 1);
    std::memcpy(address.sun_path + 1, to.path().data(), length);
    std::memcpy(&out, &address, sizeof address);
    return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);
}

} // namespace

connection::connection(const naru::endpoint& to) : to_(to)
{
    sockaddr_storage address{};
    const socklen_t length = write_address(to, address);
    fd_ = ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0)
        fail("socket");
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (to.is_tcp())
    {
        const int on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), length) != 0)
    {
        const int failed = errno;
        ::close(fd_);
        errno = failed;
        fail("connect");
    }
}

connection::~connection()
{
    ::close(fd_);
}

void connection::send(std::string_view bytes)
{
    while (!bytes.empty())
    {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        else if (errno != EINTR)
            fail("send");
    }
}

std::size_t connection::receive(std::span<char> room)
{
    for (;;)
    {
        const ssize_t got = ::recv(fd_, room.data(), room.size(), 0);
        if (got >= 0)
            return static_cast<std::size_t>(got);
        if (errno != EINTR)
            fail("recv");
    }
}

void connection::fail(const char* step) const
{
    // What blocking calls say when their patience (SO_RCVTIMEO, socket(7)) is over.
    const boost::system::error_code code = errno == EAGAIN || errno == EINPROGRESS
                                               ? make_error_code(naru::errc::timed_out)
                                               : naru::from_errno(errno);
    throw naru::error(code, "ask", to_.text(), step);
}

} // namespace compare
