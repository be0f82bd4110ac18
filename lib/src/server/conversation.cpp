#include "server/conversation.hpp"

#include "server/berth.hpp"
#include "server/shard.hpp"

#include <boost/asio/co_spawn.hpp>

namespace naru
{

namespace
{

// From here on a write is sent from where it lies: the copy would cost more than the call that it saves.
constexpr std::size_t large = 8 * 1024;

bool after(std::chrono::milliseconds wait) noexcept
{
    return wait.count() > 0;
}

} // namespace

/// What the coroutine's end is told to. It carries the slot itself: bind_cancellation_slot() would cost each
/// session another 64 bytes.
struct conversation::when_ended
{
    using cancellation_slot_type = boost::asio::cancellation_slot;
    cancellation_slot_type get_cancellation_slot() const noexcept { return of->cancel_.slot(); }

    void operator()(std::exception_ptr thrown) const { of->handler_ended(thrown); }

    conversation* of;
};

conversation::conversation(arrival from, const handler& serve) : session_core(std::move(from)), serve_(serve)
{
}

// --- the coroutine -------------------------------------------------------------------------------

void conversation::on_open()
{
    running_ = true;
    try
    {
        task<> conversing = serve_(face_);
        boost::asio::co_spawn(shard().loop(), std::move(conversing), when_ended{this});
    }
    catch (...) // a plain function that gives a task may throw before there is one
    {
        handler_ended(std::current_exception());
    }
}

void conversation::handler_ended(std::exception_ptr thrown)
{
    running_ = false;
    if (closed())
    {
        retire();
        return;
    }
    if (thrown)
        finish(reason_for(thrown));
    else if (peer_ended() && !reading_over_) // finish_reading() makes an end of the kernel's, not the peer's
        finish(close_reason::peer_closed);
    else
        finish(draining() ? close_reason::drained : close_reason::handler_done);
}

close_reason conversation::reason_for(std::exception_ptr thrown)
{
    std::string what;
    try
    {
        std::rethrow_exception(thrown);
    }
    catch (const error& e)
    {
        if (e.code() == errc::timed_out && timeout_ != close_reason::none)
            return timeout_;
        if (e.code() == errc::too_long)
            return close_reason::limit_exceeded;
        if (e.code() == errc::unexpected_end)
            return close_reason::peer_closed;
        what = e.what();
    }
    catch (const std::exception& e)
    {
        what = e.what();
    }
    catch (...)
    {
        what = "something that is no std::exception";
    }
    auto line = berth_.shared().log.line("handler_error");
    line.add("id", id()).add("listener", berth_.endpoint_text()).add("peer", peer().text()).add("what", what);
    berth_.shared().log.write(log_level::error, line);
    return close_reason::handler_error;
}

bool conversation::on_closed()
{
    if (!running_)
        return true;
    // Perhaps this is called by the coroutine itself; so what it waits for ends a moment later.
    turn().want_attention(*this);
    return false;
}

void conversation::on_attention()
{
    if (!closed() || !running_)
        return;
    if (reader_)
        resume_reader();
    if (running_ && writer_)
        resume_writer();
    if (running_)
        cancel_.emit(boost::asio::cancellation_type::terminal);
}

void conversation::fail(boost::system::error_code code, const char* operation) const
{
    throw error(failure() ? from_errno(failure()) : code, operation, peer().text());
}

// --- reading -------------------------------------------------------------------------------------

void conversation::begin_read(const char* operation, std::source_location at)
{
    if (reader_)
        throw error(errc::busy, operation, peer().text());
    begin_operation(operation, at);
    if (closed())
        fail_read(errc::closed);
    message_began_ = deadline::never;
    part_taken_ = false;
    give_back(input_.release());
}

bool conversation::input_over() const noexcept
{
    return peer_ended() || reading_over_ || (draining() && between_messages());
}

void conversation::reader_waits()
{
    const limits& bounds = *bounds_;
    waits();
    give_back(input_.settle());
    if (between_messages())
        set_read_deadline(after(bounds.idle) ? now() + bounds.idle : deadline::never);
    else
    {
        if (message_began_ == deadline::never)
            message_began_ = now();
        set_read_deadline(after(bounds.read) ? message_began_ + bounds.read : deadline::never);
    }
    want_read();
}

/// Bytes have gone out: a sign of life too, while a read waits for a message to begin.
void conversation::restart_idle()
{
    if (reader_ && !closed() && between_messages() && after(bounds_->idle))
        set_read_deadline(now() + bounds_->idle);
}

void conversation::on_bytes(std::span<char> bytes)
{
    give_back(input_.add({bytes.data(), bytes.size()}));
    if (berth_.handlers_wander)
        input_.keep();
    resume_reader();
    if (!input_.lent())
        return;
    if (reader_ || !running_)
    {
        input_.keep(); // the unread rest of it, mostly nothing
        return;
    }
    berth_.handlers_wander = true;
    input_.take_along(turn().take_block());
}

void conversation::resume_reader()
{
    if (!reader_)
        return;
    goes_on();
    reader_.resume();
}

void conversation::on_end()
{
    resume_reader();
}

void conversation::check_read()
{
    if (closed())
        fail_read(errc::closed);
    if (read_failure_ == errc{})
        return;
    fail_read(std::exchange(read_failure_, errc{}));
}

void conversation::on_read_deadline()
{
    if (!reader_)
        return;
    read_failure_ = errc::timed_out;
    timeout_ = between_messages() ? close_reason::idle_timeout : close_reason::read_timeout;
    resume_reader();
}

void conversation::finish_reading() noexcept
{
    reading_over_ = true;
    stream().shutdown_read();
}

void conversation::on_drain()
{
    if (between_messages())
        resume_reader();
}

void conversation::give_back(read_block block)
{
    if (block)
        turn().give_back(std::move(block));
}

// --- writing -------------------------------------------------------------------------------------

void conversation::begin_write(const char* operation) const
{
    if (writer_)
        fail(errc::busy, operation);
    if (closed() || writing_over_)
        fail(errc::closed, operation);
}

bool conversation::queue(std::span<const std::string_view> pieces, std::uint64_t& mark)
{
    std::size_t size = 0;
    for (const std::string_view piece : pieces)
        size += piece.size();
    if (size < large)
    {
        put(pieces, size);
        mark = appended() > bounds_->outbox_low ? appended() - bounds_->outbox_low : 0;
        return waiting() > bounds_->outbox_high;
    }
    if (put_large(pieces))
    {
        restart_idle();
        return false;
    }
    mark = appended();
    return true;
}

std::uint64_t conversation::appended_now()
{
    if (turn().owns_cork(*this))
        flush_cork();
    return appended();
}

void conversation::writer_waits()
{
    if (!reader_)
    {
        begin_operation(writer_->operation, writer_->at);
        waits();
    }
    if (closed())
        turn().want_attention(*this); // it broke while the write began
}

void conversation::on_sent()
{
    if (writer_ && sent() >= writer_->mark)
        resume_writer();
    restart_idle();
}

void conversation::resume_writer()
{
    const std::unique_ptr<writer> resumed = std::move(writer_); // it may write, and wait, again
    if (!reader_)
        goes_on();
    resumed->place.resume();
}

void conversation::check_write(const char* operation)
{
    if (closed())
        fail(errc::closed, operation);
    if (write_failure_ != errc{})
        fail(std::exchange(write_failure_, errc{}), operation);
}

void conversation::on_stalled()
{
    timeout_ = close_reason::write_stalled;
    if (!writer_)
    {
        abort(close_reason::write_stalled);
        return;
    }
    write_failure_ = errc::timed_out;
    resume_writer();
    // What is lent to the outbox belongs to the writer, who has gone on: the session cannot.
    if (!closed())
        abort(close_reason::write_stalled);
}

bool conversation::send(std::span<const std::string_view> pieces)
{
    if (at() != phase::open || writing_over_)
        return false;
    std::size_t size = 0;
    for (const std::string_view piece : pieces)
        size += piece.size();
    if (bounds_->outbox_full > 0 && waiting() + size > bounds_->outbox_full)
    {
        abort(close_reason::slow_consumer);
        return false;
    }
    put(pieces, size);
    return !closed();
}

void conversation::finish_writing() noexcept
{
    writing_over_ = true;
    stream().shutdown_write();
}

// --- the rest ------------------------------------------------------------------------------------

void conversation::cancel()
{
    if (reader_)
    {
        read_failure_ = errc::cancelled;
        resume_reader();
    }
    if (running_ && writer_)
    {
        keep_lent(); // the writer goes on, and what it lent may be gone
        write_failure_ = errc::cancelled;
        resume_writer();
    }
}

session::released conversation::release()
{
    session::released out{stream().release(), std::string(input_.unread())};
    abort(close_reason::handler_done);
    return out;
}

void conversation::bounds(const limits& changed)
{
    own_bounds_ = std::make_unique<limits>(changed);
    bounds_ = own_bounds_.get();
}

endpoint conversation::local() const
{
    return berth_.local();
}

session_ref conversation::ref() const
{
    return session_ref(shard().post(), id(), slot());
}

} // namespace naru
