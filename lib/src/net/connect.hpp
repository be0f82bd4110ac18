#pragma once

#include "net/address.hpp"
#include "net/descriptor.hpp"

#include <naru/net/endpoint.hpp>

#include <chrono>

namespace naru
{

/// A connected, non-blocking socket, and the address that answered.
struct connected_socket
{
    descriptor socket;
    address peer;
};

/// connect(2) to `where`, blocking, for at most `patience`. TCP_NODELAY is set, as on a listener's sockets.
///
/// The addresses of a host name are tried in the resolver's order, as RFC 8305 has it: the next one is tried
/// when one fails, or has not answered for 250 ms (with little patience: for its share of it), and those
/// before it are waited for on; the first that answers is taken. A Unix socket with a full backlog is waited
/// for.
///
/// `patience` begins when the name has been looked up; 0 or less gives only what needs no waiting. Throws
/// `naru::error`, operation "connect": the error of the address that failed last, or ETIMEDOUT.
connected_socket connect_to(const endpoint& where, std::chrono::milliseconds patience);

} // namespace naru
