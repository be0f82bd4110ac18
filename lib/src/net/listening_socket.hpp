#pragma once

#include "net/descriptor.hpp"
#include "net/socket_file.hpp"

#include <naru/net/endpoint.hpp>
#include <naru/net/socket_options.hpp>

#include <vector>

namespace naru
{

/// The sockets of one listener, bound and listening, not yet accepting: socket(2), bind(2), listen(2).
struct listening_sockets
{
    endpoint local; ///< with the port that the kernel chose; of several addresses the first

    /// TCP: for each address one per shard, in one SO_REUSEPORT group; the groups one after the other.
    /// Unix: one.
    std::vector<descriptor> sockets;

    socket_file file; ///< of a Unix path; destroyed before the sockets are closed
};

/// Opens `count` sockets for each TCP address of `where`, one for Unix.
///
/// A host name stands for all of its addresses, on one port: with port 0 the kernel chooses it for the first
/// address, and when it is taken on another, it chooses again, at most 16 times. An address that this host
/// does not have (EADDRNOTAVAIL, or no IPv6 at all) is left out when there is another. When a name has
/// addresses of both families, the IPv6 sockets take no IPv4 connections: the IPv4 sockets do.
///
/// The port must be free: the first socket of each group is bound without SO_REUSEPORT, so that a second
/// server is refused and does not quietly take half of the connections.
///
/// A Unix path that exists is tried: when nobody answers there the file is stale and removed; when somebody
/// does, or the file is no socket, that is an error. Of several servers that start there at once, in one
/// process or in many, exactly one is served the path; the others get errc::already_in_use. An abstract name
/// that another thread or process is just giving up is waited for, at most 50 ms.
///
/// Throws `naru::error`, operation "listen"; a failure that belongs to one of several addresses names it.
listening_sockets open_listening_sockets(const endpoint& where, const socket_options& options,
                                         unsigned count);

} // namespace naru
