#include <naru/net/endpoint.hpp>

#include <naru/base/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace
{

using namespace std::string_literals;
using naru::endpoint;
using kind = naru::endpoint::kind;

const std::string longest_path(107, 'p');

struct good
{
    std::string text;
    kind type;
    std::string host;
    std::uint16_t port = 0;
    std::string shown = {}; // when it is not `text`
    bool v6only = false;
    std::optional<unsigned> mode = {};
};

const good good_ones[] = {
    {"tcp://127.0.0.1:9190", kind::tcp, "127.0.0.1", 9190},
    {"tcp://0.0.0.0:0", kind::tcp, "0.0.0.0", 0},
    {"tcp://255.255.255.255:65535", kind::tcp, "255.255.255.255", 65535},
    {"tcp://localhost:8080", kind::tcp, "localhost", 8080},
    {"tcp://a:1", kind::tcp, "a", 1},
    {"tcp://a.b-c.example.:443", kind::tcp, "a.b-c.example.", 443},
    {"tcp://with_underscore.example:443", kind::tcp, "with_underscore.example", 443},
    {"tcp://9.example:80", kind::tcp, "9.example", 80},
    {"tcp://localhost:00080", kind::tcp, "localhost", 80, "tcp://localhost:80"},
    {"tcp://" + std::string(63, 'h') + ":80", kind::tcp, std::string(63, 'h'), 80},
    {"tcp://[::]:80", kind::tcp, "::", 80},
    {"tcp://[::1]:0", kind::tcp, "::1", 0},
    {"tcp://[2001:db8::7]:443", kind::tcp, "2001:db8::7", 443},
    {"tcp://[::ffff:192.0.2.1]:443", kind::tcp, "::ffff:192.0.2.1", 443},
    {"tcp://[::]:80?v6only", kind::tcp, "::", 80, "tcp://[::]:80", true},
    {"unix:/run/naru.sock", kind::unix_path, "/run/naru.sock"},
    {"unix:relative.sock", kind::unix_path, "relative.sock"},
    {"unix:/with space:and&colon", kind::unix_path, "/with space:and&colon"},
    {"unix:" + longest_path, kind::unix_path, longest_path},
    {"unix:/run/n.sock?mode=0660", kind::unix_path, "/run/n.sock", 0, "unix:/run/n.sock", false, 0660},
    {"unix:/run/n.sock?mode=0", kind::unix_path, "/run/n.sock", 0, "unix:/run/n.sock", false, 0},
    {"unix:/run/n.sock?mode=777", kind::unix_path, "/run/n.sock", 0, "unix:/run/n.sock", false, 0777},
    {"unix:@abstract", kind::unix_abstract, "abstract"},
    {"unix:@@", kind::unix_abstract, "@"},
    {"unix:@" + longest_path, kind::unix_abstract, longest_path},
};

TEST(Endpoint, takes_what_is_one)
{
    for (const good& each : good_ones)
    {
        const auto parsed = endpoint::parse(each.text);
        ASSERT_TRUE(parsed) << each.text << ": " << parsed.error().what;
        EXPECT_EQ(parsed->type(), each.type) << each.text;
        EXPECT_EQ(parsed->host(), each.host) << each.text;
        EXPECT_EQ(parsed->path(), each.host) << each.text;
        EXPECT_EQ(parsed->port(), each.port) << each.text;
        EXPECT_EQ(parsed->v6only(), each.v6only) << each.text;
        EXPECT_EQ(parsed->mode(), each.mode) << each.text;
        EXPECT_EQ(parsed->is_tcp(), each.type == kind::tcp) << each.text;
        EXPECT_EQ(parsed->text(), each.shown.empty() ? each.text : each.shown);
    }
}

TEST(Endpoint, is_read_again_from_its_own_text)
{
    for (const good& each : good_ones)
    {
        const endpoint once = endpoint::from(each.text);
        EXPECT_EQ(endpoint::from(once.text()).text(), once.text());
    }
    EXPECT_EQ(endpoint::from(endpoint::tcp("::1", 80).text()), endpoint::tcp("::1", 80));
    EXPECT_EQ(endpoint::from(endpoint::unix_path("/a").text()), endpoint::unix_path("/a"));
    EXPECT_EQ(endpoint::from(endpoint::unix_abstract("a").text()), endpoint::unix_abstract("a"));
    EXPECT_NE(endpoint::unix_path("a"), endpoint::unix_abstract("a"));
}

struct bad
{
    std::string text;
    std::size_t position;
    std::string what; // part of it
};

const bad bad_ones[] = {
    {"", 0, "begins with tcp:// or unix:"},
    {"localhost:80", 0, "begins with"},
    {"127.0.0.1:80", 0, "begins with"},
    {" tcp://127.0.0.1:80", 0, "begins with"},
    {"TCP://127.0.0.1:80", 0, "begins with"},
    {"tcp:/127.0.0.1:80", 0, "begins with"},
    {"http://127.0.0.1:80", 0, "begins with"},
    {"tcp://", 6, "the host is missing"},
    {"tcp://:80", 6, "the host is missing"},
    {"tcp:///80", 6, "the host is missing"},
    {"tcp://localhost", 15, "the :port is missing"},
    {"tcp://localhost/80", 15, "the :port is missing"},
    {"tcp://localhost:", 16, "the port is missing"},
    {"tcp://localhost:?v6only", 16, "the port is missing"},
    {"tcp://localhost:65536", 16, "over 65535"},
    {"tcp://localhost:99999999999999999999", 16, "over 65535"},
    {"tcp://localhost:-1", 16, "not a digit"},
    {"tcp://localhost:+1", 16, "not a digit"},
    {"tcp://localhost: 80", 16, "not a digit"},
    {"tcp://localhost:80 ", 18, "not a digit"},
    {"tcp://localhost:80/", 18, "not a digit"},
    {"tcp://localhost:8o", 17, "not a digit"},
    {"tcp://localhost:http", 16, "not a digit"},
    {"tcp://local host:80", 11, "not allowed in a host name"},
    {"tcp://user@host:80", 10, "not allowed in a host name"},
    {"tcp://.host:80", 6, "not allowed in a host name"},
    {"tcp://a..b:80", 8, "not allowed in a host name"},
    {"tcp://*:80", 6, "not allowed in a host name"},
    {"tcp://h\xc3\xb6st:80", 7, "not allowed in a host name"},
    {"tcp://ho\0st:80"s, 8, "not allowed in a host name"},
    {"tcp://" + std::string(64, 'h') + ":80", 6 + 63, "not allowed in a host name"},
    {"tcp://" + std::string(60, 'h') + "." + std::string(200, 'i') + ":80", 6 + 253,
     "not allowed in a host name"},
    {"tcp://256.0.0.1:80", 6, "not an IPv4 address"},
    {"tcp://127.1:80", 6, "not an IPv4 address"},
    {"tcp://1.2.3.4.5:80", 6, "not an IPv4 address"},
    {"tcp://2130706433:80", 6, "not an IPv4 address"},
    {"tcp://::1:80", 6, "an IPv6 address stands in brackets"},
    {"tcp://[]:80", 7, "not an IPv6 address"},
    {"tcp://[::1:80", 13, "] that ends the IPv6 address is missing"},
    {"tcp://[127.0.0.1]:80", 7, "not an IPv6 address"},
    {"tcp://[localhost]:80", 7, "not an IPv6 address"},
    {"tcp://[:::]:80", 7, "not an IPv6 address"},
    {"tcp://[::1\0]:80"s, 7, "not an IPv6 address"},
    {"tcp://[::1]", 11, "the :port is missing"},
    {"tcp://[::1]80", 11, "the :port is missing"},
    {"tcp://[::1]:80?", 15, "the only option is v6only"},
    {"tcp://[::1]:80?v6", 15, "the only option is v6only"},
    {"tcp://[::1]:80?v6only=1", 15, "the only option is v6only"},
    {"tcp://[::1]:80?v6only&x", 22, "the only option is v6only"},
    {"tcp://127.0.0.1:80?v6only", 19, "of an IPv6 endpoint"},
    {"tcp://localhost:80?mode=0660", 19, "the only option is v6only"},
    {"unix:", 5, "the path is missing"},
    {"unix:?mode=0660", 5, "the path is missing"},
    {"unix:@", 6, "the abstract name is missing"},
    {"unix:" + longest_path + "p", 5 + 107, "too long for a Unix socket: at most 107 bytes"},
    {"unix:@" + longest_path + "p", 6 + 107, "at most 107 bytes"},
    {"unix:/a\0b"s, 7, "a NUL is not allowed"},
    {"unix:/a?", 8, "the only option is mode=OCTAL"},
    {"unix:/a?mode=", 8, "the only option is mode=OCTAL"},
    {"unix:/a?mode=8", 8, "the only option is mode=OCTAL"},
    {"unix:/a?mode=-1", 8, "the only option is mode=OCTAL"},
    {"unix:/a?mode=1777", 8, "the only option is mode=OCTAL"},
    {"unix:/a?mode=0x1f", 8, "the only option is mode=OCTAL"},
    {"unix:/a?mode=0660&v6only", 18, "the only option is mode=OCTAL"},
    {"unix:@a?mode=0660", 8, "of a path"},
};

TEST(Endpoint, refuses_everything_else_and_says_where_and_why)
{
    for (const bad& each : bad_ones)
    {
        const auto parsed = endpoint::parse(each.text);
        ASSERT_FALSE(parsed) << each.text << " is taken as " << parsed->text();
        EXPECT_EQ(parsed.error().position, each.position) << each.text << ": " << parsed.error().what;
        EXPECT_NE(parsed.error().what.find(each.what), std::string::npos)
            << each.text << ": " << parsed.error().what;
    }
}

TEST(Endpoint, never_reads_beyond_its_text)
{
    // Every beginning of every row, as an exact allocation for the sanitizer; the outcome is the parser's to
    // say.
    const auto cut_everywhere = [](const std::string& text)
    {
        for (std::size_t length = 0; length <= text.size(); ++length)
        {
            const std::vector<char> exact(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length));
            const auto parsed = endpoint::parse({exact.data(), exact.size()});
            if (!parsed)
            {
                EXPECT_LE(parsed.error().position, length) << text;
                EXPECT_FALSE(parsed.error().what.empty()) << text;
            }
        }
    };
    for (const good& each : good_ones)
        cut_everywhere(each.text);
    for (const bad& each : bad_ones)
        cut_everywhere(each.text);
}

TEST(Endpoint, throws_with_the_fault_and_its_place_in_one_line)
{
    try
    {
        endpoint::from("tcp://localhost:8o");
        FAIL();
    }
    catch (const naru::error& e)
    {
        EXPECT_EQ(e.code(), naru::errc::bad_endpoint);
        EXPECT_STREQ(e.what(),
                     "endpoint tcp://localhost:8o: not a digit of a port, at character 18: not an endpoint");
    }
}

TEST(Endpoint, throws_also_where_a_result_is_taken_unseen)
{
    EXPECT_THROW(endpoint::parse("nonsense").value(), naru::error);
}

} // namespace
