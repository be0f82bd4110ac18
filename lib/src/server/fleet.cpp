#include "server/fleet.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace naru
{

namespace
{

// How long the end waits for threads that hold an executor of a loop but none of its sessions.
constexpr std::chrono::milliseconds moment{100};

} // namespace

fleet::fleet(const log_options& log, unsigned shards, boost::asio::io_context* borrowed, const clock& time)
    : shared_(log, time)
{
    for (unsigned i = 0; i < (borrowed ? 1 : shards); ++i)
        shards_.push_back(std::make_unique<shard>(i, shared_, borrowed));
}

bool fleet::add(const std::shared_ptr<listener_state>& made)
{
    const std::lock_guard lock(mutex_);
    // A drain sets the flag before it takes the lock to close the listeners: it finds this one, or is found.
    if (shared_.draining)
        return false;
    std::erase_if(listeners_, [](const auto& each) { return each->retire_if_closed(); });
    listeners_.push_back(made);
    return true;
}

void fleet::start_listeners()
{
    for (const auto& each : listeners())
        each->start();
}

void fleet::close_listeners()
{
    for (const auto& each : listeners())
        each->close();
}

std::vector<std::shared_ptr<listener_state>> fleet::listeners() const
{
    const std::lock_guard lock(mutex_);
    return listeners_;
}

bool fleet::quiet() const
{
    const auto is_quiet = [](const auto& each) { return each->quiet(); };
    const auto all = listeners();
    return std::all_of(shards_.begin(), shards_.end(), is_quiet) &&
           std::all_of(all.begin(), all.end(), is_quiet);
}

bool fleet::in_use() const
{
    return std::any_of(shards_.begin(), shards_.end(), [](const auto& each) { return each->in_use(); });
}

/// A thread that has just completed work into a loop may still be about to drop its executors.
bool fleet::released() const
{
    const auto has_sessions = [](const auto& each) { return each->session_count() > 0; };
    const bool waits = std::none_of(shards_.begin(), shards_.end(), has_sessions);
    const auto due = std::chrono::steady_clock::now() + moment;
    while (waits && in_use() && std::chrono::steady_clock::now() < due)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return !in_use();
}

void fleet::destroy(std::unique_ptr<fleet> what)
{
    for (const auto& each : what->shards_)
        each->stop();
    for (const auto& each : what->listeners_)
        each->loops_gone();
    for (const auto& each : what->shards_)
        each->destroy_coroutines();
    if (!what->released())
    {
        for (const auto& each : what->shards_)
            each->log_abandoned();
        what->shared_.log.end();
        keep_for_ever(std::move(what));
        return;
    }
    what->shards_.clear();
    for (const auto& each : what->listeners_)
        each->shards_gone();
}

} // namespace naru
