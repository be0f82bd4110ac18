#pragma once

#include <naru/base/cpp20.hpp>

#include <cerrno>
#include <cstddef>
#include <span>
#include <string_view>

namespace naru
{

/// What one attempt to move bytes gave: a count, *would block*, the end, or an errno.
class io_result
{
  public:
    static constexpr io_result moved(std::size_t bytes) noexcept
    {
        return io_result(static_cast<std::ptrdiff_t>(bytes));
    }
    static constexpr io_result end() noexcept { return io_result(0); }
    static constexpr io_result failed(int number) noexcept { return io_result(-number); }
    static constexpr io_result blocked() noexcept { return io_result(-EAGAIN); }

    constexpr bool has_bytes() const noexcept { return value_ > 0; }
    constexpr bool at_end() const noexcept { return value_ == 0; }
    constexpr bool would_block() const noexcept { return value_ == -EAGAIN; }
    constexpr std::size_t bytes() const noexcept { return value_ > 0 ? static_cast<std::size_t>(value_) : 0; }
    constexpr int error() const noexcept { return value_ < 0 ? static_cast<int>(-value_) : 0; }

  private:
    constexpr explicit io_result(std::ptrdiff_t value) noexcept : value_(value) {}
    std::ptrdiff_t value_;
};

/// Who is told when a stream that would have blocked can be tried again.
class stream_events
{
  public:
    virtual void readable() = 0;
    virtual void writable() = 0;

  protected:
    ~stream_events() = default;
};

/// An ordered byte channel: a TCP or Unix socket, later TLS over another stream, or memory in tests. It
/// speaks of readiness, not of completion: who wants bytes tries, and only when the try would block asks to
/// be told.
///
/// A stream belongs to one shard; every function is called on that shard's thread. None of them throws.
class stream
{
  public:
    virtual ~stream() = default;

    /// Who `wait_*` will tell. Called once, before anything else.
    virtual void attach(stream_events& events) noexcept = 0;

    /// At most `room.size()` bytes into `room`. The end means that the peer has finished sending.
    virtual io_result try_read(std::span<char> room) noexcept = 0;

    /// As many bytes of `pieces` as the stream takes at once, in order, gathered into one call.
    virtual io_result try_write(std::span<const std::string_view> pieces) noexcept = 0;

    /// Bytes that the stream took and the peer has not received yet; 0 when that cannot be told. While
    /// nothing is written it only falls, so a caller that compares two answers sees whether the peer still
    /// takes bytes. May cost a system call: to be asked when a deadline is looked at, not for each message.
    virtual std::size_t unsent() const noexcept { return 0; }

    /// Calls `readable()` or `writable()` once, when the next try is worth it; never from inside this call.
    /// At most one wait of each kind at a time. Nothing is called after `close()`.
    virtual void wait_readable() = 0;
    virtual void wait_writable() = 0;

    /// Half-close, shutdown(2): the peer sees the end.
    virtual void shutdown_write() noexcept = 0;

    /// Ends waits without calling anybody, and gives the descriptor back. Idempotent.
    virtual void close() noexcept = 0;

    /// The file descriptor, or -1 when there is none.
    virtual int descriptor() const noexcept = 0;

    /// Gives up the descriptor without closing it; -1 when there is none. The stream is closed after.
    virtual int release() noexcept = 0;
};

} // namespace naru
