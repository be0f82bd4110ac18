#include "scripted_server.hpp"

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace conformance
{
namespace
{

/// Bytes that came, up to `at_least`; fewer when the client has finished.
std::size_t receive(int fd, std::size_t at_least)
{
    std::array<char, 4096> buffer;
    std::size_t all = 0;
    while (all < at_least)
    {
        const auto count = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (count <= 0)
        {
            break;
        }
        all += static_cast<std::size_t>(count);
    }
    return all;
}

} // namespace

scripted_server::scripted_server(script plays) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (listener_ < 0 || ::bind(listener_, any, size) != 0 || ::listen(listener_, 1) != 0 ||
        ::getsockname(listener_, any, &size) != 0)
    {
        const int why = errno;
        ::close(listener_);
        throw std::system_error(why, std::generic_category(), "listen");
    }
    port_ = ntohs(address.sin_port);
    player_ = std::thread([this, plays = std::move(plays)] { play(plays); });
}

scripted_server::~scripted_server()
{
    ::shutdown(listener_, SHUT_RDWR); // wakes an accept that nobody came for
    player_.join();
    ::close(listener_);
}

void scripted_server::play(const script& plays) const
{
    const int fd = ::accept(listener_, nullptr, nullptr);
    if (fd < 0)
    {
        return;
    }
    receive(fd, plays.await);
    ::send(fd, plays.says.data(), plays.says.size(), MSG_NOSIGNAL);
    if (!plays.then_says.empty() && receive(fd, 1) != 0)
    {
        ::send(fd, plays.then_says.data(), plays.then_says.size(), MSG_NOSIGNAL);
    }

    if (plays.end == last_act::finish)
    {
        ::shutdown(fd, SHUT_WR);
    }
    if (plays.end == last_act::reset)
    {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    else
    {
        while (receive(fd, 1) != 0)
        {
        }
    }
    ::close(fd);
}

} // namespace conformance
