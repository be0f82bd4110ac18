#pragma once

namespace compare
{

/// Moves the calling thread, and the threads that it starts later, into a network of their own with nothing
/// but a loopback device of Ethernet's MTU: what the kernel counts there is this program's traffic and nobody
/// else's, cut into segments as a real network would have it. Before the first thread is started.
///
/// False, and nothing has changed, where the kernel or a container does not allow it (user_namespaces(7)).
bool enter_own_network() noexcept;

} // namespace compare
