#include <naru/server/listener.hpp>

#include "net/plain_socket.hpp"
#include "server/echo_server.hpp"

#include <naru/raw/raw.hpp>
#include <naru/server/server.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

namespace
{

using naru::listener;
using naru::server;
using naru::session;
using naru::task;
using naru::testing::ask;
using naru::testing::echo;
using naru::testing::plain_socket;
using naru::testing::quiet;

TEST(Listener, gives_its_real_endpoint)
{
    server serving(quiet());
    const listener at = serving.listen("tcp://127.0.0.1:0", naru::raw(echo));
    EXPECT_NE(at.local().port(), 0);
    EXPECT_EQ(at.local().host(), "127.0.0.1");
}

TEST(Listener, can_be_added_while_the_server_serves)
{
    server serving(quiet(2));
    serving.start();
    const listener at = serving.listen("tcp://127.0.0.1:0", naru::raw(echo));
    plain_socket client(at.local());
    EXPECT_EQ(ask(client, "hello"), "hello\n");
}

TEST(Listener, closes_its_port_and_leaves_its_sessions)
{
    server serving(quiet(2));
    listener at = serving.listen("tcp://127.0.0.1:0", naru::raw(echo));
    serving.start();
    plain_socket before(at.local());
    ASSERT_EQ(ask(before, "before"), "before\n");
    at.close();
    at.close();
    // On its own thread, a moment later.
    int error = 0;
    for (int i = 0; i < 10'000 && error != ECONNREFUSED; ++i)
        error = plain_socket(at.local()).error();
    EXPECT_EQ(error, ECONNREFUSED);
    EXPECT_EQ(ask(before, "after"), "after\n");
    EXPECT_EQ(at.figures().open, 1u);
}

TEST(Listener, can_be_closed_and_opened_again_and_again_with_sessions_in_every_state)
{
    server serving(quiet(2));
    serving.start();
    std::vector<plain_socket> clients;
    for (int i = 0; i < 50; ++i)
    {
        listener at = serving.listen("tcp://127.0.0.1:0", naru::raw(echo));
        for (int n = 0; n < 3; ++n)
            clients.emplace_back(at.local());
        ask(clients.back(), "x");
        if (i % 2 == 0)
            clients.clear();
        at.close(); // and the handle is gone: what was its own is the sessions'
    }
    EXPECT_EQ(ask(clients.back(), "still there"), "still there\n");
}

TEST(Listener, may_outlive_its_server)
{
    std::optional<listener> at;
    {
        server serving(quiet());
        at = serving.listen("tcp://127.0.0.1:0", naru::raw(echo));
        serving.start();
        plain_socket client(at->local());
        EXPECT_EQ(ask(client, "hello"), "hello\n");
    }
    EXPECT_EQ(plain_socket(at->local()).error(), ECONNREFUSED);
    EXPECT_EQ(at->figures().accepted, 1u);
    EXPECT_EQ(at->figures().bytes_in, 6u);
    EXPECT_EQ(at->figures().open, 0u);
    at->close();
}

class UnixListener : public testing::Test
{
  protected:
    UnixListener()
    {
        char pattern[] = "/tmp/naru_listener_XXXXXX";
        folder = ::mkdtemp(pattern);
    }
    ~UnixListener() override { std::filesystem::remove_all(folder); }

    std::string at(const char* name) const { return "unix:" + (folder / name).string(); }
    bool is_there(const char* name) const { return std::filesystem::exists(folder / name); }

    std::filesystem::path folder;
};

TEST_F(UnixListener, serves_and_removes_its_file_at_the_end)
{
    {
        server serving(quiet(2));
        const listener made = serving.listen(at("s"), naru::raw(echo));
        serving.start();
        plain_socket client(made.local());
        EXPECT_EQ(ask(client, "hello"), "hello\n");
        EXPECT_TRUE(is_there("s"));
    }
    EXPECT_FALSE(is_there("s"));
}

TEST_F(UnixListener, removes_its_file_when_it_is_closed)
{
    server serving(quiet());
    listener made = serving.listen(at("s"), naru::raw(echo));
    made.close();
    EXPECT_FALSE(is_there("s"));
}

TEST_F(UnixListener, leaves_a_file_that_another_has_put_in_its_place)
{
    {
        server serving(quiet());
        serving.listen(at("s"), naru::raw(echo));
        std::filesystem::remove(folder / "s");
        std::filesystem::rename(
            [this]
            {
                server other(quiet());
                other.listen(at("t"), naru::raw(echo));
                std::filesystem::create_hard_link(folder / "t", folder / "kept");
                return folder / "kept";
            }(),
            folder / "s");
    }
    EXPECT_TRUE(is_there("s"));
}

TEST_F(UnixListener, deals_its_sessions_to_the_shards_in_turn)
{
    server serving(quiet(3));
    const listener made = serving.listen(at("s"), naru::raw(
                                                      [](session& s) -> task<>
                                                      {
                                                          co_await s.write(std::to_string(s.info().shard));
                                                          co_await s.read_line();
                                                      }));
    serving.start();
    std::string dealt;
    std::vector<plain_socket> clients;
    for (int i = 0; i < 6; ++i)
        dealt += clients.emplace_back(made.local()).receive(1);
    EXPECT_EQ(dealt, "012012");
    EXPECT_EQ(made.figures().accepted, 6u);
    EXPECT_EQ(made.figures().open, 6u);
}

} // namespace
