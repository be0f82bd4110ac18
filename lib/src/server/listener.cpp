#include <naru/server/listener.hpp>

#include "server/listener_state.hpp"
#include "server/shard.hpp"

#include <algorithm>

namespace naru
{

listener_state::listener_state(ledger& shared, listening_sockets sockets, protocol speaks,
                               const connection_limits& limits,
                               std::span<const std::unique_ptr<shard>> shards)
    : shared_(shared), local_(std::move(sockets.local)), text_(local_.text()), protocol_(std::move(speaks)),
      peers_(limits), memory_(limits.memory), deals_(sockets.sockets.size() < shards.size()),
      file_(std::move(sockets.file))
{
    for (const auto& each : shards)
        berths_.push_back(std::make_unique<berth>(*each, *this));
    for (std::size_t i = 0; i < sockets.sockets.size(); ++i)
        berths_[i % berths_.size()]->listen_on(std::move(sockets.sockets[i]));
}

listener_state::~listener_state() = default;

void listener_state::start()
{
    const std::lock_guard lock(mutex_);
    if (closed_)
        return;
    for (std::size_t i = 0; i < berths_.size(); ++i)
        post_to(i, &berth::start);
}

void listener_state::close()
{
    if (closed_.exchange(true))
        return;
    const std::lock_guard lock(mutex_);
    if (ended_)
        return;
    file_.remove(); // while the socket still answers: no other server takes the path for a stale one
    for (const auto& each : berths_)
        each->refuse_newcomers(); // the shards may have other things to do first
    for (std::size_t i = 0; i < berths_.size(); ++i)
        post_to(i, &berth::close);
}

/// On the shard's thread, soon. With the lock held, here and there: the berth may have ended by then.
void listener_state::post_to(std::size_t index, void (berth::*act)())
{
    berths_[index]->on().mail()->post(
        [owner = shared_from_this(), index, act](shard&)
        {
            const std::lock_guard lock(owner->mutex_);
            if (index < owner->berths_.size())
                ((*owner->berths_[index]).*act)();
        });
}

bool listener_state::quiet() const noexcept
{
    const std::lock_guard lock(mutex_);
    return std::all_of(berths_.begin(), berths_.end(), [](const auto& each) { return each->quiet(); });
}

bool listener_state::retire_if_closed()
{
    const std::lock_guard lock(mutex_);
    if (!closed_ ||
        !std::all_of(berths_.begin(), berths_.end(), [](const auto& each) { return each->quiet(); }))
        return false;
    keep_figures();
    return true;
}

berth& listener_state::next(berth& here) noexcept
{
    return deals_ ? *berths_[dealt_++ % berths_.size()] : here;
}

listener_figures listener_state::figures() const noexcept
{
    const std::lock_guard lock(mutex_);
    listener_figures sum = last_figures_;
    for (const auto& each : berths_)
        each->add_figures(sum);
    sum.open = peers_.open();
    sum.memory = static_cast<std::uint64_t>(std::max<std::int64_t>(0, memory_.held()));
    return sum;
}

void listener_state::loops_gone() noexcept
{
    closed_ = true;
    const std::lock_guard lock(mutex_);
    ended_ = true;
    file_.remove();
    for (const auto& each : berths_)
        each->loop_gone();
}

void listener_state::shards_gone()
{
    const std::lock_guard lock(mutex_);
    keep_figures();
}

void listener_state::keep_figures()
{
    for (const auto& each : berths_)
        each->add_figures(last_figures_);
    berths_.clear();
}

listener::listener(std::shared_ptr<listener_state> state) noexcept : state_(std::move(state)) {}

const endpoint& listener::local() const noexcept
{
    return state_->local();
}

void listener::close()
{
    state_->close();
}

listener_figures listener::figures() const noexcept
{
    return state_->figures();
}

} // namespace naru
