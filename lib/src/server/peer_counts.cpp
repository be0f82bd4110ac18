#include "server/peer_counts.hpp"

namespace naru
{

bool peer_counts::counted(const peer_name& peer) const noexcept
{
    return limits_.per_peer > 0 && peer.network() != 0 && !(limits_.loopback_exempt && peer.is_loopback());
}

bool peer_counts::enter(const peer_name& peer)
{
    if (open_.fetch_add(1, std::memory_order_relaxed) >= limits_.total && limits_.total > 0)
    {
        open_.fetch_sub(1, std::memory_order_relaxed);
        return false;
    }
    if (!counted(peer))
        return true;
    const std::lock_guard lock(mutex_);
    std::uint32_t& of_peer = by_network_[peer.network()];
    if (of_peer < limits_.per_peer)
    {
        ++of_peer;
        return true;
    }
    open_.fetch_sub(1, std::memory_order_relaxed);
    return false;
}

void peer_counts::leave(const peer_name& peer)
{
    open_.fetch_sub(1, std::memory_order_relaxed);
    if (!counted(peer))
        return;
    const std::lock_guard lock(mutex_);
    const auto at = by_network_.find(peer.network());
    if (--at->second == 0)
        by_network_.erase(at);
}

} // namespace naru
