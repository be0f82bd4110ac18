#include <naru/server/session.hpp>

#include <naru/raw/raw.hpp>
#include <naru/testing/loopback.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <string>

namespace
{

using namespace std::chrono_literals;
using naru::close_reason;
using naru::session;
using naru::task;
using naru::testing::loopback;

const naru::testing::loopback_options quiet{.level = naru::log_level::off};

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
        boost::asio::co_spawn(server.loop(), std::move(act),
                              [](std::exception_ptr thrown) { EXPECT_FALSE(thrown); });
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

    const auto write_meanwhile = [&]() -> task<>
    { second_write = co_await refusal(seen->write("meanwhile")); };
    also(write_meanwhile);
    EXPECT_EQ(second_write, "nothing") << "a read and a write may overlap";
    EXPECT_TRUE(client.take().ends_with("meanwhile"));
}

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

TEST(Session, changes_its_bounds_in_place_however_often_and_whatever_they_are)
{
    const auto handler = [](session& s) -> task<>
    {
        const naru::limits before = s.bounds();
        s.bounds(before);
        const naru::limits& kept = s.bounds(); // over every change
        for (const std::size_t line : {10u, 20u, 30u})
        {
            naru::limits changed = kept;
            changed.line = line;
            s.bounds(changed);
            EXPECT_EQ(kept.line, line);
        }
        s.bounds(s.bounds()); // its own
        EXPECT_EQ(kept.message, before.message);
        naru::limits absurd;
        absurd.line = absurd.message = std::size_t(-1);
        absurd.outbox_high = absurd.outbox_low = absurd.outbox_full = std::size_t(-1);
        s.bounds(absurd);
        while (const auto line = co_await s.read_line())
            co_await s.write(*line, ";");
        EXPECT_TRUE(s.send("sent"));
        const auto word = co_await s.read_until("--");
        EXPECT_FALSE(word);
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    client.send("one\ntwo");
    server.run();
    client.send(" halves\n");
    client.finish();
    server.run();
    EXPECT_EQ(client.take(), "one;two halves;sent");
    EXPECT_EQ(server.ended(naru::close_reason::peer_closed), 1u);
}

} // namespace
