#include "raw_handlers.hpp"

#include <array>
#include <cstdint>
#include <exception>
#include <stdexcept>

namespace conformance
{
namespace
{

using naru::session;
using naru::task;

task<> say(session& s, std::string_view message)
{
    return s.write("[", message, "]\n");
}

task<> read_lines(session& s)
{
    while (const auto line = co_await s.read_line())
    {
        co_await say(s, *line);
    }
}

task<> read_batches(session& s)
{
    while (auto line = co_await s.read_line())
    {
        for (; line; line = s.try_read_line())
        {
            co_await say(s, *line);
        }
    }
}

naru::handler read_parts(std::string delimiter)
{
    return [delimiter = std::move(delimiter)](session& s) -> task<>
    {
        while (const auto part = co_await s.read_until(delimiter))
        {
            co_await say(s, *part);
        }
    };
}

task<> read_sized(session& s)
{
    while (const auto digit = co_await s.read_exactly(1))
    {
        const auto size = static_cast<std::size_t>(digit->front() - '0');
        const auto message = co_await s.read_exactly(size);
        if (!message)
        {
            break;
        }
        co_await say(s, *message);
    }
}

task<> read_into_room(session& s)
{
    while (const auto digit = co_await s.read_exactly(1))
    {
        const bool large = digit->front() == 'L';
        std::string room(large ? large_read : static_cast<std::size_t>(digit->front() - '0'), '\0');
        if (!co_await s.read_into(room))
        {
            break;
        }
        const std::string told = large ? sum_of(room) : room;
        co_await say(s, told);
    }
}

task<> read_pieces(session& s)
{
    while (const auto piece = co_await s.read_some())
    {
        co_await s.write(*piece);
    }
}

/// The read that `letter` stands for.
task<std::optional<std::string>> read_as(session& s, char letter)
{
    std::optional<std::string> read;
    if (letter == 'l')
    {
        read = co_await s.read_line();
    }
    else if (letter == 'x')
    {
        read = co_await s.read_exactly(3);
    }
    else if (letter == 'u')
    {
        read = co_await s.read_until(";");
    }
    else if (letter == 'i')
    {
        std::array<char, 3> room{};
        if (co_await s.read_into(room))
        {
            read = std::string(room.data(), room.size());
        }
    }
    co_return read;
}

task<> read_mixed(session& s)
{
    while (const auto letter = co_await s.read_exactly(1))
    {
        const char does = letter->front();
        if (does == 'q')
        {
            break;
        }
        if (does == 'e')
        {
            throw std::runtime_error("as the row asked");
        }
        if (does == 'c')
        {
            co_await s.flush();
            s.close();
        }
        else if (does == 'r')
        {
            s.finish_reading();
        }
        else if (does == 'b')
        {
            naru::limits narrow = s.bounds();
            narrow.line = 4;
            s.bounds(narrow);
        }
        else
        {
            const auto read = co_await read_as(s, does);
            if (!read)
            {
                break;
            }
            co_await say(s, *read);
        }
    }
}

std::string name_of(const naru::error& e)
{
    if (e.code() == naru::errc::too_long)
    {
        return "too_long";
    }
    return e.code() == naru::errc::unexpected_end ? "unexpected_end" : e.what();
}

/// Says how the reading ended, and lets the session end for the same reason.
naru::handler told(naru::handler reads)
{
    return [reads = std::move(reads)](session& s) -> task<>
    {
        std::string last = "end";
        std::exception_ptr failure;
        try
        {
            task<> reading = reads(s);
            co_await std::move(reading);
        }
        catch (const naru::error& e)
        {
            last = name_of(e);
            failure = std::current_exception();
        }
        co_await s.write(last, "\n");
        if (failure)
        {
            std::rethrow_exception(failure);
        }
    };
}

} // namespace

std::vector<raw_handler> raw_handlers()
{
    naru::limits narrow;
    narrow.line = line_limit;
    narrow.message = message_limit;

    const auto row = [&](std::string name, naru::handler reads, std::string bytes, std::string said)
    {
        return raw_handler{std::move(name), told(std::move(reads)), narrow,
                           manner{"", exchange{std::move(bytes), std::move(said)}, "end\n"}};
    };
    return {
        row("line", read_lines, "probe\n", "[probe]\n"),
        row("batch", read_batches, "probe\n", "[probe]\n"),
        row("until_dashes", read_parts("--"), "probe--", "[probe]\n"),
        row("until_aab", read_parts("aab"), "probeaab", "[probe]\n"),
        row("until_dot", read_parts("\r\n.\r\n"), "probe\r\n.\r\n", "[probe]\n"),
        row("until_nul", read_parts(std::string(1, '\0')), literal("probe\0"), "[probe]\n"),
        row("exactly", read_sized, "5probe", "[probe]\n"),
        row("into", read_into_room, "5probe", "[probe]\n"),
        row("some", read_pieces, "probe", "probe"),
        row("mixed", read_mixed, "lprobe\n", "[probe]\n"),
    };
}

std::string sum_of(std::string_view bytes)
{
    // Each byte counts by its place, so that two that have changed places are noticed.
    std::uint64_t sum = 0;
    for (const char c : bytes)
    {
        sum = sum * 31 + static_cast<unsigned char>(c);
    }
    return std::to_string(bytes.size()) + " bytes, sum " + std::to_string(sum);
}

} // namespace conformance
