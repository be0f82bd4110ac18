#include <naru/server/listener.hpp>

#include "net/plain_socket.hpp"
#include "net/scripted_calls.hpp"
#include "server/echo_server.hpp"

#include <naru/base/error.hpp>
#include <naru/raw/raw.hpp>
#include <naru/server/server.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <future>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

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
    EXPECT_EQ(plain_socket(at.local()).error(), ECONNREFUSED);
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

/// A handler that keeps its shard's thread until it is let go.
class blocking_handler
{
  public:
    naru::protocol protocol()
    {
        return naru::raw(
            [this](session& s) -> task<>
            {
                blocked_.set_value();
                released_.get_future().wait();
                co_await s.write("released\n");
            });
    }

    void wait_until_it_blocks() { blocked_.get_future().wait(); }

    void release()
    {
        if (!std::exchange(let_go_, true))
            released_.set_value();
    }

    /// Releases at the end of a test's scope too, so that a server destroyed after it does not wait for ever.
    auto release_at_end()
    {
        return std::shared_ptr<void>(nullptr, [this](void*) { release(); });
    }

  private:
    bool let_go_ = false;
    std::promise<void> blocked_;
    std::promise<void> released_;
};

std::string abstract_name(const char* what)
{
    return "unix:@naru_listener_test_" + std::to_string(::getpid()) + what;
}

TEST(Listener, frees_its_port_or_name_at_once_though_its_shard_is_busy)
{
    naru::testing::scripted_calls script;
    script.names["both.test"] = {"127.0.0.1", "::1"};
    for (const std::string& where :
         {abstract_name("busy"), std::string("tcp://127.0.0.1:0"), std::string("tcp://both.test:0")})
    {
        SCOPED_TRACE(where);
        blocking_handler blocks;
        server busy(quiet(1));
        const auto at_end = blocks.release_at_end();
        listener first = busy.listen(where, blocks.protocol());
        busy.start();
        plain_socket client(first.local());
        blocks.wait_until_it_blocks();
        first.close();
        EXPECT_EQ(plain_socket(first.local()).error(), ECONNREFUSED);

        server other(quiet());
        listener second = busy.listen(first.local(), naru::raw(echo));
        second.close();
        listener third = other.listen(first.local(), naru::raw(echo));
        other.start();
        plain_socket next(third.local());
        EXPECT_EQ(ask(next, "hello"), "hello\n");
        blocks.release();
        EXPECT_EQ(client.receive(9), "released\n");
    }
}

TEST(Listener, frees_its_port_or_name_at_once_while_its_shard_accepts)
{
    server serving(quiet(1));
    serving.start();
    for (const std::string& where : {abstract_name("accepts"), std::string("tcp://127.0.0.1:0")})
    {
        listener at = serving.listen(where, naru::raw(echo));
        for (int round = 0; round < 300; ++round)
        {
            const plain_socket one(at.local());
            const plain_socket two(at.local());
            at.close();
            at = serving.listen(at.local(), naru::raw(echo));
        }
        plain_socket client(at.local());
        EXPECT_EQ(ask(client, "still there"), "still there\n");
    }
}

TEST(Listener, can_be_closed_before_it_has_begun_to_accept)
{
    blocking_handler blocks;
    server busy(quiet(1));
    const auto at_end = blocks.release_at_end();
    listener first = busy.listen("tcp://127.0.0.1:0", blocks.protocol());
    busy.start();
    const plain_socket client(first.local());
    blocks.wait_until_it_blocks();
    for (int i = 0; i < 10; ++i)
        busy.listen("tcp://127.0.0.1:0", naru::raw(echo)).close();
    listener lives = busy.listen("tcp://127.0.0.1:0", naru::raw(echo));
    blocks.release();
    plain_socket next(lives.local());
    EXPECT_EQ(ask(next, "hello"), "hello\n");
}

TEST(Listener, serves_every_address_of_a_name)
{
    naru::testing::scripted_calls script;
    script.names["both.test"] = {"127.0.0.1", "::1"};
    server serving(quiet(2));
    listener at = serving.listen("tcp://both.test:0", naru::raw(echo));
    serving.start();
    const naru::endpoint other = naru::endpoint::tcp("::1", at.local().port());
    EXPECT_EQ(at.local().host(), "127.0.0.1");
    std::vector<plain_socket> clients;
    for (int i = 0; i < 20; ++i)
    {
        EXPECT_EQ(ask(clients.emplace_back(at.local()), "ipv4"), "ipv4\n");
        EXPECT_EQ(ask(clients.emplace_back(other), "ipv6"), "ipv6\n");
    }
    EXPECT_EQ(at.figures().accepted, 40u);
    at.close();
    EXPECT_EQ(plain_socket(at.local()).error(), ECONNREFUSED);
    EXPECT_EQ(plain_socket(other).error(), ECONNREFUSED);
}

/// How many descriptors the process has open.
std::ptrdiff_t open_descriptors()
{
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

TEST(Listener, leaves_no_descriptor_open_after_it_or_after_a_failure)
{
    { // what the process opens once
        server first(quiet(2));
        first.listen("tcp://127.0.0.1:0", naru::raw(echo));
        EXPECT_THROW(first.listen("tcp://192.0.2.1:0", naru::raw(echo)), naru::error);
    }
    naru::testing::scripted_calls script;
    script.names["both.test"] = {"127.0.0.1", "::1"};
    const auto before = open_descriptors();
    {
        server serving(quiet(2));
        const std::string taken = serving.listen("tcp://[::1]:0", naru::raw(echo)).local().text();
        for (int i = 0; i < 3; ++i)
        {
            serving.listen("tcp://both.test:0", naru::raw(echo)).close();
            serving.listen(abstract_name("leak"), naru::raw(echo)).close();
            const auto with = open_descriptors();
            script.bind_ipv6_fails = std::deque<int>(100, EADDRINUSE);
            EXPECT_THROW(serving.listen("tcp://both.test:0", naru::raw(echo)), naru::error);
            script.bind_ipv6_fails.clear();
            EXPECT_THROW(serving.listen(taken, naru::raw(echo)), naru::error);
            EXPECT_THROW(serving.listen("unix:/proc/s", naru::raw(echo)), naru::error);
            EXPECT_EQ(open_descriptors(), with);
        }
    }
    EXPECT_EQ(open_descriptors(), before);
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

TEST_F(UnixListener, removes_its_own_file_when_the_process_has_changed_its_directory)
{
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::create_directories(folder / "elsewhere");
    std::filesystem::create_directories(folder / "below");
    std::filesystem::current_path(folder);
    {
        server serving(quiet());
        listener at = serving.listen("unix:s", naru::raw(echo));
        EXPECT_EQ(at.local().text(), "unix:s");
        listener deeper = serving.listen("unix:below/s", naru::raw(echo));
        std::filesystem::current_path(folder / "elsewhere");
        server other(quiet());
        const listener others = other.listen("unix:s", naru::raw(echo));
        at.close();
        deeper.close();
        EXPECT_FALSE(is_there("s"));
        EXPECT_FALSE(is_there("below/s"));
        EXPECT_TRUE(is_there("elsewhere/s"));
    }
    EXPECT_FALSE(is_there("elsewhere/s"));
    std::filesystem::current_path(before);
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
