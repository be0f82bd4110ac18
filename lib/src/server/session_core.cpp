#include "server/session_core.hpp"

#include "base/event_log.hpp"
#include "server/berth.hpp"
#include "server/shard.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace naru
{

namespace
{

// What a lingering session takes in before it stops being polite.
constexpr std::uint32_t most_to_throw_away = 256 * 1024;

constexpr std::size_t pieces_at_once = 64;

std::size_t total(std::span<const std::string_view> pieces) noexcept
{
    std::size_t sum = 0;
    for (const std::string_view piece : pieces)
        sum += piece.size();
    return sum;
}

} // namespace

session_core::session_core(arrival from)
    : berth_(from.at), bounds_(&from.bounds), shard_(from.at.on()), stream_(std::move(from.stream)),
      opened_(shard_.now()), waits_since_(opened_), peer_(from.peer)
{
}

session_core::~session_core()
{
    berth_.session_gone();
}

turn& session_core::turn() const noexcept
{
    return shard_.turn();
}

time_point session_core::now() const noexcept
{
    return shard_.now();
}

bool session_core::draining() const noexcept
{
    return shard_.draining();
}

std::chrono::milliseconds session_core::age() const noexcept
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(now() - opened_);
}

// --- bytes in ------------------------------------------------------------------------------------

void session_core::open(std::uint64_t id, std::uint32_t slot)
{
    id_ = id;
    slot_ = slot;
    stream_->attach(*this);
    turn().enter(*this);
    on_open();
    settle();
}

void session_core::want_read()
{
    if (!read_armed_ && phase_ != phase::closed)
        turn().want_read(*this);
}

void session_core::arm_read()
{
    if (read_armed_ || phase_ == phase::closed)
        return;
    read_armed_ = true;
    stream_->wait_readable();
}

void session_core::readable()
{
    read_armed_ = false;
    shard_.look_at_clock();
    read_once(false);
}

void session_core::try_read()
{
    if (read_armed_ || phase_ == phase::closed)
        return;
    read_once(true);
}

/// `by_the_turn`: nobody has said that there are bytes.
void session_core::read_once(bool by_the_turn)
{
    if (phase_ == phase::open && !wants_bytes())
        return;
    const std::span<char> room = turn().block().room();
    const io_result got = stream_->try_read(room);
    if (by_the_turn)
        turn().tried(!got.would_block());
    if (got.would_block())
    {
        arm_read();
        return;
    }
    turn().enter(*this);
    if (phase_ == phase::open)
        deal_with(got, room);
    else
        throw_away(got);
    settle();
}

void session_core::deal_with(io_result got, std::span<char> room)
{
    if (got.has_bytes())
    {
        bytes_in_ += got.bytes();
        berth_.count_in(got.bytes());
        on_bytes(room.first(got.bytes()));
    }
    else if (got.at_end())
    {
        peer_ended_ = true;
        on_end();
    }
    else
        abort(close_reason::peer_reset, got.error());
}

void session_core::throw_away(io_result got) noexcept
{
    if (got.has_bytes() && got.bytes() < linger_left_)
    {
        linger_left_ -= static_cast<std::uint32_t>(got.bytes());
        want_read();
        return;
    }
    if (got.at_end())
        peer_ended_ = true;
    if (phase_ == phase::lingering || got.error())
        destroy();
}

/// The end of this session's part of the turn.
void session_core::settle()
{
    if (turn().owns_cork(*this))
        flush_cork();
    turn().leave();
}

// --- bytes out -----------------------------------------------------------------------------------

void session_core::put(std::span<const std::string_view> pieces, std::size_t size)
{
    if (char* to = place(size))
    {
        for (const std::string_view piece : pieces)
            to = std::copy(piece.begin(), piece.end(), to);
        turn().corked().grow(size);
        return;
    }
    if (turn().owns_cork(*this))
        flush_cork(); // what is corked goes first
    if (phase_ != phase::open)
        return;
    outbox& waiting = ensure_outbox();
    for (const std::string_view piece : pieces)
        waiting.append_copy(piece);
    if (!write_armed_)
        turn().want_attention(*this);
}

char* session_core::place(std::size_t size)
{
    if (phase_ != phase::open || has_outbox() || size > cork::capacity)
        return nullptr;
    cork* block = turn().cork_for(*this);
    if (!block)
        return nullptr;
    if (block->room() < size)
    {
        flush_cork();
        if (phase_ != phase::open || has_outbox())
            return nullptr;
        block = turn().cork_for(*this);
    }
    return block ? block->tail() : nullptr;
}

std::size_t session_core::send_now(std::span<const std::string_view> pieces)
{
    std::array<std::string_view, pieces_at_once> parts;
    std::size_t count = 0;
    if (turn().owns_cork(*this))
        parts[count++] = turn().corked().bytes();
    const std::size_t corked = count ? parts[0].size() : 0;
    for (const std::string_view piece : pieces.first(std::min(pieces.size(), parts.size() - count)))
        parts[count++] = piece;

    const io_result result = stream_->try_write(std::span(parts).first(count));
    after_write(result);
    if (phase_ == phase::closed)
        return 0;
    if (result.bytes() < corked)
        ensure_outbox().append_copy(parts[0].substr(result.bytes()));
    if (turn().owns_cork(*this))
        turn().release_cork();
    return result.bytes() < corked ? 0 : result.bytes() - corked;
}

bool session_core::put_large(std::span<const std::string_view> pieces)
{
    if (phase_ != phase::open)
        return true;
    const std::size_t size = total(pieces);
    std::size_t gone = has_outbox() ? 0 : send_now(pieces);
    if (phase_ == phase::closed || (gone == size && !has_outbox()))
        return true;
    for (const std::string_view piece : pieces)
    {
        const std::size_t skip = std::min(gone, piece.size());
        gone -= skip;
        ensure_outbox().append_lent(piece.substr(skip));
    }
    arm_write();
    return false;
}

void session_core::put_large(std::string bytes)
{
    if (phase_ != phase::open)
        return;
    const std::string_view view(bytes);
    const std::size_t gone = has_outbox() ? 0 : send_now({&view, 1});
    if (phase_ == phase::closed || (gone == bytes.size() && !has_outbox()))
        return;
    ensure_outbox().append_owned(std::move(bytes), gone);
    arm_write();
}

void session_core::flush_cork()
{
    const std::string_view bytes = turn().corked().bytes();
    if (!bytes.empty() && phase_ != phase::closed)
    {
        const io_result result = stream_->try_write({&bytes, 1});
        after_write(result);
        if (phase_ == phase::closed)
            return; // abort() has given the cork back
        if (result.bytes() < bytes.size())
        {
            ensure_outbox().append_copy(bytes.substr(result.bytes()));
            arm_write();
        }
    }
    turn().release_cork();
}

void session_core::send_outbox()
{
    std::array<std::string_view, pieces_at_once> parts;
    while (has_outbox())
    {
        const std::size_t count = outbox_->gather(parts);
        const io_result result = stream_->try_write(std::span(parts).first(count));
        after_write(result);
        if (phase_ == phase::closed)
            return;
        if (result.would_block())
        {
            arm_write();
            return;
        }
        outbox_->consume(result.bytes());
    }
    write_due_ = deadline::never;
}

/// Counts, and ends the session when the connection is broken.
void session_core::after_write(io_result result)
{
    if (result.has_bytes())
    {
        bytes_out_ += result.bytes();
        berth_.count_out(result.bytes());
        write_due_ = deadline::never; // there was progress; arm_write() starts it anew
    }
    else if (!result.would_block() && result.error())
        abort(close_reason::peer_reset, result.error());
}

void session_core::arm_write()
{
    if (write_due_ == deadline::never && bounds_->write_stall.count() > 0)
    {
        write_due_ = now() + bounds_->write_stall;
        move_deadline();
    }
    if (write_armed_ || phase_ == phase::closed)
        return;
    write_armed_ = true;
    stream_->wait_writable();
}

void session_core::writable()
{
    write_armed_ = false;
    shard_.look_at_clock();
    turn().enter(*this);
    send_outbox();
    if (phase_ == phase::open)
        on_sent();
    else if (phase_ == phase::flushing && !has_outbox())
        shut();
    settle();
}

outbox& session_core::ensure_outbox()
{
    if (!outbox_)
        outbox_ = std::make_unique<outbox>();
    return *outbox_;
}

std::size_t session_core::waiting() const noexcept
{
    return outbox_ ? outbox_->size() : 0;
}

std::uint64_t session_core::appended() const noexcept
{
    return outbox_ ? outbox_->appended() : 0;
}

std::uint64_t session_core::sent() const noexcept
{
    return outbox_ ? outbox_->sent() : 0;
}

// --- deadlines -----------------------------------------------------------------------------------

void session_core::set_read_deadline(time_point due)
{
    read_due_ = due;
    move_deadline();
}

void session_core::move_deadline()
{
    shard_.set_deadline(*this, std::min(read_due_, write_due_));
}

void session_core::expired()
{
    if (phase_ == phase::closed)
        return;
    turn().enter(*this);
    if (write_due_ <= now())
    {
        write_due_ = deadline::never;
        if (phase_ == phase::open)
            on_stalled();
        else
        {
            reason_ = close_reason::write_stalled;
            destroy();
        }
    }
    else if (read_due_ <= now())
    {
        read_due_ = deadline::never;
        if (phase_ == phase::open)
            on_read_deadline();
        else
            destroy();
    }
    if (phase_ != phase::closed)
        move_deadline();
    settle();
}

// --- ends ----------------------------------------------------------------------------------------

void session_core::drain()
{
    if (phase_ != phase::open)
        return;
    turn().enter(*this);
    on_drain();
    settle();
}

void session_core::finish(close_reason reason)
{
    if (phase_ != phase::open)
        return;
    reason_ = reason;
    if (turn().owns_cork(*this))
        flush_cork();
    if (phase_ == phase::closed)
        return;
    phase_ = phase::flushing;
    awaiting("flush");
    if (!has_outbox())
        shut();
    else
    {
        read_due_ = deadline::never;
        arm_write();
    }
}

/// Everything has been handed to the kernel. To close now would reset the connection if the peer has sent
/// what we have not read, and the reset would take our last bytes with it (RFC 9112, 9.6). So finish first,
/// and read on.
void session_core::shut()
{
    if (peer_ended_)
    {
        destroy();
        return;
    }
    stream_->shutdown_write();
    phase_ = phase::lingering;
    linger_left_ = most_to_throw_away;
    awaiting("linger");
    set_read_deadline(now() + bounds_->linger);
    want_read();
}

void session_core::abort(close_reason reason, int error)
{
    if (phase_ == phase::closed)
        return;
    if (reason_ == close_reason::none)
        reason_ = reason;
    if (error)
        failure_ = error;
    destroy();
}

void session_core::destroy()
{
    phase_ = phase::closed;
    if (turn().owns_cork(*this))
        turn().release_cork();
    static_cast<read_hook&>(*this).unlink();
    shard_.clear_deadline(*this);
    stream_->close();
    berth_.session_closed(*this, reason_);
    if (on_closed())
        retire();
}

void session_core::retire()
{
    if (retired_)
        return;
    retired_ = true;
    turn().want_attention(*this);
}

void session_core::attend()
{
    if (retired_)
    {
        shard_.forget(*this); // destroys it
        return;
    }
    turn().enter(*this);
    on_attention();
    const std::uint64_t gone_before = bytes_out_;
    if (turn().owns_cork(*this))
        flush_cork();
    if (phase_ != phase::closed && has_outbox() && !write_armed_)
        send_outbox();
    if (phase_ == phase::open && bytes_out_ != gone_before)
        on_sent();
    settle();
}

// --- what is known -------------------------------------------------------------------------------

session_info session_core::info() const
{
    session_info out;
    out.id = id_;
    out.protocol = berth_.protocol_name();
    out.listener = berth_.endpoint_text();
    out.peer = peer_.text();
    out.descriptor = stream_->descriptor();
    out.shard = shard_.index();
    out.age = age();
    out.bytes_in = bytes_in_;
    out.bytes_out = bytes_out_;
    out.bytes_waiting = waiting();
    if (waits_)
    {
        out.awaits.operation = operation_;
        out.awaits.file = operation_at_.file_name();
        out.awaits.line = operation_at_.line();
        out.awaits.since = std::chrono::duration_cast<std::chrono::milliseconds>(now() - waits_since_);
    }
    return out;
}

} // namespace naru
