#include "raw_world.hpp"

#include "target.hpp"

#include <chrono>

namespace fuzz
{

using namespace std::chrono_literals;

std::string raw_track::run_of(char first, std::uint64_t period, std::uint64_t& at, std::size_t size)
{
    std::string out(size, '\0');
    for (char& c : out)
        c = static_cast<char>(first + at++ % period);
    return out;
}

void raw_track::follow(char first, std::uint64_t period, std::uint64_t& at, char c)
{
    require(c == static_cast<char>(first + at % period),
            "nothing written is lost, repeated, changed or out of order");
    ++at;
}

void raw_track::received(std::string_view bytes)
{
    if (doubted_)
        return;
    for (const char c : bytes)
        if (c >= 'a')
            follow('a', 26, written_seen_, c);
        else if (c >= 'A')
            follow('A', 26, sent_seen_, c);
        else
            follow('0', 10, posted_seen_, c);
    require(written_seen_ <= written_ && sent_seen_ <= sent_ && posted_seen_ <= posted_,
            "nothing is received that was not written");
}

void raw_track::require_all_received() const
{
    require(doubted_ || cut_ || written_seen_ == written_,
            "what a handler wrote arrives when its session ends in order");
}

void raw_track::read(const clients::client& by, std::string_view text, std::string_view end)
{
    if (!placed_)
        return;
    const std::string_view left = std::string_view(by.sent).substr(place_);
    require(left.starts_with(text) && left.substr(text.size()).starts_with(end),
            "a read gives the next bytes that the client sent");
    place_ += text.size() + end.size();
}

void raw_track::read_line(const clients::client& by, std::string_view text)
{
    if (!placed_)
        return;
    const std::string_view left = std::string_view(by.sent).substr(place_);
    require(text.find('\n') == std::string_view::npos, "a line has no end of line in it");
    const std::string_view after = left.substr(std::min(left.size(), text.size()));
    read(by, text, after.starts_with("\r\n") ? "\r\n" : after.starts_with("\n") ? "\n" : "");
}

naru::limits choose_limits(script& by)
{
    constexpr std::chrono::milliseconds longest = std::chrono::milliseconds::max();
    constexpr std::size_t lines[] = {16 * 1024, 0, 1, 8, 100, SIZE_MAX};
    constexpr std::size_t messages[] = {1024 * 1024, 0, 10, 5000, SIZE_MAX};
    constexpr std::size_t highs[] = {64 * 1024, 0, 1, 100, 10'000, SIZE_MAX};
    constexpr std::size_t fulls[] = {1024 * 1024, 0, 1, 1000, 70'000, SIZE_MAX};
    constexpr std::size_t rates[] = {240, 0, 1, 100'000, SIZE_MAX};
    constexpr std::chrono::milliseconds times[] = {30s, 0ms, 1ms, 100ms, 5s, 600s, longest, -1ms};

    naru::limits out;
    const std::size_t changed = by.below(256);
    if (changed & 1)
        out.line = by.one_of(lines);
    if (changed & 2)
        out.message = by.one_of(messages);
    if (changed & 4)
    {
        out.outbox_high = by.one_of(highs);
        out.outbox_low = by.one_of(highs);
    }
    if (changed & 8)
        out.outbox_full = by.one_of(fulls);
    if (changed & 16)
    {
        out.idle = by.one_of(times);
        out.read = by.one_of(times);
    }
    if (changed & 32)
        out.write_stall = by.one_of(times);
    if (changed & 64)
    {
        out.linger = by.one_of(times);
        out.linger_idle = by.one_of(times);
    }
    if (changed & 128)
    {
        out.read_rate = by.one_of(rates);
        out.write_rate = by.one_of(rates);
    }
    return out;
}

} // namespace fuzz
