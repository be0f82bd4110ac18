#include "server/conversation.hpp"

#include <naru/raw/raw.hpp>
#include <naru/testing/loopback.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace
{

namespace asio = boost::asio;
using namespace std::chrono_literals;
using naru::close_reason;
using naru::session;
using naru::task;
using naru::testing::loopback;
using naru::testing::memory_peer;
using testing::Contains;
using testing::HasSubstr;

const naru::testing::loopback_options quiet{.level = naru::log_level::off};

/// Lets everybody else run.
task<> pause()
{
    co_await asio::post(asio::use_awaitable);
}

/// Ends with cancellation only.
task<> wait_for_ever()
{
    asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::use_awaitable);
}

// --- views over suspensions --------------------------------------------------------------------------------

TEST(ConversationViews, are_good_until_the_next_read_also_when_the_handler_waits_for_something_else)
{
    const auto slow_echo = [](session& s) -> task<>
    {
        while (auto line = co_await s.read_line())
        {
            co_await pause();
            co_await pause();
            co_await s.write(*line, ";");
        }
    };
    loopback server(naru::raw(slow_echo), quiet);
    std::vector<memory_peer> clients;
    for (int i = 0; i < 10; ++i)
        clients.push_back(server.connect());
    server.run();
    // All in one turn, round after round: the first time a session takes the shard's block along, later it
    // has copies.
    for (int round = 0; round < 4; ++round)
    {
        const auto line_of = [&](std::size_t client)
        { return std::string(1'000, static_cast<char>('a' + client)) + std::to_string(round); };
        for (std::size_t i = 0; i < clients.size(); ++i)
            clients[i].send(line_of(i) + "\n" + line_of(i) + "\npart");
        server.run();
        for (std::size_t i = 0; i < clients.size(); ++i)
            EXPECT_EQ(clients[i].take(), line_of(i) + ";" + line_of(i) + ";")
                << "client " << i << ", round " << round;
        for (memory_peer& each : clients)
            each.send("\n");
        server.run();
        for (memory_peer& each : clients)
            EXPECT_EQ(each.take(), "part;");
    }
}

TEST(ConversationViews, are_good_while_a_write_of_them_waits)
{
    const auto handler = [](session& s) -> task<>
    {
        while (auto some = co_await s.read_some())
            co_await s.write(*some);
    };
    loopback server(naru::raw(handler), quiet);
    auto slow = server.connect({.room = 100});
    auto fast = server.connect();
    const std::string large(50'000, 's');
    slow.send(large);
    server.run();
    fast.send(std::string(60'000, 'f')); // into the shard's block
    server.run();
    std::string got;
    for (std::string part; part = slow.take(), server.run(), !part.empty();)
        got += part;
    EXPECT_TRUE(got == large);
}

TEST(ConversationViews, are_good_for_a_handler_that_waits_in_its_first_read_after_a_pause)
{
    std::vector<std::string> got;
    const auto handler = [&](session& s) -> task<>
    {
        co_await pause();
        while (auto block = co_await s.read_exactly(4))
        {
            const std::string_view view = *block;
            co_await pause();
            got.emplace_back(view);
        }
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect({.read_at_most = 3});
    client.send("abcdefghijkl");
    client.finish();
    server.run();
    EXPECT_EQ(got, (std::vector<std::string>{"abcd", "efgh", "ijkl"}));
}

// --- what a handler throws ---------------------------------------------------------------------------------

struct thrower
{
    const char* name;
    naru::handler handler;
    close_reason reason;
    const char* logged; // nullptr: nothing but the session's own line
};

task<> read_line_of(session& s)
{
    co_await s.read_line();
}

const thrower throwers[] = {
    {"before it is a coroutine", [](session&) -> task<> { throw std::runtime_error("too early"); },
     close_reason::handler_error, "what=\"too early\""},
    {"before its first suspension",
     [](session&) -> task<>
     {
         throw std::runtime_error("early");
         co_return;
     },
     close_reason::handler_error, "what=early"},
    {"after a suspension",
     [](session& s) -> task<>
     {
         co_await read_line_of(s);
         throw std::runtime_error("late");
     },
     close_reason::handler_error, "what=late"},
    {"after a pause of its own",
     [](session&) -> task<>
     {
         co_await pause();
         throw std::runtime_error("paused");
     },
     close_reason::handler_error, "what=paused"},
    {"something that is no exception",
     [](session& s) -> task<>
     {
         co_await read_line_of(s);
         throw 42;
     },
     close_reason::handler_error, "what=\"something that is no std::exception\""},
    {"an error of its own",
     [](session&) -> task<>
     {
         co_await pause();
         throw naru::error(naru::from_errno(ENOENT), "open", "/etc/motd");
     },
     close_reason::handler_error, "what=\"open /etc/motd: no such file or directory\""},
    {"what a limit gave it",
     [](session& s) -> task<>
     {
         naru::limits small = s.bounds();
         small.line = 1;
         s.bounds(small);
         co_await read_line_of(s);
     },
     close_reason::limit_exceeded, nullptr},
    {"what a peer gave it that finished too early",
     [](session& s) -> task<> { co_await s.read_exactly(100); }, close_reason::peer_closed, nullptr},
};

TEST(Conversation, ends_its_own_session_and_nothing_else_when_the_handler_throws)
{
    for (const thrower& row : throwers)
    {
        SCOPED_TRACE(row.name);
        loopback server(naru::raw(row.handler));
        auto client = server.connect();
        client.send("a line\n");
        client.finish();
        server.run();
        EXPECT_TRUE(client.closed());
        EXPECT_EQ(server.ended(row.reason), 1u);
        EXPECT_TRUE(server.sessions().empty());
        const auto log = server.log();
        EXPECT_EQ(log.size(), row.logged ? 2u : 1u);
        if (row.logged)
        {
            EXPECT_THAT(log, Contains(HasSubstr(row.logged)));
            EXPECT_THAT(log, Contains(HasSubstr("error handler_error id=1 ")));
        }
        auto other = server.connect();
        server.run();
        EXPECT_EQ(server.figures().opened, 2u);
    }
}

TEST(Conversation, sends_what_was_written_before_the_handler_threw)
{
    const auto handler = [](session& s) -> task<>
    {
        co_await s.write("almost");
        throw std::runtime_error("no");
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    server.run();
    EXPECT_EQ(client.take(), "almost");
    EXPECT_TRUE(client.ended());
}

TEST(Conversation, has_a_reason_of_its_own_for_a_timeout_that_the_handler_made_itself)
{
    // Not the session's deadline: an errc::timed_out from elsewhere is just an error.
    const auto handler = [](session&) -> task<>
    {
        co_await pause();
        throw naru::error(naru::errc::timed_out, "ask", "database");
    };
    loopback server(naru::raw(handler), quiet);
    server.connect().finish();
    server.run();
    EXPECT_EQ(server.ended(close_reason::handler_error), 1u);
}

// --- closing -----------------------------------------------------------------------------------------------

/// How a waiting operation ended.
task<std::string> outcome(task<> operation)
{
    try
    {
        co_await std::move(operation);
    }
    catch (const std::exception& e)
    {
        co_return e.what();
    }
    co_return "done";
}

TEST(ConversationClose, from_outside_ends_whatever_the_handler_awaits)
{
    const std::string large(20'000, 'l');
    struct row
    {
        std::function<task<>(session&)> waits;
        std::string said;
    };
    const row rows[] = {
        {read_line_of, "read_line unix:: the session is closed"},
        {[&](session& s) -> task<> { co_await s.write(large); }, "write unix:: the session is closed"},
        {[&](session& s) -> task<>
         {
             s.send(large);
             co_await s.flush();
         },
         "flush unix:: the session is closed"},
        {[](session&) { return wait_for_ever(); }, "Operation canceled [system:125]"},
        {[](session& s) -> task<>
         {
             using namespace asio::experimental::awaitable_operators;
             auto either = read_line_of(s) || wait_for_ever();
             co_await std::move(either);
         },
         ""},
    };
    for (const row& each : rows)
    {
        naru::session_ref ref;
        std::string said;
        bool ended = false;
        const auto handler = [&](session& s) -> task<>
        {
            ref = s.ref();
            said = co_await outcome(each.waits(s));
            ended = true;
        };
        loopback server(naru::raw(handler), quiet);
        auto client = server.connect({.room = 10});
        server.run();
        EXPECT_FALSE(ended);
        ref.close(close_reason::limit_exceeded);
        server.run();
        EXPECT_TRUE(ended);
        if (!each.said.empty())
        {
            EXPECT_EQ(said, each.said);
        }
        EXPECT_TRUE(client.closed());
        EXPECT_EQ(server.ended(close_reason::limit_exceeded), 1u);
        EXPECT_TRUE(server.sessions().empty());
    }
}

TEST(ConversationClose, by_the_handler_itself_lets_it_come_to_its_end)
{
    std::string order;
    const auto handler = [&](session& s) -> task<>
    {
        s.close();
        order += "closed ";
        order += co_await outcome(wait_for_ever());
        order += " ended";
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    server.run();
    EXPECT_EQ(order, "closed Operation canceled [system:125] ended");
    EXPECT_EQ(server.ended(close_reason::closed_by_us), 1u);
    EXPECT_TRUE(server.sessions().empty());
}

TEST(ConversationClose, waits_for_a_handler_that_has_something_to_finish)
{
    int steps = 0;
    const auto handler = [&](session& s) -> task<>
    {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_await outcome(read_line_of(s));
        for (; steps < 5; ++steps)
            co_await pause();
        EXPECT_EQ(s.id(), 1u) << "the session is there for as long as its handler runs";
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    server.run();
    client.reset();
    server.run();
    EXPECT_EQ(steps, 5);
    EXPECT_TRUE(server.sessions().empty());
    EXPECT_EQ(server.ended(close_reason::peer_reset), 1u);
}

TEST(ConversationClose, while_a_read_and_a_write_wait_ends_both)
{
    const std::string large(20'000, 'l');
    std::string read;
    std::string written;
    naru::session_ref ref;
    const auto handler = [&](session& s) -> task<>
    {
        using namespace asio::experimental::awaitable_operators;
        ref = s.ref();
        const auto reads = [&]() -> task<> { read = co_await outcome(read_line_of(s)); };
        const auto writes = [&]() -> task<> { written = co_await outcome(s.write(large)); };
        auto both = reads() && writes();
        co_await std::move(both);
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect({.room = 10});
    server.run();
    ref.close();
    server.run();
    EXPECT_EQ(read, "done") << "in a group, a read gives the end of its input";
    EXPECT_EQ(written, "write unix:: the session is closed");
    EXPECT_TRUE(server.sessions().empty());
}

TEST(ConversationClose, of_a_broken_connection_says_what_broke_to_each_that_waits)
{
    const std::string large(20'000, 'l');
    std::string written;
    const auto handler = [&](session& s) -> task<> { written = co_await outcome(s.write(large)); };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect({.room = 10});
    server.run();
    client.reset(ECONNRESET);
    server.run();
    EXPECT_EQ(written, "write unix:: connection reset by peer");
    EXPECT_EQ(server.ended(close_reason::peer_reset), 1u);
}

// --- the peer ----------------------------------------------------------------------------------------------

TEST(Conversation, is_given_the_end_of_the_peer_once_and_for_all)
{
    int ends = 0;
    const auto handler = [&](session& s) -> task<>
    {
        for (int i = 0; i < 3; ++i)
            if (!co_await s.read_line())
                ++ends;
        co_await s.write("still here");
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    client.finish();
    server.run();
    EXPECT_EQ(ends, 3);
    EXPECT_EQ(client.take(), "still here");
}

TEST(Conversation, reads_nothing_from_the_kernel_that_its_handler_does_not_ask_for)
{
    naru::session_ref ref;
    const auto handler = [&](session& s) -> task<>
    {
        ref = s.ref();
        co_await s.read_line();
        co_await wait_for_ever();
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    client.send("first\n");
    server.run();
    for (int i = 0; i < 10; ++i)
    {
        client.send(std::string(10'000, 'x'));
        server.run();
    }
    EXPECT_LE(server.sessions().at(0).bytes_in, 6u) << "a peer that is not read feels it";
    ref.close();
}

} // namespace
