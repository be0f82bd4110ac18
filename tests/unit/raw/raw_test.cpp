#include <naru/raw/raw.hpp>

#include "server/protocol_model.hpp"

#include <naru/testing/loopback.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace
{

using naru::testing::loopback;

TEST(Raw, runs_a_plain_function)
{
    struct local
    {
        static naru::task<> greet(naru::session& s) { co_await s.write("hello"); }
    };
    loopback server(naru::raw(local::greet));
    auto client = server.connect();
    server.run();
    EXPECT_EQ(client.take(), "hello");
}

TEST(Raw, owns_a_lambda_with_captures_for_as_long_as_a_session_runs_it)
{
    auto owned = std::make_shared<std::string>("captured");
    {
        auto speaks = [owned](naru::session& s) -> naru::task<>
        {
            while (co_await s.read_line())
                co_await s.write(*owned);
        };
        loopback server(naru::raw(std::move(speaks)));
        auto client = server.connect();
        client.send("\n");
        server.run();
        EXPECT_EQ(client.take(), "captured");
        EXPECT_GT(owned.use_count(), 1);
    }
    EXPECT_EQ(owned.use_count(), 1);
}

TEST(Raw, gives_its_limits_to_each_session)
{
    naru::limits bounds;
    bounds.line = 3;
    const auto echo = [](naru::session& s) -> naru::task<>
    {
        EXPECT_EQ(s.bounds().line, 3u);
        while (auto line = co_await s.read_line())
            co_await s.write(*line);
    };
    const naru::protocol speaks = naru::raw(echo, bounds);
    EXPECT_EQ(speaks.model()->bounds().line, 3u);
    loopback server(speaks);
    auto client = server.connect();
    client.send("abc\nabcd\n");
    server.run();
    EXPECT_EQ(client.take(), "abc");
    client.finish();
    server.run();
    EXPECT_EQ(server.ended(naru::close_reason::limit_exceeded), 1u);
}

} // namespace
