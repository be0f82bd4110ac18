#include <naru/http/serve.hpp>

#include "http/http_session.hpp"

#include "reading.hpp"

#include <naru/testing/loopback.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace naru::http
{
namespace
{

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::StartsWith;

TEST(Serve, makes_a_protocol_with_the_bounds_of_its_options)
{
    options chosen;
    chosen.idle = 5s;
    chosen.write_stall = 6s;
    chosen.linger = 7ms;
    chosen.write_rate = 9;
    chosen.outbox_high = 8;
    chosen.outbox_low = 4;
    const protocol made = serve(router(), chosen);
    EXPECT_EQ(made.name(), "http");
    const limits& bounds = made.model()->bounds();
    EXPECT_EQ(bounds.idle, 5s);
    EXPECT_EQ(bounds.write_stall, 6s);
    EXPECT_EQ(bounds.linger, 7ms);
    EXPECT_EQ(bounds.write_rate, 9u);
    EXPECT_EQ(bounds.outbox_high, 8u);
    EXPECT_EQ(bounds.outbox_low, 4u);
}

TEST(Serve, takes_zero_for_no_limit)
{
    options chosen;
    chosen.line = chosen.head = chosen.fields = chosen.body = 0;
    const protocol made = serve(router(), chosen);
    const auto& bounds = dynamic_cast<const http_model&>(*made.model()).exchange_bounds();
    EXPECT_GT(bounds.head.line, 1'000'000u);
    EXPECT_GT(bounds.head.head, 1'000'000u);
    EXPECT_GT(bounds.head.fields, 1'000'000u);
    EXPECT_GT(bounds.body, 1'000'000u);
}

TEST(Serve, takes_the_greatest_numbers_for_no_limit)
{
    options chosen;
    chosen.line = chosen.head = chosen.fields = chosen.body = std::numeric_limits<std::size_t>::max();
    router site;
    site.post("/", [](const request& r) { return text(std::string(r.body())); });
    testing::loopback server(serve(std::move(site), chosen), {.level = log_level::off});
    auto client = server.connect({.read_at_most = 5});
    client.send(
        post("/", "hello") +
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nworld\r\n0\r\nX: y\r\n\r\n");
    server.run();
    EXPECT_THAT(read_bodies(client.take()), ::testing::ElementsAre("hello", "world"));
}

TEST(Serve, takes_an_empty_host_on_unix_listeners_only)
{
    for (const auto& [local, status] :
         {std::pair(endpoint::tcp("127.0.0.1", 1), 400), std::pair(endpoint::unix_path("/run/x.sock"), 200),
          std::pair(endpoint::unix_abstract("x"), 200)})
    {
        router site;
        site.get("/", [](const request& r) { return text("[" + std::string(r.host()) + "]"); });
        testing::loopback server(serve(std::move(site)), {.level = log_level::off, .local = local});
        auto client = server.connect();
        client.send("GET / HTTP/1.1\r\nHost: %2Ftmp%2Fx.sock\r\n\r\nGET / HTTP/1.1\r\nHost:\r\n\r\n");
        server.run();
        const auto answers = read_answers(client.take());
        ASSERT_EQ(answers.size(), 2u);
        EXPECT_EQ(answers[0].body, "[%2Ftmp%2Fx.sock]");
        EXPECT_EQ(answers[1].status, status) << local.text();
        if (status == 200)
        {
            EXPECT_EQ(answers[1].body, "[]");
        }
    }
}

TEST(Serve, turns_away_in_http)
{
    const protocol made = serve(router());
    EXPECT_THAT(std::string(made.model()->refusal()), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
    EXPECT_THAT(std::string(made.model()->refusal()), EndsWith("\r\nConnection: close\r\n\r\n"));
}

TEST(Serve, shares_one_model_among_copies)
{
    const protocol first = serve(router());
    const protocol second = first;
    EXPECT_EQ(first.model(), second.model());
}

} // namespace
} // namespace naru::http
