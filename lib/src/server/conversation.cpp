#include "server/conversation.hpp"

#include "server/berth.hpp"
#include "server/session_name.hpp"
#include "server/shard.hpp"

#include <algorithm>
#include <new>

namespace naru
{

namespace
{

// From here on a write is sent from where it lies: the copy would cost more than the call that it saves.
constexpr std::size_t large = 8 * 1024;

} // namespace

conversation::conversation(arrival from, const handler& serve) : session_core(std::move(from)), serve_(serve)
{
}

// --- the coroutine -------------------------------------------------------------------------------

void conversation::on_open()
{
    try
    {
        task<> conversing = serve_(face_);
        launch_root(shard().executor(), std::move(conversing), cancel_, awaited_, *this);
    }
    catch (...) // a plain function that returns a task may throw before there is one
    {
        if (running_)
            throw; // from a coroutine whose frame is still to be destroyed
        handler_ended(std::current_exception());
    }
}

bool conversation::on_own_thread() const noexcept
{
    return shard().on_own_thread();
}

void conversation::fail_on_thread(const char* operation) const
{
    throw error(errc::wrong_thread, operation, peer().text());
}

/// The operation that the handler awaited dropped its completion handler, so nothing can resume it any more.
void conversation::coroutine_destroyed() noexcept
{
    running_ = false;
    if (closed())
        retire();
    else
        abort(close_reason::handler_error);
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
    else if (peer_ended())
        finish(close_reason::peer_closed);
    else
        finish(draining() ? close_reason::drained : close_reason::handler_done);
}

close_reason conversation::reason_for(std::exception_ptr thrown)
{
    std::string what;
    close_reason reason = close_reason::handler_error;
    try
    {
        std::rethrow_exception(thrown);
    }
    catch (const std::bad_alloc& e)
    {
        what = e.what();
        reason = close_reason::out_of_memory;
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
    return reason;
}

void conversation::drop_coroutine()
{
    reader_.drop();
    if (const std::unique_ptr<writer> dropped = std::move(writer_))
        dropped->place.drop();
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
    if (!running_)
        return;
    if (!closed())
    {
        if (reader_ && (resume_reader_ || read_failure_ != errc{}))
            resume_reader();
        if (running_ && !closed() && writer_ && write_failure_ != errc{})
        {
            keep_lent(); // the writer goes on with its memory
            resume_writer();
        }
        return;
    }
    if (reader_)
        resume_reader();
    if (running_ && writer_)
        resume_writer();
    if (running_)
        cancel_awaited(cancel_, awaited_);
}

void conversation::fail(boost::system::error_code code, const char* operation) const
{
    throw error(failure() ? from_errno(failure()) : code, operation, peer().text());
}

// --- reading -------------------------------------------------------------------------------------

void conversation::begin_read(const char* operation, std::source_location at)
{
    check_thread(operation);
    if (reader_)
        throw error(errc::busy, operation, peer().text());
    begin_operation(operation, at);
    if (closed())
        fail_read(errc::closed);
    if (!message_kept_)
    {
        message_began_ = deadline::never;
        part_taken_ = false;
    }
    message_kept_ = false;
    give_back(input_.release());
}

bool conversation::input_over() const noexcept
{
    return peer_ended() || closed() || reading_ == reading::finished || (draining() && between_messages());
}

void conversation::reader_waits(boost::asio::cancellation_slot cancelled_by) noexcept
{
    guarded([&] { await_bytes(cancelled_by); });
}

void conversation::await_bytes(boost::asio::cancellation_slot cancelled_by)
{
    const limits& bounds = *bounds_;
    in_group_ = cancelled_by.is_connected();
    if (in_group_)
        cancelled_by.assign([this](boost::asio::cancellation_type) { cancel_wait(read_failure_); });
    waits();
    give_back(input_.settle());
    input_grew();
    if (between_messages())
        set_idle_deadline(now());
    else
    {
        if (message_began_ == deadline::never)
            message_began_ = now();
        set_read_deadline(due_after(message_began_, bounds.read));
    }
    want_read();
}

/// Bytes have gone out: a sign of life too, while a read waits for a message to begin.
void conversation::restart_idle()
{
    if (reader_ && !closed() && between_messages())
        set_idle_deadline(now());
}

void conversation::on_bytes(std::span<char> bytes)
{
    if (message_began_ != deadline::never)
        message_began_ = put_off(message_began_, bytes.size(), bounds_->read_rate, now());
    give_back(input_.add({bytes.data(), bytes.size()}));
    if (berth_.handlers_wander)
        input_.keep();
    resume_reader();
    if (!input_.lent())
    {
        input_grew();
        return;
    }
    if (reader_ || !running_)
    {
        input_.keep(); // the unread rest of it, mostly nothing
        input_grew();
        return;
    }
    berth_.handlers_wander = true;
    input_.take_along(turn().take_block());
}

/// Bytes that wait to be read lie in memory of the session's own.
void conversation::input_grew()
{
    if (input_.count_in(berth_.memory()))
        return;
    abort(close_reason::limit_exceeded);
    if (reader_)
        input_ =
            {}; // at once, so that it does not count against the next session; no view into it is good now
}

void conversation::resume_reader()
{
    if (!reader_)
        return;
    resume_reader_ = false;
    goes_on();
    reader_.resume();
}

void conversation::on_end()
{
    resume_reader();
}

void conversation::check_read(std::string_view taken)
{
    if (closed() && in_group_)
    {
        // Nobody can cancel the group from outside, and an error does not end the others in `a || b`: the end
        // of the input does.
        input_.consume(input_.unread().size());
        return;
    }
    if (closed())
        fail_read(errc::closed);
    if (read_failure_ == errc{})
        return;
    const errc failed = std::exchange(read_failure_, errc{});
    if (!taken.empty())
        give_back(input_.put_back(taken));
    message_kept_ = failed == errc::cancelled && !input_.empty(); // its deadline stays
    part_taken_ = false;
    fail_read(failed);
}

/// One operation is cancelled. It ends in the next pass: this may be called from inside another operation's
/// end.
void conversation::cancel_wait(errc& failure)
{
    failure = errc::cancelled;
    turn().want_attention(*this);
}

void conversation::on_read_deadline()
{
    if (!reader_)
        return;
    read_failure_ = errc::timed_out;
    timeout_ = between_messages() ? close_reason::idle_timeout : close_reason::read_timeout;
    resume_reader();
}

void conversation::finish_reading()
{
    if (closed())
        return;
    // Not shutdown(2): after it, lingering could not tell what the peer still sends from its end.
    reading_ = reading::finished;
    resume_reader();
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

void conversation::begin_flush(const char* operation) const
{
    check_thread(operation);
    if (writer_)
        fail(errc::busy, operation);
    if (closed())
        fail(errc::closed, operation);
}

void conversation::begin_write(const char* operation) const
{
    begin_flush(operation);
    if (writing_ != writing::open)
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

void conversation::writer_waits(boost::asio::cancellation_slot cancelled_by) noexcept
{
    if (cancelled_by.is_connected())
        guarded(
            [&] {
                cancelled_by.assign([this](boost::asio::cancellation_type) { cancel_wait(write_failure_); });
            });
    if (!reader_)
    {
        begin_operation(writer_->operation, writer_->at);
        waits();
    }
    if (closed())
        turn().want_attention(*this); // it broke while the write began
}

void conversation::writer_left() noexcept
{
    writer_.reset();
    keep_lent();
}

void conversation::on_sent()
{
    end_writing_when_sent();
    if (writer_ && is_sent(writer_->mark))
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
    if (write_failure_ != errc{}) // also of a session that was closed for it
        fail(std::exchange(write_failure_, errc{}), operation);
    if (closed())
        fail(errc::closed, operation);
}

void conversation::on_stalled()
{
    timeout_ = close_reason::write_stalled;
    abort(close_reason::write_stalled); // and the outbox with it, in which the writer's own memory lies
    if (!writer_)
        return;
    write_failure_ = errc::timed_out;
    resume_writer();
}

bool conversation::send(std::span<const std::string_view> pieces)
{
    if (at() != phase::open || writing_ != writing::open)
        return false;
    std::size_t size = 0;
    for (const std::string_view piece : pieces)
        size += piece.size();
    const std::size_t full = bounds_->outbox_full;
    if (full > 0 && size > full - std::min(full, waiting()))
    {
        outgrown();
        return false;
    }
    put(pieces, size);
    return !closed();
}

void conversation::outgrown() noexcept
{
    if (at() == phase::open)
        abort(close_reason::slow_consumer);
}

void conversation::finish_writing()
{
    if (writing_ != writing::open)
        return;
    writing_ = writing::finishing;
    if (turn().owns_cork(*this))
        flush_cork();
    end_writing_when_sent();
}

void conversation::end_writing_when_sent()
{
    if (writing_ != writing::finishing || at() != phase::open || has_outbox())
        return;
    writing_ = writing::finished;
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
    session::released out{-1, std::string(input_.unread())};
    out.descriptor = stream().release(); // after what may throw
    abort(close_reason::handler_done);
    return out;
}

void conversation::bounds(const limits& changed)
{
    if (own_bounds_)
        *own_bounds_ = changed; // in place: bounds() has given out a reference
    else
        own_bounds_ = std::make_unique<limits>(changed);
    bounds_ = own_bounds_.get();
    if (name_)
        name_->limit(changed.outbox_full);
}

endpoint conversation::local() const
{
    return berth_.local();
}

session_ref conversation::ref()
{
    if (!name_)
        name_ = std::make_shared<session_name>(shard().mail(), id(), slot(), bounds_->outbox_full);
    return session_ref(name_);
}

} // namespace naru
