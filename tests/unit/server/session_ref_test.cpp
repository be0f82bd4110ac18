#include <naru/server/session_ref.hpp>

#include <naru/raw/raw.hpp>
#include <naru/testing/loopback.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace
{

using naru::close_reason;
using naru::session;
using naru::session_ref;
using naru::task;
using naru::testing::loopback;

/// Notes the references of the sessions that it serves.
class SessionRef : public testing::Test
{
  protected:
    naru::protocol noting()
    {
        return naru::raw(
            [this](session& s) -> task<>
            {
                refs.push_back(s.ref());
                while (co_await s.read_line())
                    ;
            });
    }

    std::vector<session_ref> refs;
};

TEST_F(SessionRef, of_nothing_says_nothing_to_nobody)
{
    const session_ref nobody;
    EXPECT_EQ(nobody.id(), 0u);
    nobody.send("hello");
    nobody.close();
}

TEST_F(SessionRef, names_one_session)
{
    loopback server(noting());
    auto first = server.connect();
    auto second = server.connect();
    server.run();
    ASSERT_EQ(refs.size(), 2u);
    EXPECT_EQ(refs[0].id(), 1u);
    EXPECT_NE(refs[0], refs[1]);
    const session_ref copy = refs[0];
    EXPECT_EQ(copy, refs[0]);
    copy.send("to the first");
    server.run();
    EXPECT_EQ(first.take(), "to the first");
    EXPECT_EQ(second.take(), "");
    copy.close(close_reason::limit_exceeded);
    server.run();
    EXPECT_TRUE(first.closed());
    EXPECT_FALSE(second.closed());
    EXPECT_EQ(server.ended(close_reason::limit_exceeded), 1u);
}

TEST_F(SessionRef, of_a_session_that_has_ended_does_not_reach_the_next_one_in_its_place)
{
    loopback server(noting());
    auto first = server.connect();
    first.finish();
    server.run();
    ASSERT_TRUE(first.closed());
    auto second = server.connect();
    server.run();
    refs[0].send("for the first");
    refs[0].close();
    server.run();
    EXPECT_EQ(second.take(), "");
    EXPECT_FALSE(second.closed());
}

TEST_F(SessionRef, may_outlive_the_server)
{
    {
        loopback server(noting());
        auto client = server.connect();
        server.run();
    }
    ASSERT_EQ(refs.size(), 1u);
    refs[0].send("hello?");
    refs[0].close();
}

TEST_F(SessionRef, may_be_used_from_any_thread)
{
    loopback server(noting());
    auto client = server.connect();
    server.run();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back(
            [ref = refs[0]]
            {
                for (int word = 0; word < 100; ++word)
                    ref.send("word ");
            });
    for (std::thread& each : threads)
        each.join();
    server.run();
    std::string expected;
    for (int i = 0; i < 400; ++i)
        expected += "word ";
    EXPECT_EQ(client.take(), expected);
}

} // namespace
