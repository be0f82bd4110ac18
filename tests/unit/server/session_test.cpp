#include <naru/server/session.hpp>

#include <naru/raw/raw.hpp>
#include <naru/testing/loopback.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using namespace std::string_literals;
using naru::close_reason;
using naru::session;
using naru::task;
using naru::testing::loopback;
using naru::testing::loopback_options;

const loopback_options quiet{.level = naru::log_level::off};

// --- reading -------------------------------------------------------------------------------------------------------

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
        EXPECT_EQ(note(row, {.read_at_most = 1}, 0), row.noted) << "byte by byte: " << testing::PrintToString(row.bytes);
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

// --- writing -------------------------------------------------------------------------------------------------------

/// A handler that writes in every way, and what the peer must get.
struct every_write
{
    std::string medium = std::string(5'000, 'm');
    std::string large = std::string(20'000, 'l');
    std::string huge = std::string(150'000, 'h');
    std::vector<std::string_view> many = std::vector<std::string_view>(500, "many ");
    std::vector<std::string_view> many_large = std::vector<std::string_view>(70, std::string_view(medium));

    std::string all() const
    {
        std::string out = "onetwo halvesa, b, cfour pieces here!";
        out += medium + large + "small" + huge + "after";
        for (const auto& pieces : {many, many_large})
            out = std::accumulate(pieces.begin(), pieces.end(), std::move(out),
                                  [](std::string sum, std::string_view piece) { return std::move(sum.append(piece)); });
        return out + "sent" + medium + "end";
    }

    task<> operator()(session& s) const
    {
        co_await s.write("one");
        co_await s.write("two ", "halves");
        co_await s.write("a, ", "b, ", "c");
        co_await s.write("four ", "pieces ", "here", "!");
        co_await s.write(medium);
        co_await s.write(large);
        co_await s.write("");
        co_await s.write("small", huge);
        co_await s.write("after");
        co_await s.write(many);
        co_await s.write(many_large);
        s.send("se", "n", "t");
        s.send(medium);
        co_await s.write("end");
    }
};

TEST(SessionWrites, arrive_whole_and_in_order_however_little_the_stream_takes)
{
    const every_write writes;
    const std::string expected = writes.all();
    for (const std::size_t at_most : {0u, 1u, 7u, 1000u, 65'536u})
        for (const std::size_t room : {100u, 1000u, 8192u, 100'000u, 10'000'000u})
        {
            loopback server(naru::raw([&](session& s) { return writes(s); }), quiet);
            auto client = server.connect({.write_at_most = at_most, .room = room});
            std::string got;
            for (std::string part; server.run(), part = client.take(), !part.empty();)
                got += part;
            ASSERT_TRUE(got == expected) << "in writes of at most " << at_most << " with room for " << room << ": "
                                         << got.size() << " of " << expected.size() << " bytes, alike up to "
                                         << std::mismatch(got.begin(), got.end(), expected.begin()).first - got.begin();
            EXPECT_TRUE(client.ended());
        }
}

TEST(SessionWrites, that_are_small_make_one_call_a_turn)
{
    const auto handler = [](session& s) -> task<>
    {
        while (auto line = co_await s.read_line())
            co_await s.write(*line, "\r\n");
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    std::string lines;
    for (int i = 0; i < 100; ++i)
        lines += "a line\r\n";
    client.send(lines);
    server.run();
    EXPECT_EQ(client.take(), lines);
    EXPECT_EQ(client.calls().writes, 1u);
}

TEST(SessionWrites, that_are_large_go_out_at_once_together_with_what_came_before)
{
    const std::string large(30'000, 'l');
    const auto handler = [&](session& s) -> task<>
    {
        co_await s.write("head ");
        co_await s.write(large, " tail");
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    server.run();
    EXPECT_EQ(client.take(), "head " + large + " tail");
    EXPECT_EQ(client.calls().writes, 1u);
}

TEST(SessionWrites, that_no_cork_can_hold_come_after_what_is_corked)
{
    const std::string larger_than_a_cork(70'000, 'c');
    const auto handler = [&](session& s) -> task<>
    {
        co_await s.write("before ");
        s.send(larger_than_a_cork);
        s.send(" after");
    };
    for (const std::size_t room : {3u, 7u, 8u, 1000u, 100'000u})
    {
        loopback server(naru::raw(handler), quiet);
        auto client = server.connect({.room = room});
        std::string got;
        for (std::string part; server.run(), part = client.take(), !part.empty();)
            got += part;
        EXPECT_TRUE(got == "before " + larger_than_a_cork + " after") << "with room for " << room;
    }
}

TEST(SessionWrites, wait_for_a_peer_that_does_not_read_and_go_on_when_it_does)
{
    naru::limits bounds;
    bounds.outbox_high = 10'000;
    bounds.outbox_low = 2'000;
    const std::string line(1'000, 'x');
    int written = 0;
    const auto handler = [&](session& s) -> task<>
    {
        for (; written < 100; ++written)
            co_await s.write(line);
    };
    loopback server(naru::raw(handler, bounds), quiet);
    auto client = server.connect({.room = 1'000});
    server.run();
    // The cork is handed over once, after that the outbox fills up to its mark.
    const int paused_at = written;
    EXPECT_LT(paused_at, 80);
    EXPECT_LE(server.sessions().at(0).bytes_waiting, 64u * 1024 + 11'000);
    EXPECT_STREQ(server.sessions().at(0).awaits.operation, "write");

    while (server.sessions().at(0).bytes_waiting > 3'000)
    {
        ASSERT_EQ(written, paused_at) << "it went on above the low mark";
        client.take();
        server.run();
    }
    client.take();
    server.run();
    EXPECT_GT(written, paused_at);
}

TEST(SessionWrites, are_all_with_the_kernel_after_a_flush)
{
    bool flushed = false;
    const auto handler = [&](session& s) -> task<>
    {
        co_await s.write("abcdef");
        co_await s.flush();
        flushed = true;
        co_await s.flush(); // nothing to do
        co_await s.read_some();
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect({.room = 4});
    server.run();
    EXPECT_FALSE(flushed);
    EXPECT_STREQ(server.sessions().at(0).awaits.operation, "flush");
    EXPECT_EQ(client.take(), "abcd");
    server.run();
    EXPECT_TRUE(flushed);
    EXPECT_EQ(client.take(), "ef");
}

TEST(SessionWrites, give_the_peer_the_end_after_all_and_leave_reading_open)
{
    std::string got;
    const std::string much(20'000, 'm');
    const auto handler = [&](session& s) -> task<>
    {
        co_await s.write(much);
        co_await s.finish_writing();
        EXPECT_FALSE(s.send("x"));
        EXPECT_THROW(co_await s.write("x"), naru::error);
        while (auto some = co_await s.read_some())
            got += *some;
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect({.room = 3'000});
    std::string sent;
    for (std::string part; server.run(), part = client.take(), !part.empty();)
    {
        EXPECT_FALSE(client.closed());
        sent += part;
    }
    EXPECT_EQ(sent, much);
    EXPECT_TRUE(client.ended());
    client.send("answer");
    client.finish();
    server.run();
    EXPECT_EQ(got, "answer");
    EXPECT_EQ(server.ended(close_reason::peer_closed), 1u);
}

TEST(SessionWrites, that_others_queue_end_a_session_that_does_not_read)
{
    naru::limits bounds;
    bounds.outbox_full = 5'000;
    naru::session_ref ref;
    const auto handler = [&](session& s) -> task<>
    {
        ref = s.ref();
        co_await s.read_some();
    };
    loopback server(naru::raw(handler, bounds), quiet);
    auto client = server.connect({.room = 0});
    server.run();
    for (int i = 0; i < 5; ++i)
    {
        ref.send(std::string(1'000, 'x'));
        server.run();
    }
    EXPECT_EQ(server.sessions().at(0).bytes_waiting, 5'000u) << "exactly full is not too much";
    EXPECT_FALSE(client.closed());
    ref.send("x");
    server.run();
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::slow_consumer), 1u);
}

// --- one at a time -------------------------------------------------------------------------------------------------

/// The text of the error that `operation` throws.
task<std::string> refusal(task<> operation)
{
    try
    {
        co_await std::move(operation);
    }
    catch (const naru::error& e)
    {
        co_return e.what();
    }
    co_return "nothing";
}

task<> read_one(session& s)
{
    co_await s.read_line();
}

TEST(Session, takes_one_read_and_one_write_at_a_time)
{
    std::string second_read;
    std::string second_write;
    const std::string large(20'000, 'l');
    session* seen = nullptr;
    const auto handler = [&](session& s) -> task<>
    {
        seen = &s;
        co_await s.write(large);
        co_await s.read_line();
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect(naru::endpoint::from("tcp://192.0.2.1:7"), {.room = 10});
    server.run();
    const auto also = [&](auto act)
    {
        boost::asio::co_spawn(server.loop(), std::move(act), [](std::exception_ptr thrown) { EXPECT_FALSE(thrown); });
        server.run();
    };
    const auto write_too = [&]() -> task<> { second_write = co_await refusal(seen->write("x")); };
    also(write_too);
    EXPECT_EQ(second_write, "write tcp://192.0.2.1:7: another operation of this kind is under way");

    client.script().room = 100'000;
    client.take();
    server.run();
    const auto read_too = [&]() -> task<> { second_read = co_await refusal(read_one(*seen)); };
    also(read_too);
    EXPECT_EQ(second_read, "read_line tcp://192.0.2.1:7: another operation of this kind is under way");

    const auto write_meanwhile = [&]() -> task<> { second_write = co_await refusal(seen->write("meanwhile")); };
    also(write_meanwhile);
    EXPECT_EQ(second_write, "nothing") << "a read and a write may overlap";
    EXPECT_TRUE(client.take().ends_with("meanwhile"));
}

// --- ends ----------------------------------------------------------------------------------------------------------

TEST(Session, reads_nothing_more_after_it_finished_reading)
{
    const auto handler = [](session& s) -> task<>
    {
        co_await s.read_line();
        s.finish_reading();
        EXPECT_EQ(co_await s.read_some(), std::nullopt);
        co_await s.write("goodbye");
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    client.send("first\n");
    server.run();
    EXPECT_EQ(client.take(), "goodbye");
    EXPECT_TRUE(client.ended());
}

TEST(Session, may_read_what_has_come_before_it_finished_reading)
{
    std::string got;
    const auto handler = [&](session& s) -> task<>
    {
        co_await s.read_line();
        s.finish_reading();
        while (auto line = co_await s.read_line())
            got.append(*line).append(";");
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    client.send("first\nsecond\nthird");
    server.run();
    EXPECT_EQ(got, "second;third;");
}

TEST(Session, cancels_what_waits_and_stays_usable)
{
    session* seen = nullptr;
    std::string first;
    const auto handler = [&](session& s) -> task<>
    {
        seen = &s;
        first = co_await refusal(read_one(s));
        const auto line = co_await s.read_line();
        co_await s.write("got ", *line);
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    client.send("par");
    server.run();
    boost::asio::post(server.loop(), [&] { seen->cancel(); });
    server.run();
    EXPECT_EQ(first, "read_line unix:: cancelled");
    client.send("tial\n");
    server.run();
    EXPECT_EQ(client.take(), "got partial") << "what had come is still there";
}

TEST(Session, cancels_a_write_and_sends_what_it_was_given_all_the_same)
{
    session* seen = nullptr;
    std::string said;
    const auto handler = [&](session& s) -> task<>
    {
        seen = &s;
        {
            const std::string large(20'000, 'l');
            said = co_await refusal(s.write(large));
        }
        co_await s.write("after");
        co_await s.flush();
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect({.room = 10});
    server.run();
    boost::asio::post(server.loop(), [&] { seen->cancel(); });
    server.run();
    EXPECT_EQ(said, "write unix:: cancelled");
    std::string got;
    for (std::string part; part = client.take(), server.run(), !part.empty();)
        got += part;
    EXPECT_EQ(got, std::string(20'000, 'l') + "after");
}

TEST(Session, closes_at_once_for_the_reason_that_it_is_given)
{
    std::string after;
    const auto handler = [&](session& s) -> task<>
    {
        co_await s.write("never sent");
        s.close(close_reason::protocol_error);
        s.close(close_reason::limit_exceeded);
        EXPECT_FALSE(s.send("x"));
        after = co_await refusal(s.write("x"));
        after += "; " + co_await refusal(read_one(s));
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    server.run();
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(client.take(), "");
    EXPECT_EQ(after, "write unix:: the session is closed; read_line unix:: the session is closed");
    EXPECT_EQ(server.ended(close_reason::protocol_error), 1u) << "the first reason counts";
    EXPECT_EQ(server.figures().open, 0u);
    EXPECT_TRUE(server.sessions().empty());
}

TEST(Session, gives_up_its_stream_with_what_is_unread)
{
    session::released given;
    const auto handler = [&](session& s) -> task<>
    {
        co_await s.read_line();
        given = s.release();
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    client.send("switch\nand more");
    server.run();
    EXPECT_EQ(given.descriptor, -1) << "memory has none";
    EXPECT_EQ(given.unread, "and more");
    EXPECT_EQ(server.ended(close_reason::handler_done), 1u);
    EXPECT_TRUE(server.sessions().empty());
}

// --- what is known -------------------------------------------------------------------------------------------------

TEST(Session, knows_who_and_where_it_is)
{
    const auto handler = [](session& s) -> task<>
    {
        EXPECT_EQ(s.id(), 1u);
        EXPECT_EQ(s.peer().text(), "tcp://192.0.2.1:7");
        EXPECT_EQ(s.local().text(), "tcp://127.0.0.1:9190");
        EXPECT_EQ(s.descriptor(), -1);
        EXPECT_EQ(s.bytes_in(), 0u);
        EXPECT_FALSE(s.draining());
        co_await s.read_line();
        EXPECT_EQ(s.age(), 1500ms);
        EXPECT_EQ(s.bytes_in(), 3u);
        co_await s.write("four");
        co_await s.flush();
        EXPECT_EQ(s.bytes_out(), 4u);
        EXPECT_EQ(s.info().bytes_out, 4u);
        EXPECT_EQ(s.info().id, s.ref().id());
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect(naru::endpoint::from("tcp://192.0.2.1:7"));
    server.advance(1500ms);
    client.send("12\n");
    server.run();
    EXPECT_EQ(client.take(), "four") << "the handler did not come to its end";
}

TEST(Session, shows_what_it_awaits_since_when_and_where)
{
    unsigned called_at = 0;
    const auto handler = [&](session& s) -> task<>
    {
        called_at = __LINE__ + 1;
        co_await s.read_line();
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    server.run();
    server.advance(250ms);
    const auto awaits = server.sessions().at(0).awaits;
    EXPECT_STREQ(awaits.operation, "read_line");
    EXPECT_EQ(awaits.line, called_at);
    EXPECT_TRUE(std::string_view(awaits.file).ends_with("session_test.cpp"));
    EXPECT_EQ(awaits.since, 250ms);
}

} // namespace
