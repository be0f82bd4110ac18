#include <naru/testing/loopback.hpp>

#include <naru/raw/raw.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace
{

namespace asio = boost::asio;
using namespace std::chrono_literals;
using naru::close_reason;
using naru::testing::loopback;
using testing::ElementsAre;
using testing::HasSubstr;

naru::task<> echo(naru::session& s)
{
    while (auto line = co_await s.read_line())
        co_await s.write(*line, "\r\n");
}

TEST(Loopback, serves_a_protocol_without_a_socket)
{
    loopback server(naru::raw(echo));
    auto client = server.connect();
    client.send("hello\n");
    EXPECT_EQ(client.take(), "") << "something happened before run()";
    server.run();
    EXPECT_EQ(client.take(), "hello\r\n");

    client.finish();
    server.run();
    EXPECT_TRUE(client.ended());
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::peer_closed), 1u);
}

TEST(Loopback, passes_a_long_time_in_none)
{
    naru::limits bounds;
    bounds.idle = 1h;
    loopback server(naru::raw(echo, bounds));
    auto client = server.connect();
    server.advance(1h);
    EXPECT_FALSE(client.ended());
    server.advance(20ms);
    EXPECT_TRUE(client.ended());
    server.advance(3s); // while it lingers
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::idle_timeout), 1u);
}

TEST(Loopback, runs_what_is_due_on_the_way_each_at_its_time)
{
    // What comes after 30 ms resets the deadline of 50 ms; a clock that jumped to the end would miss that.
    naru::limits bounds;
    bounds.idle = 50ms;
    loopback server(naru::raw(echo, bounds));
    auto client = server.connect({.delay = 30ms});
    server.run();
    client.send("a\n");
    server.advance(70ms);
    EXPECT_EQ(client.take(), "a\r\n");
    EXPECT_FALSE(client.closed());
}

TEST(Loopback, shows_sessions_figures_and_traffic)
{
    loopback server(naru::raw(echo));
    auto first = server.connect(naru::endpoint::from("tcp://192.0.2.7:4711"));
    auto second = server.connect();
    first.send("12345\n");
    server.run();

    const auto sessions = server.sessions();
    ASSERT_EQ(sessions.size(), 2u);
    EXPECT_EQ(sessions[0].peer, "tcp://192.0.2.7:4711");
    EXPECT_EQ(sessions[0].listener, "tcp://127.0.0.1:9190");
    EXPECT_EQ(sessions[0].protocol, "raw");
    EXPECT_EQ(sessions[0].bytes_in, 6u);
    EXPECT_EQ(sessions[0].bytes_out, 7u);
    EXPECT_EQ(sessions[1].peer, "unix:");
    EXPECT_EQ(server.figures().open, 2u);
    EXPECT_EQ(server.figures().opened, 2u);
    EXPECT_EQ(server.traffic().open, 2u);
    EXPECT_EQ(server.traffic().bytes_in, 6u);
}

TEST(Loopback, drains_and_stops_as_a_server_does)
{
    loopback server(naru::raw(echo));
    auto idle = server.connect();
    auto busy = server.connect();
    busy.send("begun");
    server.run();
    server.drain();
    server.run();
    EXPECT_TRUE(idle.closed() || idle.ended());
    EXPECT_FALSE(busy.ended());
    server.stop();
    server.run();
    EXPECT_TRUE(busy.closed());
    EXPECT_EQ(server.ended(close_reason::shutdown), 1u);
}

TEST(Loopback, serves_no_connection_after_stop)
{
    loopback server(naru::raw(echo));
    server.stop();
    server.run();
    auto client = server.connect();
    server.run();
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.figures().opened, 0u);
    EXPECT_EQ(server.traffic().refused, 1u);
    EXPECT_EQ(server.traffic().open, 0u);
}

TEST(Loopback, captures_the_log)
{
    loopback server(naru::raw(echo));
    auto client = server.connect();
    client.finish();
    server.run();
    EXPECT_THAT(server.log(),
                ElementsAre(HasSubstr("info session id=1 protocol=raw listener=tcp://127.0.0.1:9190 "
                                      "peer=unix: reason=peer_closed")));
    EXPECT_EQ(server.log().size(), 1u) << "asking changes what is captured";
}

TEST(Loopback, captures_a_log_in_json)
{
    loopback server(naru::raw(echo), {.json = true});
    auto client = server.connect();
    client.finish();
    server.run();
    EXPECT_THAT(server.log(), ElementsAre(HasSubstr(R"("event":"session","id":1,"protocol":"raw")")));
}

TEST(Loopback, has_no_log_when_told_so)
{
    loopback server(naru::raw(echo), {.level = naru::log_level::off});
    server.connect().finish();
    server.run();
    EXPECT_TRUE(server.log().empty());
}

TEST(Loopback, leaves_its_peers_with_what_they_got)
{
    std::optional<naru::testing::memory_peer> client;
    {
        loopback server(naru::raw([](naru::session& s) -> naru::task<> { co_await s.write("goodbye"); }));
        client = server.connect();
        server.run();
    }
    EXPECT_TRUE(client->closed());
    EXPECT_TRUE(client->ended());
    client->send("hello?");
    client->finish();
    EXPECT_EQ(client->take(), "goodbye");
}

TEST(Loopback, destroys_a_handler_that_waits_for_ever_while_what_it_captured_is_there)
{
    struct farewell
    {
        ~farewell() { *said = *name; }
        const std::string* name;
        std::string* said;
    };
    std::string said;
    {
        auto waits_for_ever = [name = std::make_shared<std::string>("captured"),
                               &said](naru::session&) -> naru::task<>
        {
            const farewell at_the_end{name.get(), &said};
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            asio::steady_timer never(co_await asio::this_coro::executor,
                                     asio::steady_timer::time_point::max());
            co_await never.async_wait(asio::use_awaitable);
        };
        loopback server(naru::raw(std::move(waits_for_ever)));
        auto client = server.connect();
        server.run();
        server.stop();
        server.run();
        EXPECT_TRUE(client.closed());
        EXPECT_EQ(said, "");
    }
    EXPECT_EQ(said, "captured");
}

TEST(Loopback, resumes_handlers_in_its_loop_also_when_a_deadline_ends_their_wait)
{
    naru::limits bounds;
    bounds.idle = std::chrono::seconds(1);
    bounds.write_stall = std::chrono::seconds(1);
    std::vector<bool> inside;
    naru::testing::loopback* self = nullptr;
    const auto look = [&] { inside.push_back(self->loop().get_executor().running_in_this_thread()); };
    const auto handler = [&](naru::session& s) -> naru::task<>
    {
        look();
        EXPECT_THROW(co_await s.read_line(), naru::error); // idle
        look();
        const std::string large(200'000, 'l');
        EXPECT_THROW(co_await s.write(large), naru::error); // stalled
        look();
    };
    loopback server(naru::raw(handler, bounds), {.level = naru::log_level::off});
    self = &server;
    auto client = server.connect();
    server.advance(std::chrono::seconds(10));
    EXPECT_EQ(inside, (std::vector<bool>{true, true, true}));
}

} // namespace
