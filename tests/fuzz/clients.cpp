#include "clients.hpp"

#include "target.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <numeric>

namespace fuzz
{

namespace
{

using namespace std::chrono_literals;

constexpr std::size_t most_clients = 4;
constexpr int most_steps = 400;
constexpr std::size_t most_sent = 70'000; // more than a block; a script may let it be read a byte at a time

constexpr naru::duration times[] = {1ms, 16ms, 40ms, 250ms, 1s, 3s, 9s, 31s, 80s, 601s};
constexpr std::size_t rooms[] = {64 * 1024, 0, 1, 30, 500, 9000, 1024 * 1024};
constexpr std::size_t pieces[] = {0, 1, 2, 7, 100, 5000};

} // namespace

clients::clients(naru::testing::loopback& server, script& steps, std::span<const std::string_view> words,
                 hooks seen)
    : server_(server), steps_(steps), words_(words), seen_(std::move(seen))
{
}

bool clients::undisturbed() const
{
    return !stopped_ &&
           std::none_of(all_.begin(), all_.end(), [](const client& each) { return each.broken; });
}

void clients::play()
{
    connect();
    run();
    for (int count = 0; count < most_steps && !steps_.over(); ++count)
    {
        const std::size_t choice = steps_.below(256);
        step(choice % 16);
        if (choice < 128) // else the next step happens in the same run
            run();
    }
    run();
}

void clients::run()
{
    server_.run();
    check();
}

void clients::connect()
{
    if (all_.size() < most_clients)
        all_.push_back({server_.connect(), {}});
    current_ = all_.size() - 1;
}

void clients::send(std::string bytes)
{
    client& by = all_[current_];
    if (by.finished || by.sent.size() + bytes.size() > most_sent)
        return;
    by.end.send(bytes);
    by.sent += bytes;
}

void clients::send_slowly(std::string_view bytes)
{
    for (const char each : bytes)
    {
        send(std::string(1, each));
        server_.run();
    }
}

void clients::step(std::size_t what)
{
    client& by = all_[current_];
    switch (what)
    {
    case 0:
        send(std::string(steps_.text()));
        break;
    case 1:
        send_slowly(steps_.text());
        break;
    case 2:
        send_slowly(steps_.one_of(words_));
        break;
    case 3:
        send(std::string(steps_.one_of(words_)));
        break;
    case 4:
        take(current_, std::string::npos);
        break;
    case 5:
        take(current_, steps_.below(256));
        break;
    case 6:
        server_.advance(steps_.one_of(times));
        break;
    case 7:
        by.end.finish();
        by.finished = true;
        break;
    case 8:
        by.end.reset();
        by.finished = by.broken = true;
        break;
    case 9:
        by.end.script().room = steps_.one_of(rooms);
        by.end.deliver();
        break;
    case 10:
        make_fail(by);
        break;
    case 11:
        change_script(by);
        break;
    case 12:
        if (steps_.below(2) == 0)
            connect();
        else
            current_ = steps_.below(all_.size());
        break;
    case 13:
        draining_ = true;
        if (steps_.below(4) == 3)
        {
            server_.stop();
            stopped_ = true;
        }
        else
            server_.drain();
        break;
    case 14:
        seen_.outside(current_);
        break;
    case 15:
        send(std::string(steps_.below(65536), 'x'));
        break;
    }
}

void clients::make_fail(client& of)
{
    naru::testing::stream_script& script = of.end.script();
    const naru::testing::stream_calls& calls = of.end.calls();
    const std::size_t choice = steps_.below(64);
    const std::uint64_t in = choice / 4 + 1;
    of.broken = true;
    switch (choice % 4)
    {
    case 0:
    case 1:
        script.failing_read = calls.reads + in;
        script.read_error = choice % 4 == 0 ? ECONNRESET : EAGAIN;
        break;
    default:
        script.failing_write = calls.writes + in;
        script.write_error = choice % 4 == 2 ? EPIPE : EAGAIN;
        break;
    }
}

void clients::change_script(client& of)
{
    naru::testing::stream_script& script = of.end.script();
    switch (steps_.below(5))
    {
    case 0:
        script.read_at_most = steps_.one_of(pieces);
        break;
    case 1:
        script.write_at_most = steps_.one_of(pieces);
        break;
    case 2:
        script.room_to_tell = steps_.one_of(rooms);
        break;
    case 3:
        script.window = steps_.one_of(rooms);
        break;
    case 4:
        script.delay = steps_.one_of(times);
        break;
    }
}

void clients::take(std::size_t index, std::size_t at_most)
{
    client& by = all_[index];
    const std::string bytes = by.end.take(at_most);
    by.received += bytes.size();
    seen_.received(index, bytes);
}

void clients::take_all()
{
    for (std::size_t i = 0; i < all_.size(); ++i)
        take(i, std::string::npos);
}

/// Between two runs of the loop.
void clients::check()
{
    const naru::server_figures all = server_.figures();
    const std::uint64_t closed = std::accumulate(all.closed.begin(), all.closed.end(), std::uint64_t{0});
    require(all.closed[static_cast<std::size_t>(naru::close_reason::none)] == 0, "every end has a reason");
    require(all.opened == all.open + closed, "each session is open, or has ended once");
    require(all.opened == all_.size() || (stopped_ && all.opened < all_.size()),
            "each client has a session, unless the server has stopped");

    const naru::listener_figures traffic = server_.traffic();
    std::uint64_t sent = 0;
    std::uint64_t written = 0;
    std::uint64_t gone = 0;
    for (const client& each : all_)
    {
        sent += each.sent.size();
        written += each.received + each.end.untaken();
        gone += each.end.closed();
    }
    require(gone == closed + (all_.size() - all.opened), "a stream is closed when its session has ended");
    require(traffic.open == all.open, "the listener counts as many open sessions as the server");
    require(traffic.bytes_in <= sent, "no more bytes came in than were sent");
    require(traffic.bytes_out == written, "as many bytes went out as the clients have");
    require(server_.sessions().size() >= all.open, "every open session is shown");
}

void clients::end_in_order()
{
    for (client& each : all_)
    {
        naru::testing::stream_script& script = each.end.script();
        script.room = SIZE_MAX;
        script.window = SIZE_MAX;
        script.room_to_tell = 1;
        script.delay = {};
        script.read_at_most = script.write_at_most = 0;
    }
    for (int round = 0; round < 400 && !server_.sessions().empty(); ++round)
    {
        take_all();
        server_.run();
        for (client& each : all_)
        {
            each.end.finish();
            each.finished = true;
        }
        seen_.ring_all();
        server_.advance(round % 16 == 15 ? naru::duration(700s) : naru::duration(20ms));
        check();
    }
    require(server_.sessions().empty(), "a session ends when its client has finished and taken everything");
    server_.advance(700s); // what is on its way
    take_all();
    check();
    // To within what a shard does not publish.
    require(server_.traffic().memory <= 16 * 1024, "sessions that have ended hold no memory");
}

void clients::end_by_stop()
{
    stopped_ = draining_ = true;
    server_.stop();
    server_.run();
    for (int round = 0; round < 400 && !server_.sessions().empty(); ++round)
    {
        require(server_.figures().open == 0, "nothing is open after stop()");
        seen_.ring_all();
        server_.run();
    }
    require(server_.sessions().empty(), "a session that was stopped ends when what its handler awaits does");
    check();
    require(server_.traffic().memory <= 16 * 1024, "sessions that were stopped hold no memory");
}

} // namespace fuzz
