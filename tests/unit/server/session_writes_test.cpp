#include <naru/server/session.hpp>

#include <naru/raw/raw.hpp>
#include <naru/testing/loopback.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace
{

using naru::close_reason;
using naru::session;
using naru::task;
using naru::testing::loopback;

const naru::testing::loopback_options quiet{.level = naru::log_level::off};

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
                                  [](std::string sum, std::string_view piece)
                                  { return std::move(sum.append(piece)); });
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
            ASSERT_TRUE(got == expected)
                << "in writes of at most " << at_most << " with room for " << room << ": " << got.size()
                << " of " << expected.size() << " bytes, alike up to "
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

TEST(SessionWrites, are_refused_from_the_call_of_finish_writing_on_and_what_was_accepted_before_is_sent)
{
    const std::string much(20'000, 'm');
    naru::session_ref ref;
    std::vector<bool> accepted;
    const auto handler = [&](session& s) -> task<>
    {
        ref = s.ref();
        EXPECT_TRUE(s.send(much));
        const auto finishing = [&]() -> task<> { co_await s.finish_writing(); };
        const auto others = [&]() -> task<>
        {
            accepted.push_back(s.send("not sent"));
            EXPECT_THROW(co_await s.write("not sent"), naru::error);
        };
        using namespace boost::asio::experimental::awaitable_operators;
        auto both = finishing() && others();
        co_await std::move(both);
        while (co_await s.read_some())
            accepted.push_back(s.send("not sent"));
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect({.room = 3'000});
    std::string sent;
    for (std::string part; server.run(), part = client.take(), !part.empty();)
    {
        EXPECT_FALSE(client.closed());
        ref.send("not sent");
        sent += part;
    }
    EXPECT_TRUE(sent == much);
    EXPECT_TRUE(client.ended());
    client.send("x");
    client.finish();
    server.run();
    EXPECT_EQ(accepted, (std::vector<bool>{false, false}));
    EXPECT_EQ(server.ended(close_reason::peer_closed), 1u);
}

TEST(SessionWrites, are_followed_by_the_end_also_when_the_coroutine_that_finishes_is_cancelled)
{
    const std::string much(20'000, 'm');
    bool was_cancelled = false;
    session* self = nullptr;
    const auto handler = [&](session& s) -> task<>
    {
        self = &s;
        EXPECT_TRUE(s.send(much));
        try
        {
            co_await s.finish_writing();
        }
        catch (const naru::error& e)
        {
            was_cancelled = e.code() == naru::errc::cancelled;
        }
        EXPECT_FALSE(s.send("not sent"));
        while (co_await s.read_some())
            ;
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect({.room = 3'000});
    server.run();
    boost::asio::post(server.loop(), [&] { self->cancel(); });
    server.run();
    EXPECT_TRUE(was_cancelled);
    EXPECT_FALSE(client.ended());
    std::string sent;
    for (std::string part; server.run(), part = client.take(), !part.empty();)
        sent += part;
    EXPECT_TRUE(sent == much);
    EXPECT_TRUE(client.ended());
    EXPECT_FALSE(client.closed());
    client.finish();
    server.run();
    EXPECT_EQ(server.ended(close_reason::peer_closed), 1u);
}

TEST(SessionWrites, that_stall_have_left_the_outbox_when_their_writer_goes_on)
{
    naru::limits bounds;
    bounds.write_stall = std::chrono::seconds(1);
    std::string said;
    const auto handler = [&](session& s) -> task<>
    {
        auto lent = std::make_unique<std::string>(20'000, 'l');
        try
        {
            co_await s.write(*lent);
        }
        catch (const naru::error& e)
        {
            said = e.what();
        }
        lent.reset();
        EXPECT_FALSE(s.send("goodbye"));
        EXPECT_THROW(co_await s.write("goodbye"), naru::error);
        const auto cancels = [&]() -> task<>
        {
            s.cancel(); // which copies what is lent
            co_return;
        };
        using namespace boost::asio::experimental::awaitable_operators;
        auto both = s.flush() && cancels();
        try
        {
            co_await std::move(both);
        }
        catch (const std::exception&)
        {
            said += " and flushed no more";
        }
    };
    loopback server(naru::raw(handler, bounds), quiet);
    auto client = server.connect({.room = 1'000});
    server.run();
    server.advance(std::chrono::seconds(2));
    EXPECT_EQ(said, "write unix:: timed out and flushed no more");
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::write_stalled), 1u);
    EXPECT_TRUE(server.sessions().empty());
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

} // namespace
