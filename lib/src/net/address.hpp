#pragma once

#include <naru/net/endpoint.hpp>

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace naru
{

/// A socket address as the system calls want it.
struct address
{
    sockaddr_storage storage{};
    socklen_t length = 0;

    const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
    sockaddr* data() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
    int family() const noexcept { return storage.ss_family; }

    /// An IPv4 address that came over a dual-stack socket is shown as the IPv4 address that it is.
    endpoint to_endpoint() const;

    /// The same with another port; TCP only.
    address with_port(std::uint16_t port) const noexcept;
    /// An IPv4 address that is written as an IPv6 address, as the IPv4 address that it is; others unchanged.
    address unmapped() const noexcept;
    /// 0.0.0.0 or [::].
    bool is_unspecified() const noexcept;

    friend bool operator==(const address& one, const address& other) noexcept
    {
        return one.length == other.length && std::memcmp(&one.storage, &other.storage, one.length) == 0;
    }

    static address of_socket(int descriptor);
    static address of_peer(int descriptor);
};

/// What is kept of a peer for as long as its session lives: an IP address and a port in 24 bytes. A Unix peer
/// has no name worth keeping.
class peer_name
{
  public:
    peer_name() noexcept = default;
    explicit peer_name(const address& from) noexcept;

    endpoint to_endpoint() const;
    std::string text() const { return to_endpoint().text(); }

    /// Who it is for counting: an IPv4 address, or the /64 that an IPv6 subscriber has for himself. 0:
    /// nobody.
    std::uint64_t network() const noexcept;
    bool is_loopback() const noexcept;

  private:
    std::array<std::uint8_t, 16> bytes_{}; // IPv4 in its mapped form
    std::uint16_t port_ = 0;
    bool ip_ = false;
};

/// The addresses of `where`, looked up now (getaddrinfo(3), blocking for a host name), in the resolver's
/// order; at least one, each once. Throws `naru::error` with operation `operation`.
std::vector<address> resolve(const endpoint& where, std::string_view operation);

} // namespace naru
