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
    void flush_cork();
    /// The server drains: end when nothing is under way.
    void drain();
    /// Ends now. Nothing that waits to be sent is sent. The first reason counts.
    void abort(close_reason reason, int error = 0);

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
    /// The session is closed. True when it can be destroyed; false when a coroutine still has to end, after
    /// which retire() is called.
    virtual bool on_closed() = 0;
    /// Something that a protocol asked for with want_attention().
    virtual void on_attention() {}

    // What a protocol works with.

    void want_read();
    /// Ends in order: what was written is sent, the peer sees the end, and is given time to read it.
    void finish(close_reason reason);
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

    void keep_lent()
    {
        if (outbox_)
            outbox_->keep_lent();
    }
    bool has_outbox() const noexcept { return outbox_ && !outbox_->empty(); }
    std::size_t waiting() const noexcept;
    std::uint64_t appended() const noexcept;
    std::uint64_t sent() const noexcept;

    void set_read_deadline(time_point due);
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
    time_point now() const noexcept;
    phase at() const noexcept { return phase_; }
    bool peer_ended() const noexcept { return peer_ended_; }
    close_reason reason() const noexcept { return reason_; }
    int failure() const noexcept { return failure_; }

    berth& berth_;
    const limits* bounds_;

  private:
    void read_once(bool by_the_turn);
    void deal_with(io_result got, std::span<char> room);
    void throw_away(io_result got) noexcept;
    void settle();
    std::size_t send_now(std::span<const std::string_view> pieces);
    outbox& ensure_outbox();
    void send_outbox();
    void after_write(io_result result);
    void arm_write();
    void move_deadline();
    void shut();
    void destroy();

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
    std::uint32_t linger_left_ = 0;
    int failure_ = 0;
    phase phase_ = phase::open;
    close_reason reason_ = close_reason::none;
    bool read_armed_ : 1 = false;
    bool write_armed_ : 1 = false;
    bool peer_ended_ : 1 = false;
    bool retired_ : 1 = false;
    bool waits_ : 1 = false;
};

} // namespace naru
