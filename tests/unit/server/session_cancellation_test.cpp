#include <naru/server/session.hpp>

#include <naru/raw/raw.hpp>
#include <naru/testing/loopback.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace
{

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;
using asio::cancellation_type;
using naru::close_reason;
using naru::session;
using naru::task;
using naru::testing::loopback;
using naru::testing::memory_peer;

const naru::testing::loopback_options quiet{.level = naru::log_level::off};

/// A timer that the test ends instead of the time.
class alarm_clock
{
  public:
    task<> wait()
    {
        asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        timer_ = &timer;
        boost::system::error_code ended;
        auto token = asio::redirect_error(asio::use_awaitable, ended);
        auto waiting = timer.async_wait(token);
        co_await std::move(waiting);
        timer_ = nullptr;
        if (!rang_)
            throw boost::system::system_error(ended);
        rang_ = false;
    }

    /// Takes effect with the next run of the loop.
    void ring()
    {
        rang_ = true;
        if (timer_)
            timer_->cancel();
    }

  private:
    asio::steady_timer* timer_ = nullptr; // while somebody waits
    bool rang_ = false;
};

struct group_test : testing::Test
{
    alarm_clock alarm;
    std::vector<std::string> heard;

    task<> read_or_alarm(session& s)
    {
        for (;;)
        {
            auto either = s.read_line() || alarm.wait();
            const auto first = co_await std::move(either);
            if (first.index() == 1)
                heard.emplace_back("alarm");
            else if (const auto& line = std::get<0>(first))
                heard.emplace_back(*line);
            else
                co_return;
        }
    }

    task<> alarm_or_read(session& s)
    {
        for (;;)
        {
            auto either = alarm.wait() || s.read_line();
            const auto first = co_await std::move(either);
            if (first.index() == 0)
                heard.emplace_back("alarm");
            else if (const auto& line = std::get<1>(first))
                heard.emplace_back(*line);
            else
                co_return;
        }
    }
};

using SessionGroup = group_test;

TEST_F(SessionGroup, of_a_read_and_a_timer_ends_with_the_timer_and_loses_nothing)
{
    for (const bool read_first : {true, false})
    {
        heard.clear();
        loopback server(
            naru::raw([&](session& s) { return read_first ? read_or_alarm(s) : alarm_or_read(s); }), quiet);
        auto client = server.connect();
        client.send("one\ntw");
        server.run();
        alarm.ring();
        server.run();
        alarm.ring();
        server.run();
        client.send("o\nthr");
        server.run();
        alarm.ring();
        server.run();
        client.send("ee\nfour\n");
        server.run();
        client.finish();
        server.run();
        EXPECT_EQ(heard,
                  (std::vector<std::string>{"one", "alarm", "alarm", "two", "alarm", "three", "four"}));
        EXPECT_EQ(server.ended(close_reason::peer_closed), 1u);
    }
}

TEST_F(SessionGroup, of_a_read_and_a_timer_neither_loses_nor_doubles_a_byte_wherever_the_timer_ends_it)
{
    const std::string sent = "a\nbc\n\ndef\r\nghij\n";
    const std::vector<std::string> lines{"a", "bc", "", "def", "ghij"};
    for (const bool read_first : {true, false})
        for (unsigned which = 0; which < 1u << 8; ++which)
        {
            heard.clear();
            loopback server(
                naru::raw([&](session& s) { return read_first ? read_or_alarm(s) : alarm_or_read(s); }),
                quiet);
            auto client = server.connect();
            server.run();
            for (std::size_t i = 0; i < sent.size(); ++i)
            {
                // Both in one run in every order: the timer alone, the byte alone, either before the other.
                const unsigned how = (which >> (2 * (i % 4))) & 3u;
                if (how == 1)
                    alarm.ring();
                client.send(sent.substr(i, 1));
                if (how == 2)
                    alarm.ring();
                server.run();
                if (how == 3)
                {
                    alarm.ring();
                    server.run();
                }
            }
            client.finish();
            server.run();
            std::erase(heard, "alarm");
            ASSERT_EQ(heard, lines) << "with alarms as in " << which;
        }
}

TEST_F(SessionGroup, gives_a_line_that_is_there_already_once_also_when_the_timer_ends_at_the_same_time)
{
    const auto handler = [&](session& s) -> task<>
    {
        heard.emplace_back(*co_await s.read_line());
        const auto executor = co_await asio::this_coro::executor;
        for (int i = 0; i < 4; ++i)
        {
            auto either = asio::post(executor, asio::use_awaitable) || s.read_line();
            const auto first = co_await std::move(either);
            if (first.index() == 1)
                heard.emplace_back(*std::get<1>(first));
        }
        while (const auto line = co_await s.read_line())
            heard.emplace_back(*line);
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    client.send("one\ntwo\nthree\nfour\nfive\nsix\n");
    client.finish();
    server.run();
    EXPECT_EQ(heard, (std::vector<std::string>{"one", "two", "three", "four", "five", "six"}));
}

TEST_F(SessionGroup, ends_every_kind_of_read_without_consuming)
{
    const std::function<task<>(session&)> reads[] = {
        [](session& s) -> task<> { co_await s.read_exactly(7); },
        [](session& s) -> task<> { co_await s.read_line(); },
        [](session& s) -> task<> { co_await s.read_until("--"); },
        [](session& s) -> task<>
        {
            std::string room(7, ' ');
            co_await s.read_into(room);
        },
    };
    for (const auto& read : reads)
    {
        heard.clear();
        const auto handler = [&](session& s) -> task<>
        {
            for (int i = 0; i < 2; ++i)
            {
                auto either = read(s) || alarm.wait();
                const auto first = co_await std::move(either);
                heard.emplace_back(first.index() == 0 ? "read" : "alarm");
            }
            while (const auto all = co_await s.read_some())
                heard.emplace_back(*all);
        };
        loopback server(naru::raw(handler), quiet);
        auto client = server.connect();
        client.send("abc");
        server.run();
        client.send("de");
        server.run();
        alarm.ring();
        server.run();
        alarm.ring();
        server.run();
        client.finish();
        server.run();
        EXPECT_EQ(heard, (std::vector<std::string>{"alarm", "alarm", "abcde"}));
    }
}

TEST(SessionCancellation, does_not_lengthen_the_deadline_of_a_message_that_has_begun)
{
    naru::limits bounds;
    bounds.read = 10s;
    session* self = nullptr;
    const auto handler = [&](session& s) -> task<>
    {
        self = &s;
        for (;;)
            try
            {
                co_await s.read_line();
            }
            catch (const naru::error& e)
            {
                if (e.code() != naru::errc::cancelled)
                    throw;
            }
    };
    loopback server(naru::raw(handler, bounds), quiet);
    auto client = server.connect();
    client.send("begun");
    server.run();
    for (int i = 0; i < 4; ++i)
    {
        server.advance(2s);
        asio::post(server.loop(), [&] { self->cancel(); });
        server.run();
    }
    EXPECT_FALSE(client.ended());
    server.advance(3s);
    EXPECT_TRUE(client.ended());
    server.advance(1min);
    EXPECT_EQ(server.ended(close_reason::read_timeout), 1u);
}

TEST_F(SessionGroup, of_two_sessions_reads_whichever_has_bytes)
{
    session* first = nullptr;
    const auto both = [&](session& s) -> task<>
    {
        if (!first)
        {
            first = &s;
            auto forever = alarm.wait();
            co_await std::move(forever);
            co_return;
        }
        for (int i = 0; i < 4; ++i)
        {
            auto either = first->read_some() || s.read_some();
            const auto got = co_await std::move(either);
            const auto& bytes = got.index() == 0 ? std::get<0>(got) : std::get<1>(got);
            heard.emplace_back((got.index() == 0 ? "first " : "second ") + std::string(*bytes));
        }
        alarm.ring();
    };
    loopback server(naru::raw(both), quiet);
    auto one = server.connect();
    server.run();
    auto two = server.connect();
    server.run();
    for (const char* text : {"a", "b"})
    {
        one.send(text);
        server.run();
        two.send(text);
        server.run();
    }
    EXPECT_EQ(heard, (std::vector<std::string>{"first a", "second a", "first b", "second b"}));
}

TEST_F(SessionGroup, sends_the_whole_of_a_write_that_it_ends)
{
    const std::string large(20'000, 'l');
    const auto handler = [&](session& s) -> task<>
    {
        {
            auto lent = std::make_unique<std::string>(large);
            auto either = s.write(*lent) || alarm.wait();
            const auto first = co_await std::move(either);
            heard.emplace_back(first.index() == 0 ? "written" : "alarm");
        }
        co_await s.write("after");
        auto flushed = s.flush() || alarm.wait();
        const auto first = co_await std::move(flushed);
        heard.emplace_back(first.index() == 0 ? "flushed" : "alarm");
        co_await s.flush();
        heard.emplace_back("flushed");
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect({.room = 1'000});
    server.run();
    alarm.ring();
    server.run();
    EXPECT_EQ(heard, (std::vector<std::string>{"alarm"}));
    alarm.ring();
    server.run();
    EXPECT_EQ(heard, (std::vector<std::string>{"alarm", "alarm"}));
    std::string got;
    for (std::string part; server.run(), part = client.take(), !part.empty();)
        got += part;
    EXPECT_TRUE(got == large + "after");
    EXPECT_EQ(heard, (std::vector<std::string>{"alarm", "alarm", "flushed"}));
    client.finish();
    server.run();
    EXPECT_EQ(server.ended(close_reason::handler_done), 1u);
}

TEST_F(SessionGroup, of_a_read_and_a_write_that_must_both_end_waits_for_both)
{
    const std::string large(20'000, 'l');
    const auto handler = [&](session& s) -> task<>
    {
        auto both = s.read_exactly(4) && s.write(large);
        const auto message = co_await std::move(both);
        heard.emplace_back(*message);
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect({.room = 1'000});
    std::string got;
    for (std::string part; server.run(), part = client.take(), !part.empty();)
        got += part;
    EXPECT_TRUE(heard.empty());
    client.send("abcd");
    server.run();
    EXPECT_EQ(heard, (std::vector<std::string>{"abcd"}));
    EXPECT_TRUE(got == large);
}

TEST_F(SessionGroup, ends_the_read_when_the_write_beside_it_fails)
{
    const auto handler = [&](session& s) -> task<>
    {
        try
        {
            const auto fails = [&]() -> task<>
            {
                co_await alarm.wait();
                throw std::runtime_error("no");
            };
            auto both = s.read_line() && fails();
            co_await std::move(both);
        }
        catch (const std::exception& e)
        {
            heard.emplace_back(e.what());
        }
        heard.emplace_back(*co_await s.read_line());
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    client.send("half");
    server.run();
    alarm.ring();
    server.run();
    client.send(" and half\n");
    server.run();
    ASSERT_EQ(heard.size(), 2u);
    EXPECT_EQ(heard[1], "half and half");
}

TEST_F(SessionGroup, ends_in_whatever_way_the_session_ends)
{
    naru::limits bounds;
    bounds.idle = 5s;
    struct row
    {
        const char* name;
        std::function<void(loopback&, const naru::session_ref&, memory_peer&)> ends;
        close_reason reason;
    };
    const row rows[] = {
        {"closed", [](loopback&, const naru::session_ref& ref, memory_peer&) { ref.close(); },
         close_reason::closed_by_us},
        {"reset", [](loopback&, const naru::session_ref&, memory_peer& peer) { peer.reset(); },
         close_reason::peer_reset},
        {"drained", [](loopback& server, const naru::session_ref&, memory_peer&) { server.drain(); },
         close_reason::drained},
        {"stopped", [](loopback& server, const naru::session_ref&, memory_peer&) { server.stop(); },
         close_reason::drained},
        {"timed out", [](loopback& server, const naru::session_ref&, memory_peer&) { server.advance(6s); },
         close_reason::idle_timeout},
    };
    for (const row& each : rows)
    {
        SCOPED_TRACE(each.name);
        naru::session_ref ref;
        const auto handler = [&](session& s) -> task<>
        {
            ref = s.ref();
            auto either = s.read_line() || alarm.wait();
            static_cast<void>(co_await std::move(either));
        };
        loopback server(naru::raw(handler, bounds), quiet);
        auto client = server.connect();
        server.run();
        each.ends(server, ref, client);
        server.run();
        // The read has failed with the session's end or deadline; `||` waits for the other one then.
        alarm.ring();
        server.run();
        client.finish();
        server.run();
        EXPECT_TRUE(server.sessions().empty());
        EXPECT_EQ(server.figures().open, 0u);
    }
}

// --- every kind of cancellation ----------------------------------------------------------------------------

TEST(SessionCancellation, of_one_operation_is_errc_cancelled_for_each_type_and_leaves_the_session_as_it_was)
{
    for (const cancellation_type type :
         {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total})
    {
        asio::cancellation_signal signal;
        std::string said;
        std::string line;
        const auto child = [&](session& s) -> task<>
        {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
            co_await asio::this_coro::throw_if_cancelled(false);
            try
            {
                co_await s.read_line();
            }
            catch (const naru::error& e)
            {
                EXPECT_EQ(e.code(), naru::errc::cancelled);
                said = e.what();
            }
            line = *co_await s.read_line();
        };
        const auto handler = [&](session& s) -> task<>
        {
            const auto executor = co_await asio::this_coro::executor;
            auto token = asio::bind_cancellation_slot(signal.slot(), asio::use_awaitable);
            auto spawned = asio::co_spawn(executor, child(s), token);
            co_await std::move(spawned);
        };
        loopback server(naru::raw(handler), quiet);
        auto client = server.connect();
        client.send("half");
        server.run();
        asio::post(server.loop(), [&] { signal.emit(type); });
        server.run();
        EXPECT_EQ(said, "read_line unix:: cancelled");
        EXPECT_TRUE(line.empty());
        asio::post(server.loop(), [&] { signal.emit(cancellation_type::none); });
        client.send(" and half\n");
        server.run();
        EXPECT_EQ(line, "half and half");
        client.finish();
        server.run();
        EXPECT_EQ(server.ended(close_reason::handler_done), 1u);
    }
}

TEST(SessionCancellation, after_the_operation_or_the_session_has_ended_reaches_nothing)
{
    asio::cancellation_signal signal;
    std::string line;
    const auto child = [&](session& s) -> task<>
    {
        line = *co_await s.read_line();
        co_await s.read_line(); // until the handler has ended, and the session with it
    };
    const auto handler = [&](session& s) -> task<>
    {
        const auto executor = co_await asio::this_coro::executor;
        asio::co_spawn(executor, child(s), asio::bind_cancellation_slot(signal.slot(), asio::detached));
        asio::steady_timer soon(executor, asio::steady_timer::time_point::max());
        boost::system::error_code ignored;
        auto token = asio::redirect_error(asio::use_awaitable, ignored);
        auto waiting = soon.async_wait(token);
        co_await std::move(waiting);
    };
    loopback server(naru::raw(handler), quiet);
    auto client = server.connect();
    client.send("line\n");
    server.run();
    EXPECT_EQ(line, "line");
    client.reset();
    server.stop();
    server.run();
    EXPECT_TRUE(server.sessions().empty());
    asio::post(server.loop(), [&] { signal.emit(cancellation_type::terminal); });
    server.run();
}

} // namespace
