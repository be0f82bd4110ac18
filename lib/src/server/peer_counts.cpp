#include "server/peer_counts.hpp"

#include <naru/base/error.hpp>

#include <sys/random.h>

#include <array>
#include <bit>
#include <cerrno>
#include <limits>
#include <new>

namespace naru
{

namespace
{

std::array<std::uint64_t, 2> draw_key()
{
    std::array<std::uint64_t, 2> key{};
    ssize_t got = 0;
    do
        got = ::getrandom(key.data(), sizeof key, 0); // up to 256 bytes come whole, getrandom(2)
    while (got < 0 && errno == EINTR);
    if (got < 0)
        throw error(from_errno(errno), "listen", {}, "getrandom");
    return key;
}

const std::array<std::uint64_t, 2>& process_key()
{
    static const std::array<std::uint64_t, 2> key = draw_key();
    return key;
}

/// The four words of SipHash, https://www.aumasson.jp/siphash/siphash.pdf, 2.
struct sip_state
{
    std::uint64_t v0, v1, v2, v3;

    void round() noexcept
    {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }

    void take(std::uint64_t word) noexcept
    {
        v3 ^= word;
        round();
        v0 ^= word;
    }
};

} // namespace

network_hash::network_hash() : network_hash(process_key()[0], process_key()[1]) {}

std::size_t network_hash::operator()(std::uint64_t network) const noexcept
{
    sip_state state{key0_ ^ 0x736f6d6570736575, key1_ ^ 0x646f72616e646f6d, key0_ ^ 0x6c7967656e657261,
                    key1_ ^ 0x7465646279746573};
    state.take(network);
    state.take(std::uint64_t{8} << 56); // the length of the message, in bytes
    state.v2 ^= 0xff;
    for (int i = 0; i < 3; ++i)
        state.round();
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

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
    if (enter_of_peer(peer.network()))
        return true;
    open_.fetch_sub(1, std::memory_order_relaxed);
    return false;
}

bool peer_counts::enter_of_peer(std::uint64_t network)
try
{
    const std::lock_guard lock(mutex_);
    std::uint32_t& of_peer = by_network_[network];
    if (of_peer >= limits_.per_peer || of_peer == std::numeric_limits<std::uint32_t>::max())
        return false;
    ++of_peer;
    return true;
}
catch (const std::bad_alloc&)
{
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
