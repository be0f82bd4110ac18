#include "server/turn.hpp"

#include "server/session_core.hpp"
#include "server/shard.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace naru
{

namespace
{

// A try that finds nothing costs a recv, and is a small part of what an epoll_ctl, an event and its way
// through the loop cost together. Measured with 64 connections: at one in three sessions armed their waits
// too early, and an exchange cost 6 % more. With two connections next to no try finds anything.
constexpr std::uint32_t window = 64;
constexpr std::uint32_t worth_trying_percent = 10;
constexpr std::uint32_t windows_between_trials = 16;

} // namespace

turn::turn(shard& of, boost::asio::io_context& loop) : shard_(of), loop_(loop) {}

// Here, where session_core is a complete type: the lists look into what they hold.
turn::~turn() = default;

void turn::want_read(session_core& session)
{
    if (++wanted_ == window)
    {
        if (trying_)
            trying_ = tries_ == 0 || found_ * 100 >= tries_ * worth_trying_percent;
        else if (++windows_since_tried_ == windows_between_trials)
            trying_ = true;
        if (trying_)
            windows_since_tried_ = 0;
        wanted_ = tries_ = found_ = 0;
    }
    if (!trying_)
    {
        session.arm_read();
        return;
    }
    if (!static_cast<read_hook&>(session).is_linked())
        readers_.push_back(session);
    schedule();
}

void turn::tried(bool found_bytes) noexcept
{
    ++tries_;
    if (found_bytes)
        ++found_;
}

void turn::want_attention(session_core& session) noexcept
{
    if (!static_cast<attention_hook&>(session).is_linked())
        attention_.push_back(session);
    schedule();
}

void turn::forget_all() noexcept
{
    readers_.clear();
    attention_.clear();
}

read_block& turn::block()
{
    if (!block_)
        block_ = blocks_.take();
    return block_;
}

cork* turn::take_cork(session_core& session)
{
    if (owner_ && owner_ != entered_)
        owner_->flush_cork(); // it wrote outside of its own turn; now it is somebody else's
    if (owner_)
        return nullptr;
    owner_ = &session;
    if (entered_ != &session)
        want_attention(session);
    return &cork_;
}

struct turn::next_pass
{
    using allocator_type = operation_allocator<char>;
    allocator_type get_allocator() const noexcept { return allocator_type(of->pass_memory_); }
    void operator()() const { of->pass(); }

    turn* of;
};

void turn::schedule() noexcept
{
    if (scheduled_)
        return;
    scheduled_ = true;
    boost::asio::post(loop_.get_executor(), next_pass{this});
}

void turn::pass()
{
    scheduled_ = false;
    shard_.look_at_clock(); // a shard that always finds bytes here hears of no event that would

    read_list readers;
    readers.swap(readers_);
    while (!readers.empty())
    {
        session_core& session = readers.front();
        readers.pop_front();
        session.try_read();
    }

    // Sessions that come to want attention now are dealt with in the next pass.
    attention_list attention;
    attention.swap(attention_);
    while (!attention.empty())
    {
        session_core& session = attention.front();
        attention.pop_front();
        session.attend(); // may destroy it
    }
}

} // namespace naru
