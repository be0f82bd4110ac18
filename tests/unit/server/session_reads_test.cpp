#include <naru/server/session.hpp>

#include <naru/raw/raw.hpp>
#include <naru/testing/loopback.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace
{

using namespace std::string_literals;
using naru::close_reason;
using naru::session;
using naru::task;
using naru::testing::loopback;

const naru::testing::loopback_options quiet{.level = naru::log_level::off};

/// One read of a conversation: which, and how much or up to what.
struct read_step
{
    enum kind
    {
        line,
        until,
        exactly,
        into,
    };
    kind how;
    std::size_t size = 0;
    std::string delimiter = ";;";
};

/// What a row of reads gave, in one text: `[abc][def]end` or `[abc]!longer than the limit allows`.
task<> note_reads(session& s, const std::vector<read_step>& steps, std::string& noted)
{
    try
    {
        for (const read_step& step : steps)
        {
            std::string room(step.size, '?');
            std::optional<std::string_view> got;
            if (step.how == read_step::line)
                got = co_await s.read_line();
            else if (step.how == read_step::until)
                got = co_await s.read_until(step.delimiter);
            else if (step.how == read_step::exactly)
                got = co_await s.read_exactly(step.size);
            else if (co_await s.read_into(room))
                got = room;
            if (!got)
            {
                noted += "end";
                break;
            }
            noted.append("[").append(*got).append("]");
        }
    }
    catch (const naru::error& e)
    {
        noted += "!" + e.code().message();
    }
}

struct reading
{
    std::vector<read_step> steps;
    std::string bytes;
    bool finishes; // the peer, after its bytes
    std::string noted;
};

constexpr auto line = read_step::line;
constexpr auto until = read_step::until;
constexpr auto exactly = read_step::exactly;
constexpr auto into = read_step::into;

const std::string too_long = "!longer than the limit allows";
const std::string in_the_middle = "!the peer finished in the middle of a message";

// With limits of 8 bytes for a line and 10 for a message.
const reading readings[] = {
    {{{line}, {line}}, "ab\ncd\r\n", false, "[ab][cd]"},
    {{{line}, {line}, {line}}, "\n\r\n\n", false, "[][][]"},
    {{{line}}, "a\rb\n", false, "[a\rb]"},
    {{{line}}, "a\r\r\n", false, "[a\r]"},
    {{{line}}, "\r\r\n", false, "[\r]"},
    {{{line}}, "a\0b\n"s, false, "[a\0b]"s},
    {{{line}}, "12345678\n", false, "[12345678]"},
    {{{line}}, "12345678\r\n", false, "[12345678]"},
    {{{line}, {line}}, "12345678\r\n12345678\n", false, "[12345678][12345678]"},
    {{{line}}, "123456789\n", false, too_long},
    {{{line}}, "123456789\r\n", false, too_long},
    {{{line}}, "12345678\r\r\n", false, too_long},
    {{{line}}, "1234567890", false, too_long},
    {{{line}, {line}}, "ab\n1234567890", false, "[ab]" + too_long},
    {{{line}}, "12345678", false, ""},
    {{{line}}, "12345678\r", false, ""},
    {{{line}}, "", true, "end"},
    {{{line}, {line}}, "ab\n", true, "[ab]end"},
    {{{line}, {line}}, "ab\nlast", true, "[ab][last]"},
    {{{line}, {line}, {line}}, "ab\nlast", true, "[ab][last]end"},
    {{{line}}, "12345678", true, "[12345678]"},
    {{{line}}, "123456789", true, too_long},

    {{{until}, {until}}, "a;;b;;", false, "[a][b]"},
    {{{until}}, ";;", false, "[]"},
    {{{until}}, "a;b;;", false, "[a;b]"},
    {{{until}, {until}}, ";;;;", false, "[][]"},
    {{{until}, {until}}, "a;;;;", false, "[a][]"},
    {{{until}}, "12345678;;", false, "[12345678]"},
    {{{until}}, "123456789;;", false, too_long},
    {{{until}}, "12345678;x", false, too_long},
    {{{until}}, "1234567890", false, too_long},
    {{{until}}, "12345678;", false, ""},
    {{{until}}, "", true, "end"},
    {{{until}}, "abc", true, in_the_middle},
    {{{until}}, "abc;", true, in_the_middle},
    {{{until}, {until}}, "a;;", true, "[a]end"},
    {{{until, 0, "\r\n\r\n"}}, "a\r\nb\r\n\r\n", false, "[a\r\nb]"},
    {{{until, 0, "aab"}}, "aaaab", false, "[aa]"},

    {{{exactly, 3}, {exactly, 2}}, "abcde", false, "[abc][de]"},
    {{{exactly, 0}, {exactly, 1}}, "x", false, "[][x]"},
    {{{exactly, 10}}, "0123456789", false, "[0123456789]"},
    {{{exactly, 11}}, "0123456789a", false, too_long},
    {{{exactly, 4}}, "abc", false, ""},
    {{{exactly, 4}}, "", true, "end"},
    {{{exactly, 4}}, "abc", true, in_the_middle},
    {{{exactly, 4}, {exactly, 4}}, "abcd", true, "[abcd]end"},

    {{{into, 3}, {into, 2}}, "abcde", false, "[abc][de]"},
    {{{into, 0}, {into, 1}}, "x", false, "[][x]"},
    {{{into, 20}}, "0123456789abcdefghij", false, "[0123456789abcdefghij]"},
    {{{into, 4}}, "", true, "end"},
    {{{into, 4}}, "abc", true, in_the_middle},

    {{{exactly, 2}, {line}, {until}, {into, 3}, {line}}, "abcd\r\ne;;fghij\n", false, "[ab][cd][e][fgh][ij]"},
};

std::string note(const reading& row, const naru::testing::stream_script& script, std::size_t cut)
{
    naru::limits bounds;
    bounds.line = 8;
    bounds.message = 10;
    std::string noted;
    const auto handler = [&](session& s) { return note_reads(s, row.steps, noted); };
    loopback server(naru::raw(handler, bounds), quiet);
    auto client = server.connect(script);
    client.send(std::string_view(row.bytes).substr(0, cut));
    server.run();
    client.send(std::string_view(row.bytes).substr(cut));
    server.run();
    if (row.finishes)
        client.finish();
    server.run();
    const std::string so_far = noted; // the server's end throws at who still waits
    return so_far;
}

TEST(SessionReads, give_the_same_whole_byte_by_byte_and_cut_anywhere)
{
    for (const reading& row : readings)
    {
        EXPECT_EQ(note(row, {.read_at_most = 1}, 0), row.noted)
            << "byte by byte: " << testing::PrintToString(row.bytes);
        for (std::size_t cut = 0; cut <= row.bytes.size(); ++cut)
            EXPECT_EQ(note(row, {}, cut), row.noted)
                << "cut at " << cut << ": " << testing::PrintToString(row.bytes);
    }
}

TEST(SessionReads, of_some_give_what_has_come)
{
    std::vector<std::string> got;
    const auto handler = [&](session& s) -> task<>
    {
        while (auto some = co_await s.read_some())
            got.emplace_back(*some);
        got.emplace_back("end");
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    client.send("hello");
    server.run();
    client.send("a");
    client.send("b");
    server.run();
    const std::string more_than_a_block(100'000, 'x');
    client.send(more_than_a_block);
    client.finish();
    server.run();
    ASSERT_EQ(got.size(), 5u);
    EXPECT_EQ(got[0], "hello");
    EXPECT_EQ(got[1], "ab");
    EXPECT_EQ(got[2].size(), 64u * 1024);
    EXPECT_EQ(got[2].size() + got[3].size(), more_than_a_block.size());
    EXPECT_EQ(got[4], "end");
}

TEST(SessionReads, of_lines_that_are_there_already_take_no_turn_of_their_own)
{
    std::vector<std::string> got;
    const auto handler = [&](session& s) -> task<>
    {
        while (auto first = co_await s.read_line())
        {
            got.push_back("read " + std::string(*first));
            while (auto next = s.try_read_line())
                got.push_back("tried " + std::string(*next));
        }
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    client.send("a\r\nb\nc");
    server.run();
    client.send("\nd\n");
    server.run();
    EXPECT_EQ(got, (std::vector<std::string>{"read a", "tried b", "read c", "tried d"}));
}

TEST(SessionReads, try_no_line_that_is_too_long_and_leave_it_to_be_read)
{
    naru::limits bounds;
    bounds.line = 3;
    std::string said;
    const auto handler = [&](session& s) -> task<>
    {
        co_await s.read_line();
        EXPECT_FALSE(s.try_read_line());
        try
        {
            co_await s.read_line();
        }
        catch (const naru::error& e)
        {
            said = e.what();
        }
    };
    loopback server(naru::raw(handler, bounds), quiet);
    auto client = server.connect(naru::endpoint::from("tcp://192.0.2.1:7"));
    client.send("a\nabcd\n");
    server.run();
    EXPECT_EQ(said, "read_line tcp://192.0.2.1:7: longer than the limit allows");
}

TEST(SessionReads, have_no_limit_where_it_is_zero)
{
    naru::limits bounds;
    bounds.line = bounds.message = 0;
    const std::string much(3'000'000, 'x');
    std::size_t got = 0;
    const auto handler = [&](session& s) -> task<>
    {
        got += (co_await s.read_line())->size();
        got += (co_await s.read_until("\n"))->size();
        got += (co_await s.read_exactly(much.size()))->size();
    };
    loopback server(naru::raw(handler, bounds), quiet);
    auto client = server.connect();
    client.send(much + "\n" + much + "\n" + much);
    server.run();
    EXPECT_EQ(got, 3 * much.size());
}

TEST(SessionReads, keep_to_limits_changed_on_the_way)
{
    std::string noted;
    const auto handler = [&](session& s) -> task<>
    {
        naru::limits wider = s.bounds();
        wider.line = 5;
        s.bounds(wider);
        noted = *co_await s.read_line();
        wider.line = 2;
        s.bounds(wider);
        co_await s.read_line();
    };
    naru::limits bounds;
    bounds.line = 1;
    loopback server(naru::raw(handler, bounds), quiet);
    auto client = server.connect();
    client.send("12345\n123\n");
    client.finish();
    server.run();
    EXPECT_EQ(noted, "12345");
    EXPECT_EQ(server.ended(close_reason::limit_exceeded), 1u);
}

TEST(SessionReads, that_wait_end_when_reading_is_finished)
{
    std::optional<std::string> line = "waiting";
    session* self = nullptr;
    const auto handler = [&](session& s) -> task<>
    {
        self = &s;
        const auto got = co_await s.read_line();
        line = got ? std::optional<std::string>(*got) : std::nullopt;
        co_await s.write("done");
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    client.send("begun");
    server.run();
    boost::asio::post(server.loop(), [&] { self->finish_reading(); });
    server.run();
    EXPECT_EQ(line, "begun") << "as from a peer that has finished";
    EXPECT_EQ(client.take(), "done");
}

} // namespace
