#include "server/session_core.hpp"

#include "base/event_log.hpp"
#include "server/berth.hpp"
#include "server/shard.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <limits>
#include <new>

namespace naru
{

namespace
{

// The bytes from the peer that prolong lingering: by 2 KB/s, a peer is still sending a message.
constexpr std::uint64_t linger_step = 4096;

/// `bytes` in MiB, rounded up, and one more: what an honest peer sends beside the rest of its message.
std::uint32_t in_mib_with_slack(std::uint64_t bytes) noexcept
{
    constexpr std::uint64_t fraction = (std::uint64_t{1} << 20) - 1;
    const std::uint64_t mib = (bytes >> 20) + ((bytes & fraction) != 0) + 1;
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(mib, std::numeric_limits<std::uint32_t>::max()));
}

// Blocks of unread input that a session reads away when the server stops.
constexpr int most_blocks_discarded = 16;

constexpr std::size_t pieces_at_once = 64;

// A peer's kernel has received at once what was sent, unless it was more than a new connection's window, of
// ten segments, takes.
constexpr std::size_t received_at_once = 14 * 1024;

// How often a session that lingers is looked at while its peer may take as long as it likes.
constexpr std::chrono::milliseconds unlimited_look{1000};

constexpr std::uint32_t most_unsent = std::numeric_limits<std::uint32_t>::max();

/// Until `due`, which is `whole` after the last progress, the peer's progress is looked at in steps.
time_point next_look(time_point now, time_point due, std::chrono::milliseconds whole) noexcept
{
    const auto step = whole / 8;
    return step.count() > 0 ? std::min(due, later(now, step)) : due;
}

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
      opened_(now()), waits_since_(opened_), peer_(from.peer)
{
    berth_.expect(); // last: what throws above leaves nothing to take back
}

session_core::~session_core()
{
    berth_.session_gone();
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
    guarded([this] { on_open(); });
    settle();
}

/// The library's own code failed: mostly because there is no memory.
void session_core::broken(std::exception_ptr thrown) noexcept
{
    close_reason reason = close_reason::out_of_memory;
    try
    {
        std::rethrow_exception(thrown);
    }
    catch (const std::bad_alloc&)
    {
    }
    catch (const std::exception& e)
    {
        reason = close_reason::handler_error;
        try
        {
            auto line = berth_.shared().log.line("session_error");
            line.add("id", id_).add("listener", berth_.endpoint_text()).add("peer", peer_.text());
            line.add("what", e.what());
            berth_.shared().log.write(log_level::error, line);
        }
        catch (...) // the reason remains
        {
        }
    }
    catch (...)
    {
        reason = close_reason::handler_error;
    }
    abort(reason);
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
    guarded([this] { stream_->wait_readable(); });
}

void session_core::readable()
{
    read_armed_ = false;
    shard_.look_at_clock();
    guarded([this] { read_once(false); });
}

void session_core::try_read()
{
    if (read_armed_ || phase_ == phase::closed)
        return;
    guarded([this] { read_once(true); });
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
    guarded(
        [&]
        {
            if (phase_ == phase::open)
                deal_with(got, room);
            else
                throw_away(got);
        });
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
    if (got.has_bytes())
    {
        const std::uint64_t before = bytes_in_;
        bytes_in_ += got.bytes();
        berth_.count_in(got.bytes());
        if (bytes_in_ >> 20 < most_mib_in_)
        {
            // Not for each byte: a peer that sends one now and then would keep the session for all of
            // `linger`.
            if (phase_ == phase::lingering && !draining() && before / linger_step != bytes_in_ / linger_step)
                set_read_deadline(linger_due());
            want_read();
            return;
        }
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
    guarded(
        [&]
        {
            outbox& waiting = ensure_outbox();
            for (const std::string_view piece : pieces)
                waiting.append_copy(piece);
            outbox_grew();
        });
    if (phase_ == phase::open && !write_armed_)
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
    bool all = true;
    if (phase_ == phase::open)
        guarded([&] { all = send_or_lend(pieces); });
    return all || phase_ == phase::closed;
}

bool session_core::send_or_lend(std::span<const std::string_view> pieces)
{
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
    outbox_grew();
    return false;
}

void session_core::put_large(std::string bytes)
{
    if (phase_ != phase::open)
        return;
    guarded(
        [&]
        {
            const std::string_view view(bytes);
            const std::size_t gone = has_outbox() ? 0 : send_now({&view, 1});
            if (phase_ == phase::closed || (gone == bytes.size() && !has_outbox()))
                return;
            ensure_outbox().append_owned(std::move(bytes), gone);
            arm_write();
            outbox_grew();
        });
}

void session_core::flush_cork() noexcept
{
    guarded([this] { send_cork(); });
}

void session_core::send_cork()
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
            outbox_grew();
            if (phase_ == phase::closed)
                return;
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
    turn().give_back(std::move(outbox_));
    write_due_ = deadline::never;
    if (idle_ && phase_ == phase::open)
        set_idle_deadline(now()); // what was sent has been handed over only now
}

/// Counts, and ends the session when the connection is broken.
void session_core::after_write(io_result result)
{
    if (result.has_bytes())
    {
        bytes_out_ += result.bytes();
        berth_.count_out(result.bytes());
        write_due_ = deadline::never; // there was progress; arm_write() starts it anew
        if (result.bytes() > received_at_once)
            unsent_ = static_cast<std::uint32_t>(std::min<std::size_t>(result.bytes(), most_unsent));
    }
    else if (!result.would_block() && result.error())
        abort(close_reason::peer_reset, result.error());
}

void session_core::arm_write()
{
    if (write_due_ == deadline::never && bounds_->write_stall.count() > 0)
    {
        unsent_ = unsent();
        write_due_ = later(now(), bounds_->write_stall);
        move_deadline();
    }
    if (write_armed_ || phase_ == phase::closed)
        return;
    write_armed_ = true;
    guarded([this] { stream_->wait_writable(); });
}

void session_core::writable()
{
    write_armed_ = false;
    shard_.look_at_clock();
    turn().enter(*this);
    guarded(
        [this]
        {
            send_outbox();
            if (phase_ == phase::open)
                on_sent();
            else if (phase_ == phase::flushing && !has_outbox())
                shut();
        });
    settle();
}

outbox& session_core::ensure_outbox()
{
    if (!outbox_)
    {
        outbox_ = turn().take_outbox();
        outbox_->count_in(&berth_.memory());
    }
    return *outbox_;
}

void session_core::outbox_grew()
{
    if (berth_.memory().over())
        abort(close_reason::limit_exceeded);
}

void session_core::keep_lent() noexcept
{
    if (!outbox_ || phase_ == phase::closed)
        return;
    guarded(
        [this]
        {
            outbox_->keep_lent();
            outbox_grew();
        });
}

std::size_t session_core::waiting() const noexcept
{
    return outbox_ ? outbox_->size() : 0;
}

std::uint64_t session_core::appended() const noexcept
{
    return outbox_ ? outbox_->appended() : 0;
}

bool session_core::is_sent(std::uint64_t mark) const noexcept
{
    return !has_outbox() || outbox_->sent() >= mark;
}

// --- deadlines -----------------------------------------------------------------------------------

void session_core::set_read_deadline(time_point due)
{
    read_due_ = due;
    idle_ = false;
    move_deadline();
}

void session_core::set_idle_deadline(time_point since)
{
    read_due_ = due_after(since, bounds_->idle);
    idle_ = true;
    move_deadline();
}

void session_core::move_deadline()
{
    time_point due = read_due_;
    if (idle_ && unsent_ > 0 && phase_ == phase::open)
        due = next_look(now(), due, bounds_->idle);
    if (write_due_ != deadline::never)
        due = std::min(due, next_look(now(), write_due_, bounds_->write_stall));
    shard_.set_deadline(*this, due);
}

/// A peer that reads slowly is told from one that reads nothing by what the kernel still holds for it: Linux
/// tells of room in a socket only when a third of its buffer is free, which may take minutes.
std::uint32_t session_core::unsent() const noexcept
{
    return static_cast<std::uint32_t>(std::min<std::size_t>(stream_->unsent(), most_unsent));
}

void session_core::expired()
{
    if (phase_ == phase::closed)
        return;
    turn().enter(*this);
    guarded([this] { look_at_deadlines(); });
    settle();
}

void session_core::look_at_deadlines()
{
    if (write_due_ != deadline::never)
        look_at_write();
    if (phase_ == phase::open)
        look_at_read();
    else if (phase_ == phase::lingering && read_due_ <= now())
        look_at_linger();
    if (phase_ != phase::closed)
        move_deadline();
}

/// Bytes wait for the peer, in the outbox or, of a session that lingers, in the kernel.
void session_core::look_at_write()
{
    const std::uint32_t left = unsent();
    if (left == 0 && !has_outbox())
    {
        all_received();
        return;
    }
    const std::uint64_t enough =
        std::max<std::uint64_t>(1, bytes_during(bounds_->write_stall, bounds_->write_rate));
    if (left < unsent_ && (left == 0 || unsent_ - left >= enough))
    {
        unsent_ = left;
        write_due_ = due_after(now(), bounds_->write_stall); // which the handler may have changed
    }
    else if (write_due_ <= now())
        stalled();
}

void session_core::all_received()
{
    unsent_ = 0;
    write_due_ = deadline::never;
    if (phase_ != phase::lingering)
        return;
    awaiting("linger"); // it begins now
    set_read_deadline(linger_due());
}

void session_core::stalled()
{
    write_due_ = deadline::never;
    if (phase_ == phase::open)
    {
        on_stalled();
        return;
    }
    reason_ = close_reason::write_stalled;
    destroy();
}

void session_core::look_at_read()
{
    if (idle_ && peer_receives())
        read_due_ = due_after(now(), bounds_->idle);
    if (read_due_ > now())
        return;
    read_due_ = deadline::never;
    on_read_deadline();
}

bool session_core::peer_receives() noexcept
{
    if (write_due_ != deadline::never)
        return true;
    const std::uint32_t before = std::exchange(unsent_, unsent());
    return unsent_ != before;
}

/// Everything has been handed to the kernel. As long as it has not been received, to close would lose it if
/// the peer still sends: that makes the close a reset. So from here on the write deadline holds.
void session_core::look_at_linger()
{
    unsent_ = unsent();
    if (unsent_ == 0)
    {
        destroy();
        return;
    }
    read_due_ = deadline::never;
    if (bounds_->write_stall.count() > 0)
        write_due_ = later(now(), bounds_->write_stall);
    else
        read_due_ = later(now(), std::max(bounds_->linger, unlimited_look));
}

// --- ends ----------------------------------------------------------------------------------------

void session_core::drain()
{
    if (phase_ != phase::open)
        return;
    turn().enter(*this);
    guarded([this] { on_drain(); });
    settle();
}

void session_core::finish(close_reason reason, std::uint64_t rest)
{
    if (phase_ != phase::open)
        return;
    if (turn().owns_cork(*this))
        flush_cork();
    if (phase_ == phase::closed)
        return; // for a reason of its own: not all has been sent
    reason_ = reason;
    phase_ = phase::flushing;
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    most_mib_in_ = in_mib_with_slack(bytes_in_ + std::min(rest, most - bytes_in_));
    awaiting("flush");
    if (!has_outbox())
        shut();
    else
    {
        read_due_ = deadline::never;
        arm_write();
        if (!peer_ended_)
            want_read(); // a peer that reads only when it has sent everything takes nothing until then
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
    awaiting("linger");
    set_read_deadline(linger_due());
    want_read();
}

/// Lingering began at `waits_since_`.
time_point session_core::linger_due() const noexcept
{
    const time_point last = later(waits_since_, bounds_->linger);
    const std::chrono::milliseconds idle = bounds_->linger_idle;
    return idle.count() > 0 ? std::min(last, later(now(), idle)) : last;
}

void session_core::stop()
{
    if (phase_ == phase::closed)
        return;
    turn().enter(*this);
    if (phase_ == phase::open)
        guarded([this] { on_stop(); });
    if (phase_ == phase::lingering)
        discard_unread();
    abort(close_reason::shutdown);
    settle();
}

/// So that the close does not reset the connection, as far as that can be had without waiting.
void session_core::discard_unread() noexcept
{
    for (int blocks = 0; blocks < most_blocks_discarded; ++blocks)
    {
        const io_result got = stream_->try_read(turn().block().room());
        if (!got.has_bytes())
            return;
        bytes_in_ += got.bytes();
        berth_.count_in(got.bytes());
    }
}

void session_core::abort(close_reason reason, int error) noexcept
{
    if (phase_ == phase::closed)
        return;
    if (reason_ == close_reason::none || (phase_ == phase::flushing && has_outbox()))
        reason_ = reason;
    if (error)
        failure_ = error;
    destroy();
}

void session_core::destroy() noexcept
{
    phase_ = phase::closed;
    if (turn().owns_cork(*this))
        turn().release_cork();
    static_cast<read_hook&>(*this).unlink();
    shard_.clear_deadline(*this);
    turn().give_back(std::move(outbox_));
    stream_->close();
    try
    {
        berth_.session_closed(*this, reason_);
    }
    catch (...) // counted, but there is no memory for its line in the log
    {
    }
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
    guarded(
        [this]
        {
            on_attention();
            const std::uint64_t gone_before = bytes_out_;
            if (turn().owns_cork(*this))
                flush_cork();
            if (phase_ != phase::closed && has_outbox() && !write_armed_)
                send_outbox();
            if (phase_ == phase::open && bytes_out_ != gone_before)
                on_sent();
        });
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
    const time_point at = now();
    out.age = std::chrono::duration_cast<std::chrono::milliseconds>(at - opened_);
    out.bytes_in = bytes_in_;
    out.bytes_out = bytes_out_;
    out.bytes_waiting = waiting();
    if (waits_)
    {
        out.awaits.operation = operation_;
        out.awaits.file = operation_at_.file_name();
        out.awaits.line = operation_at_.line();
        out.awaits.since = std::chrono::duration_cast<std::chrono::milliseconds>(at - waits_since_);
    }
    return out;
}

} // namespace naru
