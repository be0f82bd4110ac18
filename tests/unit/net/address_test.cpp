#include "net/address.hpp"

#include "net/plain_socket.hpp"
#include "net/scripted_calls.hpp"

#include <naru/base/error.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

namespace
{

using naru::address;
using naru::endpoint;
using naru::peer_name;

address at(std::string_view text)
{
    return naru::resolve(endpoint::from(text), "test").front();
}

TEST(Address, of_an_endpoint_gives_the_endpoint_back)
{
    for (const char* const text : {"tcp://127.0.0.1:80", "tcp://[::1]:8080", "tcp://[2001:db8::7]:1",
                                   "tcp://0.0.0.0:0", "unix:/run/naru.sock", "unix:@abstract"})
        EXPECT_EQ(at(text).to_endpoint().text(), text);
}

TEST(Address, of_the_longest_unix_names_fits)
{
    const std::string longest(sizeof(sockaddr_un::sun_path) - 1, 'p');
    EXPECT_EQ(at("unix:" + longest).to_endpoint().path(), longest);
    EXPECT_EQ(at("unix:@" + longest).to_endpoint().path(), longest);
    EXPECT_EQ(at("unix:@" + longest).length, sizeof(sockaddr_un));
}

TEST(Address, of_an_abstract_name_has_its_length_and_no_padding)
{
    // Padding would be part of the name: "a" and "a\0" are two sockets, unix(7).
    EXPECT_EQ(at("unix:@a").length, offsetof(sockaddr_un, sun_path) + 2);
}

TEST(Address, of_ipv4_that_came_over_a_dual_stack_socket_is_shown_as_ipv4)
{
    EXPECT_EQ(at("tcp://[::ffff:192.0.2.1]:80").to_endpoint().text(), "tcp://192.0.2.1:80");
}

TEST(Address, of_a_socket_that_is_none_is_empty)
{
    EXPECT_EQ(address::of_socket(-1).length, 0u);
    EXPECT_EQ(address::of_peer(-1).length, 0u);
}

TEST(Address, of_an_unnamed_unix_peer_is_a_path_without_name)
{
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    EXPECT_EQ(address::of_peer(pair[0]).to_endpoint().text(), "unix:");
    ::close(pair[0]);
    ::close(pair[1]);
}

TEST(Address, of_a_name_is_looked_up)
{
    const auto all = naru::resolve(endpoint::from("tcp://localhost:80"), "connect");
    ASSERT_FALSE(all.empty());
    for (const address& each : all)
        EXPECT_TRUE(peer_name(each).is_loopback()) << each.to_endpoint().text();
}

TEST(Address, of_a_name_that_nobody_knows_is_an_error_that_says_what_was_tried)
{
    try
    {
        naru::resolve(endpoint::tcp("no-such-host.invalid", 80), "connect");
        FAIL();
    }
    catch (const naru::error& e)
    {
        EXPECT_EQ(e.operation(), "connect");
        const std::string text = e.what();
        EXPECT_TRUE(text.starts_with("connect tcp://no-such-host.invalid:80: resolve: ")) << text;
        EXPECT_TRUE(text.ends_with(e.code().message().substr(1))) << text; // which, is the resolver's to say
        EXPECT_STREQ(e.code().category().name(), "resolver");
    }
}

TEST(PeerName, gives_the_endpoint_back)
{
    for (const char* const text : {"tcp://192.0.2.1:4711", "tcp://[2001:db8::7]:65535", "tcp://[::1]:1"})
        EXPECT_EQ(peer_name(at(text)).text(), text);
    EXPECT_EQ(peer_name(at("tcp://[::ffff:192.0.2.1]:80")).text(), "tcp://192.0.2.1:80");
    EXPECT_EQ(peer_name(at("unix:/some/path")).text(), "unix:");
    EXPECT_EQ(peer_name().text(), "unix:");
}

TEST(PeerName, counts_ipv4_by_address_and_ipv6_by_its_64)
{
    const auto network = [](std::string_view text) { return peer_name(at(text)).network(); };
    EXPECT_EQ(network("tcp://192.0.2.1:1"), network("tcp://192.0.2.1:2"));
    EXPECT_EQ(network("tcp://192.0.2.1:1"), network("tcp://[::ffff:192.0.2.1]:1")) << "one peer by two ways";
    EXPECT_NE(network("tcp://192.0.2.1:1"), network("tcp://192.0.2.2:1"));
    EXPECT_EQ(network("tcp://[2001:db8:1:2::1]:1"), network("tcp://[2001:db8:1:2:ffff::1]:1"));
    EXPECT_NE(network("tcp://[2001:db8:1:2::1]:1"), network("tcp://[2001:db8:1:3::1]:1"));
    EXPECT_NE(network("tcp://[::1]:1"), 0u);
    EXPECT_EQ(peer_name().network(), 0u) << "Unix peers are nobody in particular";
}

TEST(PeerName, knows_loopback)
{
    const auto loopback = [](std::string_view text) { return peer_name(at(text)).is_loopback(); };
    EXPECT_TRUE(loopback("tcp://127.0.0.1:1"));
    EXPECT_TRUE(loopback("tcp://127.255.0.9:1"));
    EXPECT_TRUE(loopback("tcp://[::1]:1"));
    EXPECT_TRUE(loopback("tcp://[::ffff:127.0.0.1]:1"));
    EXPECT_TRUE(peer_name().is_loopback());
    EXPECT_FALSE(loopback("tcp://128.0.0.1:1"));
    EXPECT_FALSE(loopback("tcp://126.255.255.255:1"));
    EXPECT_FALSE(loopback("tcp://[::2]:1"));
    EXPECT_FALSE(loopback("tcp://[2001:db8::7f00:1]:1"));
}

TEST(Address, takes_another_port_and_tells_ipv4_in_ipv6_form_and_every_address)
{
    EXPECT_EQ(at("tcp://192.0.2.1:80").with_port(81), at("tcp://192.0.2.1:81"));
    EXPECT_EQ(at("tcp://[2001:db8::1]:80").with_port(65535), at("tcp://[2001:db8::1]:65535"));
    EXPECT_EQ(at("tcp://[::ffff:192.0.2.1]:80").unmapped(), at("tcp://192.0.2.1:80"));
    EXPECT_EQ(at("tcp://[2001:db8::1]:80").unmapped(), at("tcp://[2001:db8::1]:80"));
    EXPECT_EQ(at("tcp://192.0.2.1:80").unmapped(), at("tcp://192.0.2.1:80"));
    EXPECT_TRUE(at("tcp://0.0.0.0:80").is_unspecified());
    EXPECT_TRUE(at("tcp://[::]:80").is_unspecified());
    EXPECT_FALSE(at("tcp://0.0.0.1:80").is_unspecified());
    EXPECT_FALSE(at("tcp://[::1]:80").is_unspecified());
}

TEST(Resolve, gives_each_address_of_a_name_once_in_the_resolvers_order)
{
    naru::testing::scripted_calls script;
    script.names["many.test"] = {"192.0.2.2", "2001:db8::1", "192.0.2.2", "192.0.2.1", "2001:db8::1"};
    std::vector<std::string> found;
    for (const naru::address& each : naru::resolve(naru::endpoint::tcp("many.test", 80), "test"))
        found.push_back(each.to_endpoint().text());
    EXPECT_EQ(found, (std::vector<std::string>{"tcp://192.0.2.2:80", "tcp://[2001:db8::1]:80",
                                               "tcp://192.0.2.1:80"}));
}

TEST(Resolve, refuses_a_unix_name_that_no_socket_can_have)
{
    const auto fault = [](const naru::endpoint& where) -> std::string
    {
        try
        {
            naru::resolve(where, "test");
            return "";
        }
        catch (const naru::error& e)
        {
            EXPECT_EQ(e.code(), naru::errc::bad_endpoint);
            return e.what();
        }
    };
    const std::string longest(107, 'p');
    EXPECT_EQ(fault(naru::endpoint::unix_path(longest)), "");
    EXPECT_EQ(fault(naru::endpoint::unix_abstract(longest)), "");
    EXPECT_EQ(fault(naru::endpoint::unix_abstract(std::string("a\0b", 3))), "");
    EXPECT_NE(fault(naru::endpoint::unix_path(longest + "p")).find("at most 107 bytes"), std::string::npos);
    EXPECT_NE(fault(naru::endpoint::unix_abstract(longest + "p")).find("at most 107 bytes"),
              std::string::npos);
    EXPECT_NE(fault(naru::endpoint::unix_path("")).find("the path is missing"), std::string::npos);
    EXPECT_NE(fault(naru::endpoint::unix_abstract("")).find("name is missing"), std::string::npos);
    EXPECT_NE(fault(naru::endpoint::unix_path(std::string("a\0b", 3))), "");
}

} // namespace
