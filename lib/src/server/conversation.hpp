#pragma once

#include "base/root_coroutine.hpp"
#include "base/suspension.hpp"
#include "server/input.hpp"
#include "server/protocol_model.hpp"

#include <naru/base/error.hpp>
#include <naru/server/session.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <exception>
#include <functional>
#include <memory>

namespace naru
{

/// A session whose bytes are dealt with by a coroutine of the user's: what stands behind `session`.
///
/// The coroutine is resumed from the turn, inline, when what it waits for has come. While it runs, what it
/// reads lies in the shard's block. If it suspends in the next read, only the unread rest is copied. If it
/// suspends elsewhere, it may still hold views, so the block stays with it; a listener whose handlers do that
/// is given copies from then on, which cost what was read and not 64 KiB.
class conversation final : public session_core, private root_events
{
    /// A write that waits for the peer to take what was written.
    struct writer
    {
        suspension place;
        std::uint64_t mark = 0; // resumed when so many bytes have gone
        const char* operation = "";
        std::source_location at;
    };

    /// Until a writer waits, the bytes that it lent to the outbox have no owner that stays: when it never
    /// does, they are copied.
    class unawaited
    {
      public:
        explicit unawaited(conversation& of) noexcept : of_(&of) {}
        unawaited(unawaited&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
        unawaited(
            const unawaited& other); // not defined: clang wants it for a call of Asio's that is never made
        unawaited& operator=(unawaited&&) = delete;
        ~unawaited()
        {
            if (of_)
                of_->writer_left();
        }
        void awaited() noexcept { of_ = nullptr; }

      private:
        conversation* of_;
    };

    enum class reading : std::uint8_t
    {
        open,
        finished, // finish_reading(): what the peer still sends is not read
    };

    enum class writing : std::uint8_t
    {
        open,
        finishing, // finish_writing(): nothing more is accepted, what was is being sent
        finished,  // the peer has been told of the end
    };

  public:
    using handler = std::function<task<>(session&)>;

    conversation(arrival from, const handler& serve);

    // What session's functions are made of. See session for their contracts.

    /// Throws when the caller runs on another thread than the session's. Before anything else that may be
    /// called from a handler.
    void check_thread(const char* operation) const
    {
        if (!on_own_thread()) [[unlikely]]
            fail_on_thread(operation);
    }

    void begin_read(const char* operation, std::source_location at);
    /// Suspends until there are more bytes, the end, or a reason to give up; then check_read().
    auto more()
    {
        return suspend_at(reader_, awaited_,
                          [this](boost::asio::cancellation_slot from) { reader_waits(from); });
    }
    /// Suspends until the next pass, though there are bytes. For a coroutine that has not been suspended yet
    /// (has_suspended): what it consumed now could be lost by a group that ends before it. Then check_read().
    auto next_pass()
    {
        return suspend_at(reader_, awaited_,
                          [this](boost::asio::cancellation_slot from)
                          {
                              reader_waits(from);
                              resume_reader_ = true;
                              turn().want_attention(*this);
                          });
    }
    /// Throws what ended the wait. `taken` was consumed by the operation: when that ends and the session does
    /// not, it is unread again.
    void check_read(std::string_view taken = {});
    /// No more bytes will come, or, between two messages, the server drains.
    bool input_over() const noexcept;
    naru::input& input() noexcept { return input_; }
    /// The caller has taken a part of a message that is not whole yet; until the next begin_read().
    void part_taken() noexcept { part_taken_ = true; }

    /// Throws when nothing can be written. `operation` is named in what is thrown, here and in check_write().
    void begin_write(const char* operation) const;
    /// Throws when it cannot be waited for what was written.
    void begin_flush(const char* operation) const;
    /// True when the writer has to wait until sent() reaches `mark`.
    bool queue(std::span<const std::string_view> pieces, std::uint64_t& mark);
    auto gone(std::uint64_t mark, const char* operation, std::source_location at)
    {
        unawaited left(*this);
        writer_ = std::make_unique<writer>();
        writer_->mark = mark;
        writer_->operation = operation;
        writer_->at = at;
        return suspend_at(writer_->place, awaited_,
                          [this, left = std::move(left)](boost::asio::cancellation_slot from) mutable
                          {
                              left.awaited();
                              writer_waits(from);
                          });
    }
    void check_write(const char* operation);
    bool send(std::span<const std::string_view> pieces);
    /// What is sent to this session from other threads has outgrown its outbox.
    void outgrown() noexcept;
    std::uint64_t appended_now();
    bool unsent(std::uint64_t mark) const noexcept { return !is_sent(mark); }
    /// From now on nothing more is accepted; the peer sees the end after what was.
    void finish_writing();
    void finish_reading();
    void cancel();
    void close(close_reason reason) { abort(reason); }
    session::released release();

    void drop_coroutine() override;

    const limits& bounds() const noexcept { return *bounds_; }
    void bounds(const limits& changed);
    endpoint local() const;
    session_ref ref();
    session& face() noexcept { return face_; }
    /// Throws what an operation ends with, with its name and the peer in the text.
    [[noreturn]] void fail(boost::system::error_code code, const char* operation) const;
    [[noreturn]] void fail_read(boost::system::error_code code) const { fail(code, operation()); }

  private:
    void coroutine_begun() noexcept override { running_ = true; }
    void coroutine_ended(std::exception_ptr thrown) override
    {
        guarded([&] { handler_ended(thrown); });
    }
    void coroutine_destroyed() noexcept override;
    bool on_own_thread() const noexcept override;
    [[noreturn]] void fail_on_thread(const char* operation) const;

    void on_open() override;
    bool wants_bytes() const noexcept override { return static_cast<bool>(reader_); }
    void on_bytes(std::span<char> bytes) override;
    void on_end() override;
    void on_sent() override;
    void on_read_deadline() override;
    void on_stalled() override;
    void on_drain() override;
    bool on_closed() override;
    void on_attention() override;

    /// Nothing of the next message has come.
    bool between_messages() const noexcept { return input_.empty() && !part_taken_; }
    void reader_waits(boost::asio::cancellation_slot cancelled_by) noexcept;
    void await_bytes(boost::asio::cancellation_slot cancelled_by);
    void input_grew();
    void restart_idle();
    void writer_waits(boost::asio::cancellation_slot cancelled_by) noexcept;
    void writer_left() noexcept;
    void end_writing_when_sent();
    void cancel_wait(errc& failure);
    void resume_writer();
    void resume_reader();
    void handler_ended(std::exception_ptr thrown);
    close_reason reason_for(std::exception_ptr thrown);
    void give_back(read_block block);

    const handler& serve_;
    session face_{*this};
    naru::input input_;
    suspension reader_;
    std::unique_ptr<writer> writer_; // while one waits
    time_point message_began_ = deadline::never;
    boost::asio::cancellation_signal cancel_;
    std::shared_ptr<session_name> name_;     // once ref() was called
    boost::asio::cancellation_slot awaited_; // of what the handler's own coroutine awaits
    std::unique_ptr<limits> own_bounds_;
    errc read_failure_{};
    errc write_failure_{};
    close_reason timeout_ = close_reason::none;
    reading reading_ = reading::open;
    writing writing_ = writing::open;
    bool running_ : 1 = false;
    bool part_taken_ : 1 = false;
    bool in_group_ : 1 = false;      // the last read that waited was awaited by a coroutine of co_spawn()
    bool message_kept_ : 1 = false;  // the last read was cancelled in the middle of a message
    bool resume_reader_ : 1 = false; // in the next pass, whatever it waits for
};

/// The model behind `raw(handler)`.
class conversation_model final : public protocol_model
{
  public:
    conversation_model(conversation::handler serve, const limits& bounds)
        : serve_(std::move(serve)), bounds_(bounds)
    {
    }

    std::string_view name() const noexcept override { return "raw"; }
    const limits& bounds() const noexcept override { return bounds_; }
    std::unique_ptr<session_core> make_session(session_core::arrival from) const override
    {
        return std::make_unique<conversation>(std::move(from), serve_);
    }

  private:
    conversation::handler serve_;
    limits bounds_;
};

} // namespace naru
