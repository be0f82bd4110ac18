#include "server/shard.hpp"

#include "base/event_log.hpp"

#include <algorithm>
#include <exception>
#include <new>

namespace naru
{

shard::shard(unsigned index, ledger& shared, boost::asio::io_context* borrowed)
    : index_(index), shared_(shared), loop_(borrowed), turn_(*this, loop_.context()), now_(shared.time.now()),
      deadlines_(now_), timer_(std::in_place, loop_.context()),
      mail_(std::make_shared<mailbox>(*this, loop_.context()))
{
    if (!borrowed)
        work_.emplace(loop_.context().get_executor());
}

shard::~shard()
{
    destroy_coroutines();
    turn_.forget_all();
    sessions_.clear();
    loop_.destroy_waiting(); // a pass that is still posted lies in the turn, which ends before the loop
}

void shard::run()
{
    // What throws here is a function that a handler left on the loop; sessions catch their own.
    for (;;)
        try
        {
            loop_.context().run();
            return;
        }
        catch (const std::exception& e)
        {
            log_thrown(e.what());
        }
        catch (...)
        {
            log_thrown("something that is no std::exception");
        }
}

void shard::log_thrown(const char* what)
{
    auto line = shared_.log.line("loop_error");
    line.add("shard", index_).add("what", what);
    shared_.log.write(log_level::error, line);
}

void shard::end() noexcept
{
    try
    {
        mail_->post([](shard& here) { here.end_here(); });
    }
    catch (const std::bad_alloc&) // what is ready in the loop runs when the fleet is destroyed
    {
        if (!loop_.borrowed())
            loop_.context().stop();
    }
}

void shard::end_here() noexcept
{
    timer_->cancel();
    work_.reset();
}

/// A borrowed loop may be run by one thread after another.
bool shard::is_new_own_thread() noexcept
{
    if (!loop().get_executor().running_in_this_thread())
        return false;
    thread_.store(this_thread(), std::memory_order_relaxed);
    return true;
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
    const auto rang = [this](const boost::system::error_code& aborted)
    {
        --timer_waits_;
        if (!aborted && timer_waits_ == 0)
            run_deadlines();
    };
    try
    {
        timer_->async_wait(rang);
    }
    catch (...) // no memory: the next deadline tries again
    {
        --timer_waits_;
        timer_due_ = deadline::never;
        throw;
    }
}

void shard::run_deadlines()
{
    look_at_clock();
    timer_due_ = deadline::never;
    deadlines_.expire(now_);
    try
    {
        if (const auto next = deadlines_.next())
            arm_timer(*next);
    }
    catch (const std::bad_alloc&) // the next deadline that is set arms it
    {
    }
}

// --- sessions ------------------------------------------------------------------------------------

void shard::make_room()
{
    if (!free_slots_.empty())
        return;
    if (free_slots_.capacity() <= sessions_.size()) // all of them may be free at once
        free_slots_.reserve(2 * sessions_.size() + 1);
    sessions_.emplace_back();
    free_slots_.push_back(static_cast<std::uint32_t>(sessions_.size() - 1));
}

void shard::adopt(std::unique_ptr<session_core> session)
{
    make_room();
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
    if (life_ != life::serving)
        return;
    life_ = life::draining;
    look_at_clock();
    for_each([](session_core& session) { session.drain(); });
}

void shard::stop()
{
    if (takes_sessions())
        life_ = life::stopped;
    look_at_clock();
    for_each([](session_core& session) { session.stop(); });
}

void shard::when_last_gone(std::function<void()> act)
{
    when_last_gone_ = std::move(act);
    check_empty();
}

void shard::check_empty()
{
    if (count_ > 0 || !when_last_gone_)
        return;
    life_ = life::empty;
    std::exchange(when_last_gone_, nullptr)();
}

// --- the end -------------------------------------------------------------------------------------

void shard::destroy_coroutines()
{
    thread_.store(this_thread(), std::memory_order_relaxed); // they may use their sessions
    mail_->close();
    when_last_gone_ = nullptr;
    timer_.reset();
    work_.reset();
    // Their frames are destroyed through the loop, so the loop comes after the sessions that hold them.
    for_each([](session_core& session) { session.drop_coroutine(); });
    loop_.destroy_waiting();
    loop_.close();
}

void shard::log_abandoned()
{
    bool named = false;
    for_each(
        [&](session_core& session)
        {
            named = true;
            const session_info info = session.info();
            auto line = shared_.log.line("session_abandoned");
            line.add("id", info.id)
                .add("protocol", info.protocol)
                .add("listener", info.listener)
                .add("peer", info.peer)
                .add("why", "its handler still waits for work outside of the server");
            shared_.log.write(log_level::warning, line);
        });
    if (named || !loop_.in_use())
        return;
    auto line = shared_.log.line("work_abandoned");
    line.add("shard", index_)
        .add("why", "a coroutine that a handler started still waits for work outside of the server");
    shared_.log.write(log_level::warning, line);
}

} // namespace naru
