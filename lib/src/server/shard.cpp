#include "server/shard.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace naru
{

namespace
{

// All of a shard's I/O is its own thread's, so Asio's descriptors need no locks; its queue keeps one, since
// others post.
constexpr int one_thread_does_io = BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO;

} // namespace

void shard_post::run(std::function<void(shard&)> act)
{
    {
        const std::lock_guard lock(mutex_);
        if (!shard_)
            return;
        if (!shard_->loop().get_executor().running_in_this_thread())
        {
            // A borrowed loop may outlive the shard, and run this after it.
            boost::asio::post(shard_->loop().get_executor(),
                              [self = shared_from_this(), act = std::move(act)] { self->run_here(act); });
            return;
        }
    }
    run_here(act);
}

void shard_post::run_here(const std::function<void(shard&)>& act)
{
    shard* here = nullptr;
    {
        const std::lock_guard lock(mutex_);
        here = shard_;
    }
    if (here)
        act(*here); // without the lock: it may come back here
}

void shard_post::shard_gone() noexcept
{
    const std::lock_guard lock(mutex_);
    shard_ = nullptr;
}

shard::shard(unsigned index, ledger& shared, boost::asio::io_context* borrowed)
    : index_(index), shared_(shared),
      own_loop_(borrowed ? nullptr : std::make_unique<boost::asio::io_context>(one_thread_does_io)),
      loop_(borrowed ? borrowed : own_loop_.get()), turn_(*this, *loop_), now_(shared.time.now()),
      deadlines_(now_), timer_(std::in_place, *loop_), post_(std::make_shared<shard_post>(*this))
{
    if (own_loop_)
        work_.emplace(loop_->get_executor());
}

shard::~shard()
{
    post_->shard_gone();
    // Coroutines that are still suspended, because what they await knows no cancellation, are destroyed with
    // the loop; their sessions have to be there until then, and what belongs to the loop must not.
    timer_.reset();
    work_.reset();
    own_loop_.reset();
    turn_.forget_all();
}

void shard::run()
{
    loop_->run();
}

void shard::end() noexcept
{
    boost::asio::post(loop_->get_executor(),
                      [this]
                      {
                          timer_->cancel();
                          work_.reset();
                      });
}

// --- time ----------------------------------------------------------------------------------------

void shard::set_deadline(deadline& entry, time_point due)
{
    if (deadlines_.set(entry, due))
        arm_timer(due);
}

void shard::arm_timer(time_point due)
{
    // What hangs beyond one round of the wheel has to be hung again after half of it, so the timer never
    // sleeps long.
    due = std::min(due, now_ + deadlines::round / 2) + deadlines::tick;
    if (due >= timer_due_ || !shared_.time.runs_by_itself())
        return;
    timer_due_ = due;
    timer_->expires_at(due);
    ++timer_waits_;
    timer_->async_wait(
        [this](const boost::system::error_code& aborted)
        {
            --timer_waits_;
            if (!aborted && timer_waits_ == 0)
                run_deadlines();
        });
}

void shard::run_deadlines()
{
    look_at_clock();
    timer_due_ = deadline::never;
    deadlines_.expire(now_);
    if (const auto next = deadlines_.next())
        arm_timer(*next);
}

// --- sessions ------------------------------------------------------------------------------------

void shard::adopt(std::unique_ptr<session_core> session)
{
    if (free_slots_.empty())
    {
        free_slots_.push_back(static_cast<std::uint32_t>(sessions_.size()));
        sessions_.emplace_back();
    }
    const std::uint32_t slot = free_slots_.back();
    free_slots_.pop_back();
    session_core& here = *session;
    sessions_[slot] = std::move(session);
    ++count_;
    here.open(shared_.next_id.fetch_add(1, std::memory_order_relaxed), slot);
}

void shard::forget(session_core& session)
{
    const std::uint32_t slot = session.slot();
    free_slots_.push_back(slot);
    --count_;
    sessions_[slot].reset();
    check_empty();
}

session_core* shard::find(std::uint32_t slot, std::uint64_t id) const noexcept
{
    session_core* at = slot < sessions_.size() ? sessions_[slot].get() : nullptr;
    return at && at->id() == id ? at : nullptr;
}

template <class Act>
void shard::for_each(Act act)
{
    // By index: acting on one may add others.
    for (std::size_t slot = 0; slot < sessions_.size(); ++slot)
        if (sessions_[slot])
            act(*sessions_[slot]);
}

std::vector<session_info> shard::infos()
{
    look_at_clock();
    std::vector<session_info> out;
    out.reserve(count_);
    for_each([&](session_core& session) { out.push_back(session.info()); });
    return out;
}

void shard::drain()
{
    if (std::exchange(draining_, true))
        return;
    look_at_clock();
    for_each([](session_core& session) { session.drain(); });
}

void shard::stop()
{
    draining_ = true;
    for_each([](session_core& session) { session.abort(close_reason::shutdown); });
}

void shard::when_last_gone(std::function<void()> act)
{
    when_last_gone_ = std::move(act);
    check_empty();
}

void shard::check_empty()
{
    if (count_ == 0 && when_last_gone_)
        std::exchange(when_last_gone_, nullptr)();
}

} // namespace naru
