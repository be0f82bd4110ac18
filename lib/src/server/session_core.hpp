#pragma once

#include "base/deadlines.hpp"
#include "base/outbox.hpp"
#include "net/address.hpp"
#include "server/turn.hpp"

#include <naru/net/stream.hpp>
#include <naru/server/close_reason.hpp>
#include <naru/server/limits.hpp>
#include <naru/server/session_info.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <source_location>
#include <span>
#include <string_view>

namespace naru
{

class berth;
class shard;

/// What every session has, whatever it speaks: a stream, deadlines, figures, what waits to be sent, and one
/// reason to end. A protocol derives from it and says what bytes mean.
///
/// Its life: open → (end in order) flushing → lingering → closed, or straight to closed. A closed session
/// whose coroutine still runs waits for it; then its shard destroys it, never from inside one of its own
/// functions.
class session_core : public deadline, public stream_events, public read_hook, public attention_hook
{
  public:
    /// What a protocol is given to make a session of. `bounds` outlives the session.
    struct arrival
    {
        std::unique_ptr<naru::stream> stream;
        peer_name peer;
        berth& at;
        const limits& bounds;
    };

    explicit session_core(arrival from);
    virtual ~session_core();

    // For the shard and the turn.

    /// Everything is in place: begin.
    void open(std::uint64_t id, std::uint32_t slot);
    /// The turn's try to read.
    void try_read();
    /// Asks the stream to tell when there are bytes.
    void arm_read();
    /// Flushes, resumes, or is destroyed: what want_attention() promised.
    void attend();
    /// Sends what is in the cork, which is this session's, and gives the cork back.
    void flush_cork() noexcept;
    /// The server drains: end when nothing is under way.
    void drain();
    /// The event loop is about to be destroyed: destroys the coroutine that this session holds, if any.
    virtual void drop_coroutine() {}
    /// The server stops: on_stop(), then ends now, without waiting for anything.
    void stop();
    /// Ends now. Nothing that waits to be sent is sent. The first reason counts, but not that of an end in
    /// order which is cut before all has been sent.
    void abort(close_reason reason, int error = 0) noexcept;
    /// Runs `act`. What it throws ends this session, and nothing else.
    template <class Act>
    void guarded(Act act) noexcept
    {
        try
        {
            act();
        }
        catch (...)
        {
            broken(std::current_exception());
        }
    }

    // What is known of it.

    std::uint64_t id() const noexcept { return id_; }
    std::uint32_t slot() const noexcept { return slot_; }
    const peer_name& peer() const noexcept { return peer_; }
    naru::stream& stream() const noexcept { return *stream_; }
    std::uint64_t bytes_in() const noexcept { return bytes_in_; }
    std::uint64_t bytes_out() const noexcept { return bytes_out_; }
    bool closed() const noexcept { return phase_ == phase::closed; }
    bool draining() const noexcept;
    std::chrono::milliseconds age() const noexcept;
    session_info info() const;

    void readable() final;
    void writable() final;
    void expired() final;

  protected:
    enum class phase : std::uint8_t
    {
        open,
        flushing,  // the protocol is done; the outbox is not
        lingering, // all is sent; what the peer still sends is thrown away
        closed,
    };

    // What a protocol has to say to what happens. Each is called on the shard's thread, not from inside
    // another.

    virtual void on_open() = 0;
    /// Whether bytes would be dealt with now. If not, they stay in the kernel until want_read() is called
    /// again.
    virtual bool wants_bytes() const noexcept = 0;
    /// `bytes` lie in the shard's block, which is the shard's again when this returns, unless it was taken.
    virtual void on_bytes(std::span<char> bytes) = 0;
    /// The peer has finished sending.
    virtual void on_end() = 0;
    /// Bytes have gone that waited, or that were written outside of this session's own part of a turn.
    virtual void on_sent() {}
    /// The read deadline has passed. The write deadline is the same for all: on_stalled().
    virtual void on_read_deadline() = 0;
    virtual void on_stalled() { abort(close_reason::write_stalled); }
    virtual void on_drain() = 0;
    /// The server stops, and the session is open: a last word, by finish(), is sent if the stream takes it at
    /// once. Closed with close_reason::shutdown afterwards.
    virtual void on_stop() {}
    /// The session is closed. True when it can be destroyed; false when a coroutine still has to end, after
    /// which retire() is called.
    virtual bool on_closed() = 0;
    /// Something that a protocol asked for with want_attention().
    virtual void on_attention() {}

    // What a protocol works with.

    void want_read();
    /// Bytes that a peer may still send after finish() when nothing says how many will follow.
    static constexpr std::uint64_t unknown_rest = 64 * 1024 * 1024;

    /// Ends in order: what was written is sent, the peer sees the end, and is given time to read it.
    /// `rest`: bytes that an honest peer may still send; they are read and discarded.
    void finish(close_reason reason, std::uint64_t rest = unknown_rest);
    void retire();

    /// Copies `pieces` (`size` bytes in all) to be sent at the end of the turn.
    void put(std::span<const std::string_view> pieces, std::size_t size);
    /// A place for at least `size` bytes of the cork to write in place; nullptr when the cork is not to be
    /// had. Tell the cork how much was written with corked().grow().
    char* place(std::size_t size);
    /// Sends at once what is corked and `pieces`; what the stream does not take is lent to the outbox. True
    /// when all of it has gone.
    bool put_large(std::span<const std::string_view> pieces);
    /// The same for a string that the outbox then owns.
    void put_large(std::string bytes);

    /// What is lent to the outbox is copied.
    void keep_lent() noexcept;
    bool has_outbox() const noexcept { return outbox_ && !outbox_->empty(); }
    std::size_t waiting() const noexcept;
    /// Counted since the outbox was empty last; when it is empty, everything has been sent.
    std::uint64_t appended() const noexcept;
    bool is_sent(std::uint64_t mark) const noexcept;

    /// When on_read_deadline() is called.
    void set_read_deadline(time_point due);
    /// The same when for limits::idle no byte has moved either way, counted from `since` on, or from when the
    /// peer has received everything.
    void set_idle_deadline(time_point since);
    /// Which of the two was set last.
    bool idles() const noexcept { return idle_; }
    /// Whether the peer has received bytes since the last look, which costs a system call. True while bytes
    /// wait in the outbox: the write deadline is over them.
    bool peer_receives() noexcept;
    /// What is being done, and where it was called; and whether it has to be waited for, from now on.
    void begin_operation(const char* name, std::source_location at) noexcept
    {
        operation_ = name;
        operation_at_ = at;
    }
    const char* operation() const noexcept { return operation_; }
    void waits() noexcept
    {
        waits_ = true;
        waits_since_ = now();
    }
    void goes_on() noexcept { waits_ = false; }
    /// The same for what no line of a handler has called.
    void awaiting(const char* operation) noexcept
    {
        begin_operation(operation, {});
        waits();
    }

    naru::shard& shard() const noexcept { return shard_; }
    naru::turn& turn() const noexcept;
    /// What the clock said when this turn began. Outside of a turn, where something that is not the shard's
    /// has resumed a coroutine, the clock is read.
    time_point now() const noexcept;
    phase at() const noexcept { return phase_; }
    bool peer_ended() const noexcept { return peer_ended_; }
    close_reason reason() const noexcept { return reason_; }
    int failure() const noexcept { return failure_; }

    berth& berth_;
    const limits* bounds_;

  private:
    void broken(std::exception_ptr thrown) noexcept;
    void read_once(bool by_the_turn);
    void deal_with(io_result got, std::span<char> room);
    void throw_away(io_result got) noexcept;
    time_point linger_due() const noexcept;
    void settle();
    void send_cork();
    std::size_t send_now(std::span<const std::string_view> pieces);
    bool send_or_lend(std::span<const std::string_view> pieces);
    outbox& ensure_outbox();
    void outbox_grew();
    void send_outbox();
    void after_write(io_result result);
    void arm_write();
    void move_deadline();
    std::uint32_t unsent() const noexcept;
    void look_at_deadlines();
    void look_at_write();
    void look_at_read();
    void look_at_linger();
    void all_received();
    void stalled();
    void shut();
    void discard_unread() noexcept;
    void destroy() noexcept;

    naru::shard& shard_;
    std::unique_ptr<naru::stream> stream_;
    std::unique_ptr<outbox> outbox_;
    std::uint64_t id_ = 0;
    time_point opened_;
    time_point read_due_ = deadline::never;
    time_point write_due_ = deadline::never;
    std::uint64_t bytes_in_ = 0;
    std::uint64_t bytes_out_ = 0;
    const char* operation_ = "";
    std::source_location operation_at_;
    time_point waits_since_;
    peer_name peer_;
    std::uint32_t slot_ = 0;
    std::uint32_t most_mib_in_ = 0; // the value of bytes_in_, in MiB, at which lingering ends
    std::uint32_t unsent_ = 0; // bytes that the kernel held for the peer at the last look; 0: no look is due
    int failure_ = 0;
    phase phase_ = phase::open;
    close_reason reason_ = close_reason::none;
    bool read_armed_ : 1 = false;
    bool write_armed_ : 1 = false;
    bool peer_ended_ : 1 = false;
    bool retired_ : 1 = false;
    bool waits_ : 1 = false;
    bool idle_ : 1 = false; // read_due_ is the end of limits::idle
};

} // namespace naru
