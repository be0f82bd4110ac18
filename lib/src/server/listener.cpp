#include <naru/server/listener.hpp>

#include "server/listener_state.hpp"
#include "server/shard.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace naru
{

listener_state::listener_state(ledger& shared, listening_sockets sockets, protocol speaks,
                               const connection_limits& limits,
                               std::span<const std::unique_ptr<shard>> shards)
    : shared_(shared), local_(std::move(sockets.local)), text_(local_.text()), protocol_(std::move(speaks)),
      peers_(limits), deals_(sockets.sockets.size() < shards.size()),
      unlink_path_(std::move(sockets.unlink_path))
{
    for (const auto& each : shards)
        berths_.push_back(std::make_unique<berth>(*each, *this));
    for (std::size_t i = 0; i < sockets.sockets.size(); ++i)
        berths_[i]->listen_on(std::move(sockets.sockets[i]));
    remember_file();
}

listener_state::~listener_state()
{
    unlink_file();
}

void listener_state::start()
{
    const std::lock_guard lock(mutex_);
    for (const auto& each : berths_)
        boost::asio::post(each->on().loop().get_executor(),
                          [owner = shared_from_this(), at = each.get()] { at->start(); });
}

void listener_state::close()
{
    if (closed_.exchange(true))
        return;
    unlink_file();
    const std::lock_guard lock(mutex_);
    for (const auto& each : berths_)
        each->refuse_newcomers(); // the shards may have other things to do first
    for (const auto& each : berths_)
        boost::asio::dispatch(each->on().loop().get_executor(),
                              [owner = weak_from_this().lock(), at = each.get()] { at->close(); });
}

bool listener_state::quiet() const noexcept
{
    const std::lock_guard lock(mutex_);
    return std::all_of(berths_.begin(), berths_.end(), [](const auto& each) { return each->quiet(); });
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
    return sum;
}

void listener_state::loops_gone() noexcept
{
    closed_ = true;
    unlink_file();
    const std::lock_guard lock(mutex_);
    for (const auto& each : berths_)
        each->loop_gone();
}

void listener_state::shards_gone()
{
    const std::lock_guard lock(mutex_);
    for (const auto& each : berths_)
        each->add_figures(last_figures_);
    berths_.clear();
}

void listener_state::remember_file()
{
    struct stat file = {};
    if (unlink_path_.empty() || ::stat(unlink_path_.c_str(), &file) != 0)
        return;
    file_device_ = file.st_dev;
    file_inode_ = file.st_ino;
}

/// Only if it is still the file that this listener made: another server may have taken the path over.
void listener_state::unlink_file() noexcept
{
    struct stat file = {};
    if (!unlink_path_.empty() && ::stat(unlink_path_.c_str(), &file) == 0 && file.st_dev == file_device_ &&
        file.st_ino == file_inode_)
        ::unlink(unlink_path_.c_str());
    unlink_path_.clear();
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
