#include <naru/http/serve.hpp>

#include "http/http_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
    chosen.outbox_high = 8;
    chosen.outbox_low = 4;
    const protocol made = serve(router(), chosen);
    EXPECT_EQ(made.name(), "http");
    const limits& bounds = made.model()->bounds();
    EXPECT_EQ(bounds.idle, 5s);
    EXPECT_EQ(bounds.write_stall, 6s);
    EXPECT_EQ(bounds.linger, 7ms);
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
