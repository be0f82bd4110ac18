#pragma once

#include "net/descriptor.hpp"

#include <naru/net/endpoint.hpp>
#include <naru/net/socket_options.hpp>

#include <vector>

namespace naru
{

/// The sockets of one listener, bound and listening, not yet accepting: socket(2), bind(2), listen(2).
struct listening_sockets
{
    endpoint local;                  ///< with the port that the kernel chose
    std::vector<descriptor> sockets; ///< one per shard for TCP, in one SO_REUSEPORT group; one for Unix

    /// What has to be unlinked at the end; empty for TCP and abstract names.
    std::string unlink_path;
};

/// Opens `count` sockets for TCP, one for Unix. A host name stands for the first of its addresses. The port
/// must be free: the first socket is bound without SO_REUSEPORT, so that a second server is refused and does
/// not quietly take half of the connections.
///
/// A Unix path that exists is tried: when nobody answers there the file is stale and removed; when somebody
/// does, or the file is no socket, that is an error. Throws `naru::error`, operation "listen".
listening_sockets open_listening_sockets(const endpoint& where, const socket_options& options,
                                         unsigned count);

} // namespace naru
