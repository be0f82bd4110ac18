#include "net/socket_file.hpp"

#include "net/listening_socket.hpp"
#include "net/plain_socket.hpp"

#include <naru/base/error.hpp>

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <barrier>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace
{

using naru::endpoint;
using naru::errc;
using naru::listening_sockets;
using naru::open_listening_sockets;
using naru::testing::plain_socket;

class SocketFile : public testing::Test
{
  protected:
    SocketFile()
    {
        char pattern[] = "/tmp/naru_socket_file_XXXXXX";
        folder = ::mkdtemp(pattern);
    }
    ~SocketFile() override { std::filesystem::remove_all(folder); }

    endpoint at(std::string_view name) const { return endpoint::unix_path(folder / name); }
    bool is_there(std::string_view name) const { return std::filesystem::exists(folder / name); }

    /// A file as a killed server leaves it.
    void leave_stale(std::string_view name) const
    {
        open_listening_sockets(at(name), {}, 1).file.keep();
        ASSERT_TRUE(is_there(name));
    }

    std::vector<std::string> names() const
    {
        std::vector<std::string> found;
        for (const auto& each : std::filesystem::directory_iterator(folder))
            found.push_back(each.path().filename());
        return found;
    }

    /// nullopt, and the error, when it is refused.
    static std::optional<listening_sockets> try_open(const endpoint& where,
                                                     boost::system::error_code& refused)
    {
        try
        {
            return open_listening_sockets(where, {}, 1);
        }
        catch (const naru::error& e)
        {
            refused = e.code();
            return std::nullopt;
        }
    }

    std::filesystem::path folder;
};

TEST_F(SocketFile, lets_one_of_many_servers_win_that_start_at_once_over_a_stale_file)
{
    constexpr std::size_t starters = 8;
    for (int round = 0; round < 100; ++round)
    {
        leave_stale("s");
        std::barrier start(starters);
        std::array<std::optional<listening_sockets>, starters> made;
        std::array<boost::system::error_code, starters> refused;
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < starters; ++i)
                threads.emplace_back(
                    [&, i]
                    {
                        start.arrive_and_wait();
                        made[i] = try_open(at("s"), refused[i]);
                    });
        }
        std::size_t winners = 0;
        for (std::size_t i = 0; i < starters; ++i)
            if (made[i])
                ++winners;
            else
                EXPECT_EQ(refused[i], errc::already_in_use);
        ASSERT_EQ(winners, 1u) << "in round " << round;
        ASSERT_EQ(plain_socket(at("s")).error(), 0) << "the winner cannot be reached, in round " << round;
        ASSERT_EQ(names(), std::vector<std::string>{"s"}) << "the lock is left";
    }
}

TEST_F(SocketFile, is_not_taken_from_a_server_that_is_bound_and_does_not_listen_yet)
{
    leave_stale("s");
    boost::system::error_code refused;
    std::jthread other;
    std::optional<listening_sockets> made;
    {
        const naru::socket_place place(at("s"));
        const naru::startup_lock starting(place, at("s"));
        std::filesystem::remove(folder / "s");
        const naru::address address = naru::resolve(at("s"), "test").front();
        made.emplace().sockets.emplace_back(::socket(AF_UNIX, SOCK_STREAM, 0));
        ASSERT_EQ(::bind(made->sockets[0].get(), address.data(), address.length), 0);
        other = std::jthread([&] { try_open(at("s"), refused); });
        ASSERT_EQ(::listen(made->sockets[0].get(), 1), 0);
    }
    other.join();
    EXPECT_EQ(refused, errc::already_in_use);
    EXPECT_EQ(plain_socket(at("s")).error(), 0);
}

TEST_F(SocketFile, is_refused_when_another_server_never_finishes_its_start)
{
    const naru::socket_place place(at("s"));
    const naru::startup_lock starting(place, at("s"));
    boost::system::error_code refused;
    EXPECT_FALSE(try_open(at("s"), refused));
    EXPECT_EQ(refused, errc::already_in_use);
    EXPECT_FALSE(is_there("s"));
}

TEST_F(SocketFile, does_not_mind_the_lock_of_a_server_that_was_killed_at_its_start)
{
    std::ofstream(folder / "s.naru-lock").close();
    {
        const auto made = open_listening_sockets(at("s"), {}, 1);
        EXPECT_EQ(names(), std::vector<std::string>{"s"});
    }
    EXPECT_TRUE(names().empty());
}

TEST_F(SocketFile, is_removed_with_its_owner)
{
    auto made = open_listening_sockets(at("s"), {}, 1);
    auto other = open_listening_sockets(at("t"), {}, 1);
    other = std::move(made);
    made = {};
    EXPECT_EQ(names(), std::vector<std::string>{"s"});
    other = {};
    EXPECT_TRUE(names().empty());
}

TEST_F(SocketFile, of_another_server_is_left_also_with_the_inode_number_of_the_first)
{
    auto first = open_listening_sockets(at("s"), {}, 1);
    std::filesystem::remove(folder / "s");
    first.sockets.clear(); // now the number of the inode could be used again
    const auto second = open_listening_sockets(at("s"), {}, 1);
    first.file.remove();
    EXPECT_TRUE(is_there("s"));
    EXPECT_EQ(plain_socket(at("s")).error(), 0);
}

TEST_F(SocketFile, may_have_the_longest_path_that_a_socket_can_have)
{
    const std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
    const std::string name(longest - folder.string().size() - 1, 'n');
    leave_stale(name);
    {
        const auto made = open_listening_sockets(at(name), {}, 1);
        EXPECT_EQ(made.local.path().size(), longest);
        EXPECT_EQ(plain_socket(at(name)).error(), 0);
    }
    EXPECT_TRUE(names().empty());
    try
    {
        open_listening_sockets(at(name + "n"), {}, 1);
        FAIL();
    }
    catch (const naru::error& e)
    {
        EXPECT_EQ(e.code(), errc::bad_endpoint);
        EXPECT_NE(std::string(e.what()).find("too long for a Unix socket"), std::string::npos) << e.what();
    }
}

TEST_F(SocketFile, is_not_a_folder)
{
    boost::system::error_code refused;
    for (const std::string path : {"/", ".", "..", "./"})
    {
        EXPECT_FALSE(try_open(endpoint::unix_path(path), refused));
        EXPECT_EQ(refused, errc::not_a_socket) << path;
    }
}

} // namespace
