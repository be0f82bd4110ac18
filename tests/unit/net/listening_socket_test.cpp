#include "net/listening_socket.hpp"

#include "net/plain_socket.hpp"
#include "net/scripted_calls.hpp"

#include <naru/base/error.hpp>
#include <naru/net/tcp_info.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace
{

using naru::endpoint;
using naru::errc;
using naru::open_listening_sockets;
using naru::testing::plain_socket;

int option(int socket, int level, int name)
{
    int value = -1;
    socklen_t length = sizeof value;
    EXPECT_EQ(::getsockopt(socket, level, name, &value, &length), 0);
    return value;
}

/// The error that opening `where` gives.
naru::error refusal(std::string_view where, const naru::socket_options& options = {}, unsigned count = 1)
{
    try
    {
        open_listening_sockets(endpoint::from(where), options, count);
    }
    catch (const naru::error& e)
    {
        return e;
    }
    ADD_FAILURE() << where << " was opened";
    return naru::error({}, "", "");
}

class UnixListening : public testing::Test
{
  protected:
    UnixListening()
    {
        char pattern[] = "/tmp/naru_listening_XXXXXX";
        folder = ::mkdtemp(pattern);
    }
    ~UnixListening() override { std::filesystem::remove_all(folder); }

    endpoint at(std::string_view name) const { return endpoint::unix_path(folder / name); }

    std::filesystem::path folder;
};

TEST(ListeningSocket, takes_connections_on_the_port_that_the_kernel_chose)
{
    const auto made = open_listening_sockets(endpoint::from("tcp://127.0.0.1:0"), {}, 1);
    EXPECT_NE(made.local.port(), 0);
    EXPECT_EQ(made.local.host(), "127.0.0.1");
    ASSERT_EQ(made.sockets.size(), 1u);
    EXPECT_EQ(plain_socket(made.local).error(), 0);
    const int socket = made.sockets[0].get();
    EXPECT_TRUE(::fcntl(socket, F_GETFL) & O_NONBLOCK);
    EXPECT_TRUE(::fcntl(socket, F_GETFD) & FD_CLOEXEC);
}

TEST(ListeningSocket, opens_one_socket_a_shard_on_one_port)
{
    const auto made = open_listening_sockets(endpoint::from("tcp://127.0.0.1:0"), {}, 4);
    ASSERT_EQ(made.sockets.size(), 4u);
    for (const naru::descriptor& each : made.sockets)
    {
        EXPECT_EQ(naru::address::of_socket(each.get()).to_endpoint(), made.local);
        EXPECT_EQ(option(each.get(), SOL_SOCKET, SO_REUSEPORT), 1);
        EXPECT_EQ(option(each.get(), SOL_SOCKET, SO_ACCEPTCONN), 1);
    }
    // The kernel deals: with this many each has at least one (the odds against are 1 in 10^12).
    std::vector<plain_socket> clients;
    for (int i = 0; i < 100; ++i)
        ASSERT_EQ(clients.emplace_back(made.local).error(), 0);
    for (const naru::descriptor& each : made.sockets)
        EXPECT_GE(::accept(each.get(), nullptr, nullptr), 0);
}

TEST(ListeningSocket, is_refused_a_port_in_use_also_one_that_is_shared_by_shards)
{
    for (const unsigned theirs : {1u, 2u})
        for (const unsigned ours : {1u, 2u})
        {
            const auto first = open_listening_sockets(endpoint::from("tcp://127.0.0.1:0"), {}, theirs);
            const std::string taken = first.local.text();
            const naru::error refused = refusal(taken, {}, ours);
            EXPECT_EQ(refused.code(), boost::system::errc::address_in_use);
            EXPECT_EQ(refused.what(), "listen " + taken + ": bind: address already in use");
        }
}

TEST(ListeningSocket, takes_a_port_again_whose_connections_are_not_forgotten_yet)
{
    endpoint local;
    {
        const auto made = open_listening_sockets(endpoint::from("tcp://127.0.0.1:0"), {}, 1);
        local = made.local;
        plain_socket client(local);
        const naru::descriptor accepted(::accept(made.sockets[0].get(), nullptr, nullptr));
    } // the server's side closed first: TIME_WAIT
    EXPECT_EQ(open_listening_sockets(local, {}, 1).local, local);
}

TEST(ListeningSocket, on_every_ipv6_address_takes_ipv4_too_unless_told_otherwise)
{
    const auto both = open_listening_sockets(endpoint::from("tcp://[::]:0"), {}, 1);
    EXPECT_EQ(both.local.host(), "::");
    EXPECT_EQ(plain_socket(endpoint::tcp("127.0.0.1", both.local.port())).error(), 0);
    EXPECT_EQ(plain_socket(endpoint::tcp("::1", both.local.port())).error(), 0);

    naru::socket_options options;
    options.v6only = true;
    for (const auto& only : {open_listening_sockets(endpoint::from("tcp://[::]:0?v6only"), {}, 1).local,
                             open_listening_sockets(endpoint::from("tcp://[::]:0"), options, 1).local})
    {
        const auto again = open_listening_sockets(endpoint::from(only.text() + "?v6only"), {}, 1);
        EXPECT_EQ(plain_socket(endpoint::tcp("127.0.0.1", only.port())).error(), ECONNREFUSED);
        EXPECT_EQ(plain_socket(endpoint::tcp("::1", only.port())).error(), 0);
    }
}

TEST(ListeningSocket, hands_its_options_down_to_what_it_accepts)
{
    naru::socket_options options;
    options.keep_alive = naru::keepalive{std::chrono::seconds(77), std::chrono::seconds(11), 4};
    options.send_buffer = 40'000;
    options.receive_buffer = 30'000;
    const auto made = open_listening_sockets(endpoint::from("tcp://127.0.0.1:0"), options, 1);
    const plain_socket client(made.local);
    const naru::descriptor accepted(::accept(made.sockets[0].get(), nullptr, nullptr));
    EXPECT_EQ(option(accepted.get(), IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(option(accepted.get(), SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(option(accepted.get(), IPPROTO_TCP, TCP_KEEPIDLE), 77);
    EXPECT_EQ(option(accepted.get(), IPPROTO_TCP, TCP_KEEPINTVL), 11);
    EXPECT_EQ(option(accepted.get(), IPPROTO_TCP, TCP_KEEPCNT), 4);
    EXPECT_EQ(option(accepted.get(), SOL_SOCKET, SO_SNDBUF), 80'000); // socket(7): the kernel doubles it
    EXPECT_EQ(option(accepted.get(), SOL_SOCKET, SO_RCVBUF), 60'000);
}

TEST(ListeningSocket, leaves_off_what_is_turned_off)
{
    naru::socket_options options;
    options.no_delay = false;
    options.keep_alive = std::nullopt;
    const auto made = open_listening_sockets(endpoint::from("tcp://127.0.0.1:0"), options, 1);
    EXPECT_EQ(option(made.sockets[0].get(), IPPROTO_TCP, TCP_NODELAY), 0);
    EXPECT_EQ(option(made.sockets[0].get(), SOL_SOCKET, SO_KEEPALIVE), 0);
}

TEST(ListeningSocket, takes_a_negative_size_for_none_and_not_for_the_largest)
{
    naru::socket_options least;
    least.backlog = 0;
    least.send_buffer = 0;
    least.receive_buffer = 0;
    naru::socket_options negative;
    negative.backlog = -1;
    negative.send_buffer = -1;
    negative.receive_buffer = std::numeric_limits<int>::min();
    const auto one = open_listening_sockets(endpoint::from("tcp://127.0.0.1:0"), least, 1);
    const auto other = open_listening_sockets(endpoint::from("tcp://127.0.0.1:0"), negative, 1);
    for (const int name : {SO_SNDBUF, SO_RCVBUF})
        EXPECT_EQ(option(other.sockets[0].get(), SOL_SOCKET, name),
                  option(one.sockets[0].get(), SOL_SOCKET, name));
    const auto info = naru::read_tcp_info(other.sockets[0].get());
    ASSERT_TRUE(info);
    EXPECT_EQ(info->sacked, 0u) << "its backlog";
}

TEST(ListeningSocket, names_the_option_that_the_kernel_refuses)
{
    struct row
    {
        naru::keepalive alive;
        std::string named;
    };
    const row table[] = {
        {{std::chrono::seconds(0), std::chrono::seconds(1), 1}, "TCP_KEEPIDLE = 0: "},
        {{std::chrono::seconds(1), std::chrono::seconds(99'999), 1}, "TCP_KEEPINTVL = 99999: "},
        {{std::chrono::seconds(1), std::chrono::seconds(1), 1000}, "TCP_KEEPCNT = 1000: "},
        // Cut to 32 bits these would be 60 and 10.
        {{std::chrono::seconds((1LL << 32) + 60), std::chrono::seconds(1), 1}, "TCP_KEEPIDLE = 4294967356: "},
        {{std::chrono::seconds(1), std::chrono::seconds((1LL << 32) + 10), 1},
         "TCP_KEEPINTVL = 4294967306: "},
        {{std::chrono::seconds::max(), std::chrono::seconds(1), 1}, "TCP_KEEPIDLE = 9223372036854775807: "},
    };
    for (const row& each : table)
    {
        naru::socket_options options;
        options.keep_alive = each.alive;
        const naru::error refused = refusal("tcp://127.0.0.1:0", options);
        EXPECT_EQ(refused.code(), errc::refused_option);
        EXPECT_NE(std::string(refused.what()).find(each.named), std::string::npos) << refused.what();
    }
}

TEST(ListeningSocket, binds_every_address_of_a_name_on_one_port)
{
    naru::testing::scripted_calls script;
    script.names["both.test"] = {"127.0.0.1", "::1"};
    for (const unsigned count : {1u, 3u})
    {
        const auto made = open_listening_sockets(endpoint::from("tcp://both.test:0"), {}, count);
        ASSERT_EQ(made.sockets.size(), 2 * count);
        EXPECT_EQ(made.local.host(), "127.0.0.1");
        const endpoint other = endpoint::tcp("::1", made.local.port());
        for (unsigned i = 0; i < count; ++i)
        {
            EXPECT_EQ(naru::address::of_socket(made.sockets[i].get()).to_endpoint(), made.local);
            EXPECT_EQ(naru::address::of_socket(made.sockets[count + i].get()).to_endpoint(), other);
        }
        EXPECT_EQ(plain_socket(made.local).error(), 0);
        EXPECT_EQ(plain_socket(other).error(), 0);
    }
}

TEST(ListeningSocket, binds_what_the_addresses_of_a_name_cover_once)
{
    struct row
    {
        std::vector<std::string> addresses;
        std::size_t sockets;
    };
    const row table[] = {
        {{"127.0.0.1", "127.0.0.1"}, 1}, {{"127.0.0.1", "::ffff:127.0.0.1"}, 1},
        {{"0.0.0.0", "127.0.0.1"}, 1},   {{"127.0.0.1", "127.0.0.2", "0.0.0.0"}, 1},
        {{"::", "0.0.0.0"}, 2},          {{"0.0.0.0", "::"}, 2},
        {{"::", "127.0.0.1"}, 2},        {{"::1", "::", "127.0.0.2", "127.0.0.1"}, 3},
    };
    naru::testing::scripted_calls script;
    for (const row& each : table)
    {
        script.names["many.test"] = each.addresses;
        const auto made = open_listening_sockets(endpoint::from("tcp://many.test:0"), {}, 1);
        EXPECT_EQ(made.sockets.size(), each.sockets);
        for (const std::string& address : each.addresses)
            EXPECT_EQ(plain_socket(endpoint::tcp(address, made.local.port())).error(), 0) << address;
    }
}

TEST(ListeningSocket, leaves_out_an_address_that_this_host_does_not_have)
{
    naru::testing::scripted_calls script;
    for (const std::string missing : {"192.0.2.1", "2001:db8::1", script.no_such_family})
    {
        script.names["some.test"] = {missing, "127.0.0.1"};
        EXPECT_EQ(open_listening_sockets(endpoint::from("tcp://some.test:0"), {}, 2).sockets.size(), 2u);
        script.names["some.test"] = {"127.0.0.1", missing};
        EXPECT_EQ(open_listening_sockets(endpoint::from("tcp://some.test:0"), {}, 2).local.host(),
                  "127.0.0.1");
    }
    script.names["none.test"] = {"192.0.2.1", "2001:db8::1"};
    EXPECT_STREQ(refusal("tcp://none.test:0").what(),
                 "listen tcp://none.test:0: bind tcp://192.0.2.1:0: cannot assign requested address");
}

TEST(ListeningSocket, is_refused_a_name_when_one_of_its_addresses_is_in_use_and_names_it)
{
    naru::testing::scripted_calls script;
    script.names["both.test"] = {"127.0.0.1", "::1"};
    const auto theirs = open_listening_sockets(endpoint::from("tcp://[::1]:0"), {}, 1);
    const std::string port = std::to_string(theirs.local.port());
    const naru::error refused = refusal("tcp://both.test:" + port);
    EXPECT_EQ(refused.code(), boost::system::errc::address_in_use);
    EXPECT_EQ(refused.what(),
              "listen tcp://both.test:" + port + ": bind tcp://[::1]:" + port + ": address already in use");
    EXPECT_EQ(plain_socket(endpoint::tcp("127.0.0.1", theirs.local.port())).error(), ECONNREFUSED)
        << "the address that was free is not kept";
}

TEST(ListeningSocket, lets_the_kernel_choose_again_when_its_port_is_taken_on_another_address)
{
    naru::testing::scripted_calls script;
    script.names["both.test"] = {"127.0.0.1", "::1"};
    script.bind_ipv6_fails = {EADDRINUSE, EADDRINUSE};
    const auto made = open_listening_sockets(endpoint::from("tcp://both.test:0"), {}, 1);
    EXPECT_EQ(made.sockets.size(), 2u);
    EXPECT_EQ(script.bind_calls, 6);
    EXPECT_EQ(plain_socket(endpoint::tcp("::1", made.local.port())).error(), 0);

    script.bind_ipv6_fails = std::deque<int>(1000, EADDRINUSE);
    script.bind_calls = 0;
    EXPECT_EQ(refusal("tcp://both.test:0").code(), boost::system::errc::address_in_use);
    EXPECT_EQ(script.bind_calls, 32);
}

TEST(ListeningSocket, says_when_an_address_is_not_of_this_host)
{
    EXPECT_STREQ(refusal("tcp://192.0.2.1:0").what(),
                 "listen tcp://192.0.2.1:0: bind: cannot assign requested address");
}

TEST(ListeningSocket, says_when_a_host_is_unknown)
{
    const naru::error refused = refusal("tcp://no-such-host.invalid:80");
    EXPECT_EQ(std::string(refused.what()).find("listen tcp://no-such-host.invalid:80: resolve: "), 0u)
        << refused.what();
}

TEST_F(UnixListening, makes_a_file_and_takes_connections)
{
    const auto made = open_listening_sockets(at("s"), {}, 4);
    EXPECT_EQ(made.sockets.size(), 1u) << "a Unix path can be bound once";
    EXPECT_EQ(made.local, at("s"));
    EXPECT_EQ(plain_socket(made.local).error(), 0);
}

TEST_F(UnixListening, sets_the_mode_that_is_asked_for)
{
    const auto mode_of = [&](std::string_view name)
    {
        struct stat file
        {
        };
        EXPECT_EQ(::stat((folder / name).c_str(), &file), 0);
        return file.st_mode & 07777;
    };
    const auto by_endpoint = open_listening_sockets(endpoint::from(at("a").text() + "?mode=0620"), {}, 1);
    EXPECT_EQ(mode_of("a"), 0620u);
    naru::socket_options options;
    options.mode = 0604;
    const auto by_option = open_listening_sockets(endpoint::from(at("b").text() + "?mode=0620"), options, 1);
    EXPECT_EQ(mode_of("b"), 0604u) << "the program's word is the last";
    const mode_t before = ::umask(0077);
    const auto by_umask = open_listening_sockets(at("c"), {}, 1);
    ::umask(before);
    EXPECT_EQ(mode_of("c"), 0700u);
}

TEST_F(UnixListening, removes_a_file_that_nobody_answers_at)
{
    { // a server that was killed leaves its file
        auto killed = open_listening_sockets(at("s"), {}, 1);
        killed.file.keep();
    }
    ASSERT_TRUE(std::filesystem::exists(folder / "s"));
    const auto made = open_listening_sockets(at("s"), {}, 1);
    EXPECT_EQ(plain_socket(made.local).error(), 0);
}

TEST_F(UnixListening, is_refused_a_path_where_somebody_answers)
{
    const auto living = open_listening_sockets(at("s"), {}, 1);
    const naru::error refused = refusal(at("s").text());
    EXPECT_EQ(refused.code(), errc::already_in_use);
    EXPECT_EQ(refused.what(), "listen " + at("s").text() + ": another process answers there");
    EXPECT_EQ(plain_socket(living.local).error(), 0) << "the file of the living one is gone";
}

TEST_F(UnixListening, is_refused_a_path_whose_listener_is_too_busy_to_answer)
{
    naru::socket_options options;
    options.backlog = 0;
    const auto living = open_listening_sockets(at("s"), options, 1);
    const plain_socket waits(living.local); // fills the queue: the next connect would block
    EXPECT_EQ(refusal(at("s").text()).code(), errc::already_in_use);
    EXPECT_TRUE(std::filesystem::exists(folder / "s"));
}

TEST_F(UnixListening, never_touches_a_file_that_is_no_socket)
{
    const naru::descriptor file(::open((folder / "s").c_str(), O_CREAT | O_WRONLY, 0600));
    ASSERT_EQ(::write(file.get(), "precious", 8), 8);
    EXPECT_EQ(refusal(at("s").text()).code(), errc::not_a_socket);
    EXPECT_EQ(std::filesystem::file_size(folder / "s"), 8u);

    std::filesystem::create_directory(folder / "d");
    EXPECT_EQ(refusal(at("d").text()).code(), errc::not_a_socket);
    // A link is not followed: what it names may be somebody else's.
    std::filesystem::create_symlink(folder / "nowhere", folder / "l");
    EXPECT_EQ(refusal(at("l").text()).code(), errc::not_a_socket);
}

TEST_F(UnixListening, says_when_the_folder_is_not_there)
{
    EXPECT_EQ(refusal(at("no/s").text()).what(),
              "listen " + at("no/s").text() + ": bind: no such file or directory");
}

TEST(UnixAbstractListening, needs_no_file_and_is_refused_a_second_time)
{
    const std::string name = "unix:@naru_listening_test_" + std::to_string(::getpid());
    const auto made = open_listening_sockets(endpoint::from(name), {}, 2);
    EXPECT_EQ(made.sockets.size(), 1u);
    EXPECT_EQ(plain_socket(made.local).error(), 0);
    EXPECT_EQ(refusal(name).code(), boost::system::errc::address_in_use);
}

} // namespace
