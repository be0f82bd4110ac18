#include <naru/net/tcp_info.hpp>

#include "net/listening_socket.hpp"
#include "net/plain_socket.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

namespace
{

using naru::read_tcp_info;
using naru::testing::plain_socket;

TEST(TcpInfo, knows_state_and_traffic_of_a_connection)
{
    const auto made = naru::open_listening_sockets(naru::endpoint::tcp("127.0.0.1", 0), {}, 1);
    plain_socket client(made.local);
    ASSERT_EQ(client.error(), 0);
    plain_socket server(naru::descriptor(::accept(made.sockets[0].get(), nullptr, nullptr)));
    ASSERT_TRUE(client.send("hello"));
    ASSERT_EQ(server.receive(5), "hello");
    ASSERT_TRUE(server.send("you"));
    ASSERT_EQ(client.receive(3), "you");

    const auto info = read_tcp_info(client.get());
    ASSERT_TRUE(info);
    EXPECT_EQ(info->state, "established");
    EXPECT_EQ(info->bytes_received, 3u);
    EXPECT_GE(info->bytes_acked, 5u);
    EXPECT_GE(info->segments_out, 2u);
    EXPECT_GE(info->segments_in, 2u);
    EXPECT_GT(info->rtt.count(), 0);
    EXPECT_EQ(info->retransmits, 0u);

    server.close();
    client.receive_all();
    EXPECT_EQ(read_tcp_info(client.get())->state, "close_wait");
}

TEST(TcpInfo, of_a_listening_socket_is_its_queue_and_backlog)
{
    naru::socket_options options;
    options.backlog = 7;
    const auto made = naru::open_listening_sockets(naru::endpoint::tcp("127.0.0.1", 0), options, 1);
    const plain_socket first(made.local);
    const plain_socket second(made.local);
    const auto info = read_tcp_info(made.sockets[0].get());
    ASSERT_TRUE(info);
    EXPECT_EQ(info->state, "listen");
    EXPECT_EQ(info->unacked, 2u);
    EXPECT_EQ(info->sacked, 7u);
}

TEST(TcpInfo, of_anything_else_is_nothing)
{
    EXPECT_FALSE(read_tcp_info(-1));
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    EXPECT_FALSE(read_tcp_info(pair[0]));
    ::close(pair[0]);
    ::close(pair[1]);
}

} // namespace
