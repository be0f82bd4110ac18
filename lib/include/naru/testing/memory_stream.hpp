#pragma once

#include <naru/base/clock.hpp>
#include <naru/net/stream.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace boost::asio
{
class io_context;
}

namespace naru::testing
{

/// How the session's end of a memory stream behaves: as smoothly as a socket never does, or as badly as one
/// can.
struct stream_script
{
    /// Most bytes that one read gives, and that one write takes; 0 is no bound.
    std::size_t read_at_most = 0;
    std::size_t write_at_most = 0;

    /// Bytes that the session may have written before the test takes them. A write that finds no room blocks.
    std::size_t room = 64 * 1024;

    /// A write that waits is told only when so many bytes have room, or all of `room`, if that is less. Linux
    /// tells of a socket when a third of its buffer is free, and lets a slow peer take very much unseen.
    std::size_t room_to_tell = 1;

    /// Bytes that the peer's system holds until take(). What the session has written beyond them, and what is
    /// under way, is unsent(). All by default: what has arrived has been received.
    std::size_t window = SIZE_MAX;

    /// The read, or the write, of this number fails; counted from 1 over the stream's life, as `stream_calls`
    /// counts. EAGAIN makes a stream that was said to be ready and is not.
    std::uint64_t failing_read = 0;
    int read_error = ECONNRESET;
    std::uint64_t failing_write = 0;
    int write_error = EPIPE;

    /// How long bytes and ends are under way, in either direction.
    duration delay{0};
};

/// What the session has asked of its end, since the beginning: what would have been system calls.
struct stream_calls
{
    std::uint64_t reads = 0;         ///< all of them: with bytes, blocked, at the end, failed
    std::uint64_t reads_blocked = 0; ///< those that found nothing
    std::uint64_t writes = 0;
    std::uint64_t writes_blocked = 0;
    std::uint64_t read_waits = 0;
    std::uint64_t write_waits = 0;
};

class memory_wire;

/// The test's end of a memory stream: it never blocks, and does what a peer can do. Copies are the same end.
/// It may outlive the session. For the thread that runs the event loop, between its runs or inside.
class memory_peer
{
  public:
    explicit memory_peer(std::shared_ptr<memory_wire> wire) noexcept : wire_(std::move(wire)) {}

    /// Puts `bytes` on their way to the session. After the session closed they go nowhere.
    void send(std::string_view bytes);
    /// Half-close: after what was sent the session reads the end. It can still write.
    void finish();
    /// The connection breaks: after what was sent, reads and writes of the session fail with `error`.
    void reset(int error = ECONNRESET);

    /// What has come from the session and has not been taken, at most `at_most` bytes of it; makes room for
    /// more.
    std::string take(std::size_t at_most = std::string::npos);
    /// Bytes that the session has written and take() has not given, those on their way included.
    std::size_t untaken() const noexcept;

    /// The session has finished writing: after what take() gives, there is nothing.
    bool ended() const noexcept;
    /// The session has closed its end.
    bool closed() const noexcept;
    /// The session closed while it had not read all: over TCP that is a reset, in which its last bytes may be
    /// lost.
    bool was_reset() const noexcept;

    /// May be changed at any time; a larger `room` is noticed with the next take() or deliver().
    stream_script& script() noexcept;
    const stream_calls& calls() const noexcept;

    /// Looks at the clock: what is due arrives. `loopback::run()` does it.
    void deliver();
    /// When something that is still under way arrives.
    std::optional<time_point> next_arrival() const noexcept;

  private:
    std::shared_ptr<memory_wire> wire_;
};

struct memory_pair
{
    std::unique_ptr<stream> session; ///< to be given to a session
    memory_peer peer;                ///< the test's
};

/// A stream without a descriptor, whose two ends lie in one process. Readiness is told through `loop`, when
/// it is run, and never from inside another call. Delays are measured on `time`. Both must outlive the
/// session's end, and `time` whatever is still under way.
memory_pair make_memory_pair(boost::asio::io_context& loop, const clock& time,
                             const stream_script& script = {});

} // namespace naru::testing
