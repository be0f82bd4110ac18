#include "close_watch.hpp"

#include <chrono>
#include <numeric>
#include <thread>

namespace conformance
{

std::vector<naru::close_reason> close_watch::reasons() const
{
    // Longer than a lingering session lasts whose peer does not close.
    const auto enough = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    naru::server_figures now = of_.figures();
    while (std::accumulate(now.closed.begin(), now.closed.end(), std::uint64_t{0}) < now.opened &&
           std::chrono::steady_clock::now() < enough)
    {
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        now = of_.figures();
    }
    std::vector<naru::close_reason> all;
    for (std::size_t i = 0; i < naru::close_reason_count; ++i)
    {
        all.insert(all.end(), now.closed[i] - before_.closed[i], static_cast<naru::close_reason>(i));
    }
    return all;
}

} // namespace conformance
