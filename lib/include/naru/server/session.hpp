#pragma once

#include <naru/base/error.hpp>
#include <naru/base/task.hpp>
#include <naru/net/endpoint.hpp>
#include <naru/server/close_reason.hpp>
#include <naru/server/limits.hpp>
#include <naru/server/session_info.hpp>
#include <naru/server/session_ref.hpp>

#include <cstdint>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <string_view>

namespace naru
{

class conversation;

/// One accepted (or dialled) connection, as its handler sees it.
///
///     naru::task<> echo(naru::session& s)
///     {
///         while (auto line = co_await s.read_line())
///             co_await s.write(*line, "\r\n");
///     }
///
/// **Life.** The handler's coroutine owns the session: when it returns, what was written is sent, and the
/// connection closes; when it throws, the connection closes with the reason `handler_error` and a log line.
/// The reference is good for as long as the coroutine runs.
///
/// **Views.** A read gives a view of bytes where they lie, good until the next read of this session and no
/// longer.
///
/// **Ends.** The peer's end is a value (`nullopt`); what ends the session otherwise is thrown as
/// `naru::error` with the operation and the peer in its text. A deadline that passes is `errc::timed_out`.
/// After one of a read the session is usable: a handler may catch it and say goodbye. After one of a write
/// (limits::write_stall) it is closed, since the peer takes nothing.
///
/// **Drain.** When the server drains, a read that waits between two messages gives `nullopt` as if the peer
/// had finished, and `draining()` says why; a message that has begun may still be completed.
///
/// **Threads.** Every function is for the session's own shard, that is, for its handler and what it awaits.
/// From elsewhere use `ref()`. A handler that awaits an operation bound to another executor (bind_executor)
/// goes on in that executor's thread: there each function throws `errc::wrong_thread`, and changes nothing.
/// id(), peer() and local() may be called in any thread; descriptor(), age(), bytes_in(), bytes_out(),
/// draining() and bounds() without an argument do not check. A handler may return or throw in another thread:
/// its session ends on its own. At most one read and one write at a time (errc::busy otherwise); a read and a
/// write may overlap.
///
/// **Cancellation.** close(), from whichever side, makes a waiting read or write throw `errc::closed`.
/// Another operation of Asio that the handler itself awaits, on a timer or a socket, is cancelled
/// (cancellation_type::terminal), and so is every one that it awaits afterwards. The cancellation is emitted
/// on the session's own thread, also while the handler goes on in another one: what it awaits there must
/// allow that, as a timer or a socket of a loop in another thread does not. What runs on another executor
/// (co_spawn() onto a thread pool, for example) or in a group (awaitable operators) is not interrupted: the
/// handler resumes when it is done, and its next operation on the session throws `errc::closed`. A read of
/// the session in a group gives its end (nullopt) instead, which ends `read || other`.
///
/// Each read, write and flush that is awaited in a coroutine of its own (co_spawn(), or a group such as
/// `s.read_line() || timer`) can be cancelled by itself, by each of Asio's cancellation types: it throws
/// `errc::cancelled`, and the session stays as it was. A cancelled read has consumed nothing: the next read
/// gives the whole message, whose deadline still counts from its first byte. What a cancelled write was given
/// is copied and sent all the same. Asio then throws operation_aborted from every further operation that this
/// coroutine awaits (this_coro::throw_if_cancelled).
///
/// **Memory.** When an allocation for a session fails, that session ends (close_reason::out_of_memory) and no
/// other. What the sessions of a listener hold together is limited: connection_limits::memory.
class session
{
  public:
    using where = std::source_location;

    session(const session&) = delete;
    session& operator=(const session&) = delete;

    // Reading. Each suspends until it can be answered.

    /// Whatever has come, at least one byte; nullopt at the peer's end. Views may be as large as 64 KiB.
    task<std::optional<std::string_view>> read_some(where = where::current());

    /// Exactly `size` bytes, at most limits::message. nullopt when the peer finished before the first of
    /// them; errc::unexpected_end when it finished in the middle.
    task<std::optional<std::string_view>> read_exactly(std::size_t size, where = where::current());

    /// Exactly `room.size()` bytes into memory of the caller, of any size. False when the peer finished
    /// before the first of them; errc::unexpected_end in the middle. After errc::cancelled or errc::timed_out
    /// what was copied is unread again.
    task<bool> read_into(std::span<char> room, where = where::current());

    /// A line, ended by LF or CRLF, given without it. The last line of a peer that finishes without an end of
    /// line is given as it is. Longer than limits::line: errc::too_long.
    task<std::optional<std::string_view>> read_line(where = where::current());

    /// What comes before `delimiter`, which is consumed and not given; at most limits::line bytes. A peer
    /// that finishes without it: nullopt when nothing came, errc::unexpected_end otherwise. `delimiter` is
    /// not empty.
    task<std::optional<std::string_view>> read_until(std::string_view delimiter, where = where::current());

    /// A line that is there already, for handlers that take many at a time; nullopt when there is none.
    std::optional<std::string_view> try_read_line();

    // Writing. What is small is copied and sent together at the end of the turn; what is large goes out at
    // once, from where it lies. Suspends only when the peer reads too slowly (limits::outbox_high).

    task<> write(std::string_view a, where = where::current());
    task<> write(std::string_view a, std::string_view b, where = where::current());
    task<> write(std::string_view a, std::string_view b, std::string_view c, where = where::current());
    task<> write(std::string_view a, std::string_view b, std::string_view c, std::string_view d,
                 where = where::current());
    /// Any number of pieces, which must stay where they are until the write is over.
    task<> write(std::span<const std::string_view> pieces, where = where::current());

    /// Queues a copy and never waits: for what others say to this session. False, and the session is closed
    /// as a slow consumer, when limits::outbox_full would be passed; false when it has ended, or is ending.
    bool send(std::string_view a, std::string_view b = {}, std::string_view c = {});

    /// Suspends until everything written has been taken by the kernel.
    task<> flush(where = where::current());

    // Ending.

    /// Half-close: from the call on nothing more is accepted (send() gives false, write() throws
    /// errc::closed); the peer sees the end after all that was accepted before; reading goes on. Suspends
    /// until that has been sent. A cancelled one finishes all the same, and another call waits for it.
    /// errc::busy, and no change, while a write waits.
    task<> finish_writing(where = where::current());
    /// Half-close the other way: what the peer still sends is not read; reads give what has been received,
    /// then nullopt, also one that waits.
    void finish_reading();
    /// A waiting read or write of this session throws errc::cancelled, as if each had been cancelled by
    /// itself.
    void cancel();
    /// Ends the session now, for this reason; what has not been sent is lost. To end in order, return.
    void close(close_reason reason = close_reason::closed_by_us);
    /// Hands the descriptor over to the caller, non-blocking and open, with what was read and not yet
    /// consumed. Everything written has to have been flushed. The session is over then; only returning is
    /// left.
    struct released
    {
        int descriptor = -1;
        std::string unread;
    };
    released release();

    // What is known of it.

    std::uint64_t id() const noexcept;
    endpoint peer() const;
    endpoint local() const;
    int descriptor() const noexcept;
    std::chrono::milliseconds age() const noexcept;
    std::uint64_t bytes_in() const noexcept;
    std::uint64_t bytes_out() const noexcept;
    bool draining() const noexcept;
    session_info info() const;

    /// The limits in force; a change holds from the next operation on. The reference is good for as long as
    /// the session; after the first change it shows every further one.
    const limits& bounds() const noexcept;
    void bounds(const limits& changed);

    /// A name for this session that may outlive it and may be used from any thread.
    session_ref ref() const;

  private:
    friend class conversation;
    explicit session(conversation& self) noexcept : self_(self) {}
    ~session() = default;

    conversation& self_;
};

} // namespace naru
