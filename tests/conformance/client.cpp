#include "client.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace conformance
{
namespace
{

template <class Value>
void set_option(int fd, int level, int name, const Value& value)
{
    if (::setsockopt(fd, level, name, &value, sizeof value) != 0)
    {
        throw std::system_error(errno, std::generic_category(), "setsockopt");
    }
}

} // namespace

client::client(std::uint16_t port, std::chrono::milliseconds patience)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    if (fd_ < 0)
    {
        throw std::system_error(errno, std::generic_category(), "socket");
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    {
        const int why = errno;
        ::close(fd_);
        throw std::system_error(why, std::generic_category(), "connect");
    }
    const timeval wait{.tv_sec = patience.count() / 1000, .tv_usec = patience.count() % 1000 * 1000};
    set_option(fd_, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd_, SOL_SOCKET, SO_RCVTIMEO, wait);
    set_option(fd_, SOL_SOCKET, SO_SNDTIMEO, wait);
}

client::~client()
{
    ::close(fd_);
}

bool client::send(std::string_view bytes)
{
    while (!bytes.empty())
    {
        const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
        {
            return false;
        }
        bytes.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
    }
    return true;
}

void client::finish()
{
    ::shutdown(fd_, SHUT_WR);
}

client::event client::receive(std::string_view& received)
{
    for (;;)
    {
        const auto count = ::recv(fd_, buffer_.data(), buffer_.size(), 0);
        if (count > 0)
        {
            received = {buffer_.data(), static_cast<std::size_t>(count)};
            return event::bytes;
        }
        if (count == 0)
        {
            return event::finished;
        }
        if (errno != EINTR)
        {
            return errno == EAGAIN || errno == EWOULDBLOCK ? event::silence : event::reset;
        }
    }
}

} // namespace conformance
