#include <naru/testing/memory_stream.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <deque>
#include <utility>

namespace naru::testing
{

namespace
{

/// One direction: what is under way, and what has arrived and waits to be read.
class channel
{
  public:
    struct end
    {
        int error = 0; ///< 0: an end in order
    };

    void put(std::string bytes, time_point arrives)
    {
        if (ended_)
            return;
        on_way_ += bytes.size();
        put(parcel{std::move(bytes), {}, arrives});
    }
    /// After the end in order there may still be a break.
    void put(end how, time_point arrives)
    {
        if (ended_ && how.error == 0)
            return;
        ended_ = true;
        put(parcel{{}, how, arrives});
    }

    /// Nothing more comes after what has been put.
    bool is_ended() const noexcept { return ended_; }

    void arrive(time_point now)
    {
        while (!parcels_.empty() && parcels_.front().arrives <= now)
        {
            const parcel& first = parcels_.front();
            waiting_.append(first.bytes);
            on_way_ -= first.bytes.size();
            if (first.how)
                end_ = first.how;
            parcels_.pop_front();
        }
    }

    std::optional<time_point> next() const noexcept
    {
        return parcels_.empty() ? std::nullopt : std::optional(parcels_.front().arrives);
    }

    std::string take(std::size_t at_most)
    {
        std::string out = waiting_.substr(taken_, at_most);
        taken_ += out.size();
        if (taken_ > waiting_.size() / 2) // not with every byte
        {
            waiting_.erase(0, taken_);
            taken_ = 0;
        }
        return out;
    }

    std::size_t waiting() const noexcept { return waiting_.size() - taken_; }
    std::size_t unread() const noexcept { return waiting() + on_way_; }
    /// The end that has arrived, if one has.
    const std::optional<end>& at_end() const noexcept { return end_; }

  private:
    struct parcel
    {
        std::string bytes;
        std::optional<end> how;
        time_point arrives;
    };

    void put(parcel next)
    {
        if (!parcels_.empty()) // nothing overtakes
            next.arrives = std::max(next.arrives, parcels_.back().arrives);
        parcels_.push_back(std::move(next));
    }

    std::deque<parcel> parcels_;
    std::string waiting_;
    std::size_t taken_ = 0; // of waiting_
    std::size_t on_way_ = 0;
    bool ended_ = false;
    std::optional<end> end_;
};

/// Where one wait of the session stands.
enum class wait_state
{
    none,
    asked,
    posted,
};

} // namespace

/// What both ends share.
class memory_wire
{
  public:
    memory_wire(boost::asio::io_context& on, const clock& by, const stream_script& as)
        : script(as), loop(on), time(by)
    {
    }

    /// What is due arrives, and who waits for it is told, through the event loop. Static, so that what is
    /// posted shares the wire.
    static void look(const std::shared_ptr<memory_wire>& wire)
    {
        wire->arrive();
        if (wire->read_wait == wait_state::asked && wire->readable())
        {
            wire->read_wait = wait_state::posted;
            boost::asio::post(wire->loop, [wire] { wire->tell(wire->read_wait, &stream_events::readable); });
        }
        if (wire->write_wait == wait_state::asked && wire->writable())
        {
            wire->write_wait = wait_state::posted;
            boost::asio::post(wire->loop, [wire] { wire->tell(wire->write_wait, &stream_events::writable); });
        }
    }

    void arrive()
    {
        if (!to_session.next() && !to_test.next())
            return; // and perhaps the clock has gone, with the session
        const time_point now = time.now();
        to_session.arrive(now);
        to_test.arrive(now);
    }

    time_point arrival() const noexcept { return time.now() + script.delay; }
    std::size_t room() const noexcept { return script.room - std::min(script.room, to_test.unread()); }

    /// What a broken connection fails with; 0 when it is whole.
    int broken() const noexcept { return to_session.at_end() ? to_session.at_end()->error : 0; }
    bool readable() const noexcept { return to_session.waiting() > 0 || to_session.at_end(); }
    bool writable() const noexcept
    {
        const std::size_t least = std::max<std::size_t>(1, std::min(script.room_to_tell, script.room));
        return room() >= least || broken() || to_test.is_ended();
    }
    std::size_t unsent() const noexcept
    {
        return to_test.unread() - std::min(to_test.waiting(), script.window);
    }

    void close() noexcept
    {
        if (std::exchange(closed, true))
            return;
        events = nullptr;
        was_reset = to_session.unread() > 0;
        to_session = {};
        to_test.put(channel::end{}, arrival());
        arrive();
    }

    void tell(wait_state& wait, void (stream_events::*what)())
    {
        wait = wait_state::none;
        if (events)
            (events->*what)();
    }

    stream_script script;
    stream_calls calls;
    channel to_session;
    channel to_test;
    boost::asio::io_context& loop;
    const clock& time;
    stream_events* events = nullptr; // null once the session has closed
    wait_state read_wait = wait_state::none;
    wait_state write_wait = wait_state::none;
    bool closed = false;
    bool was_reset = false;
};

namespace
{

class memory_stream final : public stream
{
  public:
    explicit memory_stream(std::shared_ptr<memory_wire> wire) noexcept : wire_(std::move(wire)) {}
    ~memory_stream() override { close(); }

    void attach(stream_events& events) noexcept override { wire_->events = &events; }

    io_result try_read(std::span<char> room) noexcept override
    {
        memory_wire& wire = *wire_;
        wire.arrive();
        if (++wire.calls.reads == wire.script.failing_read)
            return io_result::failed(wire.script.read_error);
        const std::size_t bound = wire.script.read_at_most ? wire.script.read_at_most : room.size();
        const std::string got = wire.to_session.take(std::min(bound, room.size()));
        if (!got.empty())
        {
            std::copy(got.begin(), got.end(), room.begin());
            return io_result::moved(got.size());
        }
        if (const int error = wire.broken())
            return io_result::failed(error);
        if (wire.to_session.at_end())
            return io_result::end();
        ++wire.calls.reads_blocked;
        return io_result::blocked();
    }

    io_result try_write(std::span<const std::string_view> pieces) noexcept override
    {
        memory_wire& wire = *wire_;
        wire.arrive();
        if (++wire.calls.writes == wire.script.failing_write)
            return io_result::failed(wire.script.write_error);
        if (const int error = wire.broken())
            return io_result::failed(error);
        if (wire.to_test.is_ended())
            return io_result::failed(EPIPE);
        std::size_t asked = 0;
        for (const std::string_view piece : pieces)
            asked += piece.size();
        std::size_t taken = std::min(asked, wire.room());
        if (wire.script.write_at_most)
            taken = std::min(taken, wire.script.write_at_most);
        if (taken == 0 && asked > 0)
        {
            ++wire.calls.writes_blocked;
            return io_result::blocked();
        }
        std::string bytes;
        for (const std::string_view piece : pieces)
            bytes.append(piece.substr(0, taken - bytes.size()));
        wire.to_test.put(std::move(bytes), wire.arrival());
        return io_result::moved(taken);
    }

    std::size_t unsent() const noexcept override
    {
        wire_->arrive();
        return wire_->unsent();
    }

    void wait_readable() override
    {
        ++wire_->calls.read_waits;
        wire_->read_wait = wait_state::asked;
        memory_wire::look(wire_);
    }

    void wait_writable() override
    {
        ++wire_->calls.write_waits;
        wire_->write_wait = wait_state::asked;
        memory_wire::look(wire_);
    }

    void shutdown_write() noexcept override { wire_->to_test.put(channel::end{}, wire_->arrival()); }

    void close() noexcept override { wire_->close(); }
    int descriptor() const noexcept override { return -1; }

    int release() noexcept override
    {
        close();
        return -1;
    }

  private:
    std::shared_ptr<memory_wire> wire_;
};

} // namespace

void memory_peer::send(std::string_view bytes)
{
    if (bytes.empty())
        return;
    if (wire_->closed)
    {
        wire_->was_reset = true;
        return;
    }
    wire_->to_session.put(std::string(bytes), wire_->arrival());
    memory_wire::look(wire_);
}

void memory_peer::finish()
{
    if (wire_->closed)
        return;
    wire_->to_session.put(channel::end{}, wire_->arrival());
    deliver();
}

void memory_peer::reset(int error)
{
    if (wire_->closed)
        return;
    wire_->to_session.put(channel::end{error}, wire_->arrival());
    deliver();
}

std::string memory_peer::take(std::size_t at_most)
{
    wire_->arrive();
    std::string out = wire_->to_test.take(at_most);
    deliver();
    return out;
}

std::size_t memory_peer::untaken() const noexcept
{
    return wire_->to_test.unread();
}

bool memory_peer::ended() const noexcept
{
    wire_->arrive();
    return wire_->to_test.at_end().has_value();
}

bool memory_peer::closed() const noexcept
{
    return wire_->closed;
}

bool memory_peer::was_reset() const noexcept
{
    return wire_->was_reset;
}

stream_script& memory_peer::script() noexcept
{
    return wire_->script;
}

const stream_calls& memory_peer::calls() const noexcept
{
    return wire_->calls;
}

void memory_peer::deliver()
{
    if (!wire_->closed) // the event loop may have gone
        memory_wire::look(wire_);
}

std::optional<time_point> memory_peer::next_arrival() const noexcept
{
    const auto there = wire_->closed ? std::nullopt : wire_->to_session.next();
    const auto back = wire_->to_test.next();
    if (!there || !back)
        return there ? there : back;
    return std::min(*there, *back);
}

memory_pair make_memory_pair(boost::asio::io_context& loop, const clock& time, const stream_script& script)
{
    auto wire = std::make_shared<memory_wire>(loop, time, script);
    return {std::make_unique<memory_stream>(wire), memory_peer(wire)};
}

} // namespace naru::testing
