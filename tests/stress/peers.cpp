#include "peers.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <arpa/inet.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace naru::stress
{

namespace
{

constexpr std::array<std::string_view, 9> sayings{
    "one line\n",
    "one\ntwo\nthree\nfour\n",
    "a line without an end",
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /timer HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /long HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /pool HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n",
};

int connect_to(const endpoint& to)
{
    sockaddr_storage storage{};
    socklen_t length = 0;
    if (to.is_tcp())
    {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(to.port());
        ::inet_pton(AF_INET, to.host().c_str(), &in.sin_addr);
        std::memcpy(&storage, &in, sizeof in);
        length = sizeof in;
    }
    else
    {
        sockaddr_un un{};
        un.sun_family = AF_UNIX;
        const bool abstract = to.type() == endpoint::kind::unix_abstract;
        std::memcpy(un.sun_path + (abstract ? 1 : 0), to.path().data(), to.path().size());
        std::memcpy(&storage, &un, sizeof un);
        length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + to.path().size() + 1);
    }
    const int socket = ::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket >= 0 && ::connect(socket, reinterpret_cast<sockaddr*>(&storage), length) == 0)
        return socket;
    if (socket >= 0)
        ::close(socket);
    return -1;
}

void read_some(int socket, int wait_ms)
{
    char room[16 * 1024];
    pollfd ready{socket, POLLIN, 0};
    if (::poll(&ready, 1, wait_ms) == 1)
        static_cast<void>(::recv(socket, room, sizeof room, MSG_DONTWAIT));
}

} // namespace

void meet(const endpoint& to, dice& with)
{
    const int socket = connect_to(to);
    if (socket < 0)
        return;
    std::string_view says = sayings[with.upto(sayings.size() - 1)];
    if (with.one_in(3))
        says = says.substr(0, with.upto(says.size()));
    while (!says.empty())
    {
        const std::size_t size = with.one_in(2) ? says.size() : 1 + with.upto(says.size() - 1);
        if (::send(socket, says.data(), size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
            break;
        says.remove_prefix(size);
    }
    for (std::uint64_t i = with.upto(3); i > 0; --i)
        read_some(socket, 5);
    if (with.one_in(3))
    {
        ::shutdown(socket, SHUT_WR);
        read_some(socket, 5);
    }
    if (with.one_in(3))
    {
        const linger at_once{1, 0};
        ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    ::close(socket);
}

} // namespace naru::stress
