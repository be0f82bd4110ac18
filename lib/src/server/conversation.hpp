#pragma once

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
class conversation final : public session_core
{
    /// A write that waits for the peer to take what was written.
    struct writer
    {
        suspension place;
        std::uint64_t mark = 0; // resumed when so many bytes have gone
        const char* operation = "";
        std::source_location at;
    };

  public:
    using handler = std::function<task<>(session&)>;

    conversation(arrival from, const handler& serve);

    // What session's functions are made of. See session for their contracts.

    void begin_read(const char* operation, std::source_location at);
    /// Suspends until there are more bytes, the end, or a reason to give up; then check_read().
    auto more()
    {
        return suspend_at(reader_, [this] { reader_waits(); });
    }
    void check_read();
    /// No more bytes will come, or, between two messages, the server drains.
    bool input_over() const noexcept;
    naru::input& input() noexcept { return input_; }
    /// The caller has taken a part of a message that is not whole yet; until the next begin_read().
    void part_taken() noexcept { part_taken_ = true; }

    /// Throws when nothing can be written. `operation` is named in what is thrown, here and in check_write().
    void begin_write(const char* operation) const;
    /// True when the writer has to wait until sent() reaches `mark`.
    bool queue(std::span<const std::string_view> pieces, std::uint64_t& mark);
    auto gone(std::uint64_t mark, const char* operation, std::source_location at)
    {
        writer_ = std::make_unique<writer>();
        writer_->mark = mark;
        writer_->operation = operation;
        writer_->at = at;
        return suspend_at(writer_->place, [this] { writer_waits(); });
    }
    void check_write(const char* operation);
    bool send(std::span<const std::string_view> pieces);
    std::uint64_t appended_now();
    bool unsent(std::uint64_t mark) const noexcept { return sent() < mark; }
    void finish_writing() noexcept;
    void finish_reading() noexcept;
    void cancel();
    void close(close_reason reason) { abort(reason); }
    session::released release();

    const limits& bounds() const noexcept { return *bounds_; }
    void bounds(const limits& changed);
    endpoint local() const;
    session_ref ref() const;
    session& face() noexcept { return face_; }
    /// Throws what an operation ends with, with its name and the peer in the text.
    [[noreturn]] void fail(boost::system::error_code code, const char* operation) const;
    [[noreturn]] void fail_read(boost::system::error_code code) const { fail(code, operation()); }

  private:
    struct when_ended;

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
    void reader_waits();
    void restart_idle();
    void writer_waits();
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
    std::unique_ptr<limits> own_bounds_;
    errc read_failure_{};
    errc write_failure_{};
    close_reason timeout_ = close_reason::none;
    bool running_ = false;
    bool part_taken_ = false;
    bool reading_over_ = false; // finish_reading()
    bool writing_over_ = false; // finish_writing()
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
