#include "server/mailbox.hpp"

#include <boost/asio/post.hpp>

#include <new>

namespace naru
{

shard* mailbox::on_this_thread() noexcept
{
    const std::lock_guard lock(mutex_);
    return shard_ && loop_.get_executor().running_in_this_thread() ? shard_ : nullptr;
}

void mailbox::put(std::unique_ptr<mail> what)
{
    std::unique_lock lock(mutex_);
    if (!shard_)
    {
        lock.unlock();
        return; // destroys it without the lock
    }
    waiting_.push_back(std::move(what));
    if (posted_)
        return;
    // A borrowed event loop may outlive the shard, and run this after it.
    boost::asio::post(loop_.get_executor(), [self = shared_from_this()] { self->deliver(); });
    posted_ = true;
}

void mailbox::deliver()
{
    shard* here = nullptr;
    std::vector<std::unique_ptr<mail>> all;
    {
        const std::lock_guard lock(mutex_);
        posted_ = false;
        here = shard_;
        all.swap(waiting_);
    }
    // Without the lock, since a delivery may post again.
    for (std::unique_ptr<mail>& each : all)
    {
        try
        {
            if (here)
                each->deliver(*here);
        }
        catch (
            const std::bad_alloc&) // what concerns a session has ended that session; the next letter goes on
        {
        }
        each.reset();
    }
}

void mailbox::close() noexcept
{
    std::vector<std::unique_ptr<mail>> undelivered; // destroyed without the lock
    {
        const std::lock_guard lock(mutex_);
        shard_ = nullptr;
        undelivered.swap(waiting_);
    }
}

} // namespace naru
