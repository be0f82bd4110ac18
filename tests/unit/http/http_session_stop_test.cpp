#include "http/http_session.hpp"

#include "gate.hpp"
#include "net/plain_socket.hpp"
#include "reading.hpp"

#include <naru/server/server.hpp>
#include <naru/testing/loopback.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>

namespace naru::http
{
namespace
{

using namespace std::chrono_literals;
using naru::testing::loopback;
using ::testing::Contains;
using ::testing::HasSubstr;

class HttpSessionStop : public ::testing::Test
{
  protected:
    router make_site()
    {
        router site;
        site.get("/wait",
                 [this](const request&) -> task<response>
                 {
                     co_await gate_.pass();
                     co_return text("too late");
                 })
            .post("/echo", [](const request& r) { return text(std::string(r.body())); })
            .get("/large", [](const request&) { return text(std::string(100'000, 'l')); });
        return site;
    }

    gate gate_;
    loopback server_{serve(make_site())};
};

TEST_F(HttpSessionStop, answers_503_to_a_client_whose_handler_is_cut)
{
    auto client = server_.connect();
    client.send(get("/wait") + get("/wait"));
    server_.run();
    ASSERT_EQ(gate_.waiting(), 1u);
    server_.stop();
    server_.run();
    const auto answers = read_answers(client.take());
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].status, 503);
    EXPECT_TRUE(answers[0].closes());
    EXPECT_TRUE(client.closed());
    EXPECT_FALSE(client.was_reset());
    EXPECT_EQ(server_.ended(close_reason::shutdown), 1u);
    EXPECT_EQ(gate_.cancelled(), 1);
    EXPECT_THAT(server_.log(), Contains(HasSubstr("target=/wait status=503")));
}

TEST_F(HttpSessionStop, reads_what_has_come_so_that_no_reset_takes_the_503)
{
    auto client = server_.connect();
    client.send(get("/wait"));
    server_.run();
    client.send(std::string(300'000, 'x')); // stays in the kernel while the handler has the request
    server_.run();
    server_.stop();
    server_.run();
    EXPECT_EQ(read_answers(client.take()).at(0).status, 503);
    EXPECT_TRUE(client.closed());
    EXPECT_FALSE(client.was_reset());
}

TEST_F(HttpSessionStop, answers_503_to_a_request_that_has_begun)
{
    for (const std::string& begun :
         {std::string("GET / HT"), std::string("POST /echo HTTP/1.1\r\nHost: a\r\n"),
          post("/echo", "body").substr(0, 54)})
    {
        SCOPED_TRACE(begun);
        loopback server(serve(make_site()));
        auto client = server.connect();
        client.send(begun);
        server.run();
        server.stop();
        server.run();
        const auto answers = read_answers(client.take());
        ASSERT_EQ(answers.size(), 1u);
        EXPECT_EQ(answers[0].status, 503);
        EXPECT_TRUE(answers[0].closes());
        EXPECT_EQ(server.ended(close_reason::shutdown), 1u);
    }
}

TEST_F(HttpSessionStop, says_nothing_between_requests)
{
    auto client = server_.connect();
    client.send(post("/echo", "x"));
    server_.run();
    client.take();
    server_.stop();
    server_.run();
    EXPECT_EQ(client.take(), "");
    EXPECT_TRUE(client.closed());
}

TEST_F(HttpSessionStop, waits_for_nobody_who_does_not_read)
{
    auto client = server_.connect({.room = 1'000});
    client.send(get("/large") + get("/wait"));
    server_.run();
    server_.stop();
    server_.run();
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server_.ended(close_reason::shutdown), 1u);
    EXPECT_THAT(client.take(), HasSubstr("200 OK"));
}

TEST_F(HttpSessionStop, keeps_the_reason_of_a_session_that_lingers)
{
    auto client = server_.connect();
    client.send("bad\r\n");
    server_.run();
    client.send("more");
    server_.stop();
    server_.run();
    EXPECT_TRUE(client.closed());
    EXPECT_FALSE(client.was_reset());
    EXPECT_EQ(server_.ended(close_reason::protocol_error), 1u);
}

TEST(HttpServerStop, answers_503_when_the_deadline_of_a_drain_has_passed)
{
    std::promise<void> called;
    router site;
    site.get("/wait",
             [&](const request&) -> task<response>
             {
                 auto executor = co_await boost::asio::this_coro::executor;
                 boost::asio::steady_timer timer(executor, boost::asio::steady_timer::time_point::max());
                 called.set_value();
                 co_await timer.async_wait(boost::asio::use_awaitable);
                 co_return text("too late");
             });
    server serving({.log = {.level = log_level::off}});
    const listener listening = serving.listen("tcp://127.0.0.1:0", serve(std::move(site)));
    serving.start();
    naru::testing::plain_socket client(listening.local());
    ASSERT_TRUE(client.send(get("/wait") + std::string(200'000, 'x'))); // and what is never read
    called.get_future().wait();
    serving.drain(10ms);
    const auto answers = read_answers(client.receive_all());
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].status, 503);
    EXPECT_TRUE(answers[0].closes());
    serving.wait();
    EXPECT_EQ(serving.figures().closed[static_cast<std::size_t>(close_reason::shutdown)], 1u);
}

} // namespace
} // namespace naru::http
