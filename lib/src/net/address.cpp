#include "net/address.hpp"

#include <naru/base/error.hpp>

#include <boost/asio/ip/address.hpp>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>

namespace naru
{

namespace
{

template <class Sockaddr>
Sockaddr view_as(const sockaddr_storage& storage) noexcept
{
    Sockaddr out;
    std::memcpy(&out, &storage, sizeof out);
    return out;
}

/// The errors of getaddrinfo(3), in its own words.
const boost::system::error_category& resolver_category() noexcept
{
    class category final : public boost::system::error_category
    {
      public:
        const char* name() const noexcept override { return "resolver"; }
        std::string message(int value) const override { return ::gai_strerror(value); }
    };
    static const category instance;
    return instance;
}

/// An endpoint that was not parsed may hold any text.
void check_unix(const endpoint& where, std::string_view operation)
{
    // sun_path holds the NUL that ends a path, or the NUL that begins an abstract name.
    constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
    const bool abstract = where.type() == endpoint::kind::unix_abstract;
    const std::string& path = where.path();
    std::string fault;
    if (path.empty())
        fault = abstract ? "the abstract name is missing" : "the path is missing";
    else if (!abstract && path.find('\0') != std::string::npos)
        fault = "a NUL is not allowed in a path";
    else if (path.size() > longest)
        fault = "the path is too long for a Unix socket: at most " + std::to_string(longest) + " bytes";
    if (!fault.empty())
        throw error(errc::bad_endpoint, operation, where.text(), fault);
}

address of_unix(const endpoint& where)
{
    address made;
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    const bool abstract = where.type() == endpoint::kind::unix_abstract;
    std::memcpy(un.sun_path + (abstract ? 1 : 0), where.path().data(), where.path().size());
    std::memcpy(&made.storage, &un, sizeof un);
    // One more either way: the NUL that ends a path, the NUL that begins an abstract name.
    made.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + where.path().size() + 1);
    return made;
}

} // namespace

endpoint address::to_endpoint() const
{
    char text[INET6_ADDRSTRLEN] = "";
    switch (family())
    {
    case AF_INET:
    {
        const auto in = view_as<sockaddr_in>(storage);
        inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
        return endpoint::tcp(text, ntohs(in.sin_port));
    }
    case AF_INET6:
    {
        const auto in = view_as<sockaddr_in6>(storage);
        if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr))
            inet_ntop(AF_INET, in.sin6_addr.s6_addr + 12, text, sizeof text);
        else
            inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
        return endpoint::tcp(text, ntohs(in.sin6_port));
    }
    default:
    {
        const auto un = view_as<sockaddr_un>(storage);
        const std::size_t header = offsetof(sockaddr_un, sun_path);
        if (length <= header)
            return endpoint::unix_path("");
        if (un.sun_path[0] == '\0')
            return endpoint::unix_abstract(std::string(un.sun_path + 1, length - header - 1));
        return endpoint::unix_path(std::string(un.sun_path, strnlen(un.sun_path, length - header)));
    }
    }
}

address address::with_port(std::uint16_t port) const noexcept
{
    static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
    address out = *this;
    const std::uint16_t in_network_order = htons(port);
    std::memcpy(reinterpret_cast<char*>(&out.storage) + offsetof(sockaddr_in, sin_port), &in_network_order,
                sizeof in_network_order);
    return out;
}

address address::unmapped() const noexcept
{
    if (family() != AF_INET6)
        return *this;
    const auto from = view_as<sockaddr_in6>(storage);
    if (!IN6_IS_ADDR_V4MAPPED(&from.sin6_addr))
        return *this;
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = from.sin6_port;
    std::memcpy(&in.sin_addr, from.sin6_addr.s6_addr + 12, 4);
    address out;
    std::memcpy(&out.storage, &in, sizeof in);
    out.length = sizeof in;
    return out;
}

bool address::is_unspecified() const noexcept
{
    if (family() == AF_INET)
        return view_as<sockaddr_in>(storage).sin_addr.s_addr == htonl(INADDR_ANY);
    const auto in = view_as<sockaddr_in6>(storage);
    return family() == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&in.sin6_addr);
}

address address::of_socket(int descriptor)
{
    address got;
    got.length = sizeof got.storage;
    if (::getsockname(descriptor, got.data(), &got.length) != 0)
        got.length = 0;
    return got;
}

address address::of_peer(int descriptor)
{
    address got;
    got.length = sizeof got.storage;
    if (::getpeername(descriptor, got.data(), &got.length) != 0)
        got.length = 0;
    return got;
}

peer_name::peer_name(const address& from) noexcept
{
    if (from.family() == AF_INET)
    {
        const auto in = view_as<sockaddr_in>(from.storage);
        bytes_[10] = bytes_[11] = 0xff;
        std::memcpy(bytes_.data() + 12, &in.sin_addr, 4);
        port_ = ntohs(in.sin_port);
        ip_ = true;
    }
    else if (from.family() == AF_INET6)
    {
        const auto in = view_as<sockaddr_in6>(from.storage);
        std::memcpy(bytes_.data(), &in.sin6_addr, 16);
        port_ = ntohs(in.sin6_port);
        ip_ = true;
    }
}

endpoint peer_name::to_endpoint() const
{
    if (!ip_)
        return endpoint::unix_path("");
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(port_);
    std::memcpy(&in.sin6_addr, bytes_.data(), 16);
    address full;
    std::memcpy(&full.storage, &in, sizeof in);
    full.length = sizeof in;
    return full.to_endpoint();
}

std::uint64_t peer_name::network() const noexcept
{
    if (!ip_)
        return 0;
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, bytes_.data(), 8);
    std::memcpy(&low, bytes_.data() + 8, 8);
    return high ? high : low; // mapped IPv4, and ::1, have nothing in the upper half
}

bool peer_name::is_loopback() const noexcept
{
    static constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static constexpr std::array<std::uint8_t, 16> self{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    if (std::equal(mapped.begin(), mapped.end(), bytes_.begin()))
        return bytes_[12] == 127;
    return !ip_ || bytes_ == self;
}

std::vector<address> resolve(const endpoint& where, std::string_view operation)
{
    if (!where.is_tcp())
    {
        check_unix(where, operation);
        return {of_unix(where)};
    }

    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int failed =
        ::getaddrinfo(where.host().c_str(), std::to_string(where.port()).c_str(), &hints, &found);
    if (failed == EAI_SYSTEM)
        throw error(from_errno(errno), operation, where.text(), "resolve");
    if (failed != 0)
        throw error({failed, resolver_category()}, operation, where.text(), "resolve");
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);

    std::vector<address> out;
    for (const addrinfo* at = found; at; at = at->ai_next)
    {
        address one;
        std::memcpy(&one.storage, at->ai_addr, at->ai_addrlen);
        one.length = at->ai_addrlen;
        if (std::find(out.begin(), out.end(), one) == out.end()) // /etc/hosts may say the same twice
            out.push_back(one);
    }
    return out;
}

} // namespace naru
