#include "raw_world.hpp"

#include "target.hpp"

#include <naru/base/error.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <optional>
#include <stdexcept>
#include <variant>

namespace fuzz
{

namespace
{

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using namespace std::string_view_literals;
using naru::session;
using naru::task;

using maybe_text = std::optional<std::string_view>;

/// What a script throws.
struct scripted_failure : std::runtime_error
{
    scripted_failure() : std::runtime_error("as the script says") {}
};

/// Returns from the handler.
struct scripted_return
{
};

constexpr int most_actions = 100;

// --- reading -------------------------------------------------------------------------------------

/// A read gave the end. In a group it also does when the session is closed.
void end_of_input(session& s, raw_world& world)
{
    const raw_track& track = world.track(s);
    require(world.peer(s).finished || s.draining() || track.reading_finished || world.peer(s).end.closed(),
            "a read gives the end when there is one");
}

task<> read_line(session& s, raw_world& world)
{
    const maybe_text line = co_await s.read_line();
    if (line)
        world.track(s).read_line(world.peer(s), *line);
    else
        end_of_input(s, world);
}

task<> read_some(session& s, raw_world& world)
{
    const maybe_text some = co_await s.read_some();
    if (some)
        world.track(s).read(world.peer(s), *some, "");
    else
        end_of_input(s, world);
}

task<> read_exactly(session& s, raw_world& world, std::size_t size)
{
    const maybe_text message = co_await s.read_exactly(size);
    if (message)
    {
        require(message->size() == size, "read_exactly() gives as many bytes as it was asked for");
        world.track(s).read(world.peer(s), *message, "");
    }
    else
        end_of_input(s, world);
}

task<> read_into(session& s, raw_world& world, std::size_t size)
{
    std::string room(size, '\0');
    try
    {
        const bool full = co_await s.read_into(room);
        if (full)
            world.track(s).read(world.peer(s), room, "");
        else
            end_of_input(s, world);
    }
    catch (const naru::error& e)
    {
        if (e.code() == naru::errc::unexpected_end)
            world.track(s).lose_place();
        throw;
    }
}

task<> read_until(session& s, raw_world& world, std::string_view delimiter)
{
    const maybe_text text = co_await s.read_until(delimiter);
    if (text)
        world.track(s).read(world.peer(s), *text, delimiter);
    else
        end_of_input(s, world);
}

void try_read_line(session& s, raw_world& world)
{
    if (const maybe_text line = s.try_read_line())
        world.track(s).read_line(world.peer(s), *line);
}

// --- writing -------------------------------------------------------------------------------------

task<> write(session& s, raw_world& world, std::size_t size, std::size_t parts)
{
    raw_track& track = world.track(s);
    const std::uint64_t mark = track.mark();
    const std::string all = track.letters(size);
    const std::string_view text = all;
    const std::size_t part = size / 4;
    const std::array<std::string_view, 4> pieces{text.substr(0, part), text.substr(part, part),
                                                 text.substr(2 * part, part), text.substr(3 * part)};
    try
    {
        if (parts == 1)
            co_await s.write(text);
        else if (parts == 2)
            co_await s.write(text.substr(0, part), text.substr(part));
        else
            co_await s.write(pieces);
    }
    catch (const naru::error& e)
    {
        if (e.code() == naru::errc::closed && world.peer(s).end.closed())
            track.cut();
        else if (e.code() == naru::errc::busy || e.code() == naru::errc::closed)
            track.take_back(mark);
        throw;
    }
    catch (const boost::system::system_error&) // Asio's, from a coroutine that was cancelled before
    {
        track.doubt();
        throw;
    }
}

void send(session& s, raw_world& world, std::size_t size)
{
    raw_track& track = world.track(s);
    const std::uint64_t mark = track.mark();
    const std::string text = track.letters(size);
    const std::string_view all = text;
    if (s.send(all.substr(0, size / 3), all.substr(size / 3)))
        return;
    track.take_back(mark);
}

// --- several at once -----------------------------------------------------------------------------

task<> line_or_alarm(session& s, raw_world& world)
{
    auto group = s.read_line() || world.waiting.wait();
    const std::variant<maybe_text, std::monostate> first = co_await std::move(group);
    const maybe_text* const line = std::get_if<maybe_text>(&first);
    if (line && *line)
        world.track(s).read_line(world.peer(s), **line);
}

task<> message_or_alarm(session& s, raw_world& world, std::size_t size)
{
    auto group = s.read_exactly(size) || world.waiting.wait();
    const std::variant<maybe_text, std::monostate> first = co_await std::move(group);
    const maybe_text* const message = std::get_if<maybe_text>(&first);
    if (message && *message)
        world.track(s).read(world.peer(s), **message, "");
}

task<> alarm_or_some(session& s, raw_world& world)
{
    auto group = world.waiting.wait() || s.read_some();
    const std::variant<std::monostate, maybe_text> first = co_await std::move(group);
    const maybe_text* const some = std::get_if<maybe_text>(&first);
    if (some && *some)
        world.track(s).read(world.peer(s), **some, "");
}

task<> in_group(session& s, raw_world& world, std::size_t which, std::size_t size)
{
    switch (which)
    {
    case 0:
        co_await line_or_alarm(s, world);
        break;
    case 1:
        co_await message_or_alarm(s, world, size);
        break;
    case 2:
        co_await alarm_or_some(s, world);
        break;
    case 3:
    {
        auto group = write(s, world, 64 * size, 1) || world.waiting.wait();
        co_await std::move(group);
        break;
    }
    case 4:
    {
        auto group = write(s, world, 64 * size, 3) && read_some(s, world);
        co_await std::move(group);
        break;
    }
    case 5:
    {
        auto group = read_line(s, world) && read_some(s, world); // one of them is busy
        co_await std::move(group);
        break;
    }
    case 6:
    {
        auto group = read_into(s, world, size) || world.waiting.wait();
        co_await std::move(group);
        break;
    }
    case 7:
    {
        auto group = read_until(s, world, "\n\n") || write(s, world, 64 * size, 2);
        co_await std::move(group);
        break;
    }
    case 8:
    {
        auto group = s.flush() || world.waiting.wait();
        co_await std::move(group);
        break;
    }
    case 9:
    {
        auto group = s.finish_writing() || world.waiting.wait();
        co_await std::move(group);
        break;
    }
    case 10:
    {
        auto group = world.waiting.wait() && read_some(s, world);
        co_await std::move(group);
        break;
    }
    case 11:
    {
        auto group = write(s, world, 64 * size, 1) && write(s, world, size, 1) && read_line(s, world);
        co_await std::move(group);
        break;
    }
    }
}

// --- one after the other -------------------------------------------------------------------------

task<> yield()
{
    auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
}

task<> wait_for_nothing()
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    timer.expires_after(std::chrono::steady_clock::duration::zero());
    co_await timer.async_wait(asio::use_awaitable);
}

void look(session& s, raw_world& world)
{
    const naru::session_info info = s.info();
    require(info.id == s.id() && info.bytes_in == s.bytes_in(), "info() says what the session says");
    require(s.bytes_in() <= world.peer(s).sent.size(), "a session counts no more bytes than came");
    world.track(s).ref = s.ref();
}

task<> release(session& s)
{
    co_await s.flush();
    s.release();
}

task<> act(session& s, raw_world& world, std::size_t what)
{
    script& choices = *world.choices;
    constexpr std::string_view delimiters[] = {";"sv, "\n\n"sv, "x"sv, "\0\0\0"sv};
    switch (what)
    {
    case 0:
        co_await read_line(s, world);
        break;
    case 1:
        co_await read_some(s, world);
        break;
    case 2:
        co_await read_exactly(s, world, choices.below(256));
        break;
    case 3:
        co_await read_into(s, world, choices.below(65536) / 4);
        break;
    case 4:
        co_await read_until(s, world, choices.one_of(delimiters));
        break;
    case 5:
        try_read_line(s, world);
        break;
    case 6:
        co_await write(s, world, choices.below(256), choices.below(4));
        break;
    case 7:
        co_await write(s, world, choices.below(65536), choices.below(4));
        break;
    case 8:
        send(s, world, choices.below(256));
        break;
    case 9:
        send(s, world, choices.below(65536));
        break;
    case 10:
        co_await s.flush();
        break;
    case 11:
        co_await s.finish_writing();
        break;
    case 12:
        world.track(s).reading_finished = true;
        s.finish_reading();
        break;
    case 13:
        s.cancel();
        break;
    case 14:
    {
        const naru::limits changed = choose_limits(choices);
        s.bounds(changed);
        break;
    }
    case 15:
        co_await world.waiting.wait();
        break;
    case 16:
        co_await yield();
        break;
    case 17:
        co_await wait_for_nothing();
        break;
    case 18:
        look(s, world);
        break;
    case 19:
        s.close();
        break;
    case 20:
        throw scripted_failure();
    case 21:
        throw scripted_return();
    case 22:
        co_await release(s);
        break;
    case 23:
        world.track(s).ref.send(world.track(s).letters(choices.below(256)));
        world.track(s).cut(); // it does not say whether it was accepted
        break;
    default:
    {
        const std::size_t which = choices.below(12);
        co_await in_group(s, world, which, choices.below(256) + 1);
        break;
    }
    }
}

/// Keeps the track's pointer for as long as the coroutine lives.
class runs_here
{
  public:
    runs_here(raw_track& track, session& s) : track_(track) { track.running = &s; }
    runs_here(const runs_here&) = delete;
    runs_here& operator=(const runs_here&) = delete;
    ~runs_here() { track_.running = nullptr; }

  private:
    raw_track& track_;
};

task<> read_to_the_end(session& s, raw_world& world)
{
    while (const maybe_text some = co_await s.read_some())
        world.track(s).read(world.peer(s), *some, "");
}

} // namespace

naru::task<> handle(session& s, raw_world& world)
{
    const runs_here here(world.track(s), s);
    world.track(s).ref = s.ref();
    for (int count = 0; count < most_actions && !world.choices->over(); ++count)
    {
        const std::size_t choice = world.choices->below(256);
        const bool goes_on = choice >= 128; // after an error
        try
        {
            co_await act(s, world, choice % 32);
        }
        catch (const scripted_return&)
        {
            co_return;
        }
        catch (const scripted_failure&)
        {
            throw;
        }
        catch (const std::exception&)
        {
            if (!goes_on)
                throw;
        }
    }
    co_await read_to_the_end(s, world);
}

} // namespace fuzz
