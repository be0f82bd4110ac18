#include "http/framing_rules.hpp"

#include "exact_bytes.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace naru::http
{
namespace
{

constexpr head_limits usual{8 * 1024, 32 * 1024, 100};
constexpr std::uint64_t longest_body = 1000;

struct judgement
{
    int status; // of the refusal; 0 for none
    verdict is;
    std::string host;
};

judgement judged(std::string_view request_line, std::string_view fields)
{
    const exact_bytes bytes(std::string(request_line) + "\r\n" + std::string(fields) + "\r\n");
    request_head head;
    refusal why;
    EXPECT_EQ(parse_head(bytes.view(), usual, head, why), progress::whole) << bytes.view() << why.why;
    judgement out{};
    if (!judge(bytes.view(), head, longest_body, out.is, why))
        out.status = static_cast<int>(why.code);
    out.host = out.is.host.of(bytes.view().data());
    return out;
}

/// Of a HTTP/1.1 request with a Host.
judgement judged(std::string_view fields)
{
    return judged("POST / HTTP/1.1", "Host: a\r\n" + std::string(fields));
}

// What two readers could cut in two ways is refused. RFC 9112, 6.
TEST(FramingRules, finds_one_length_or_none)
{
    struct
    {
        const char* fields;
        int status;
        framing content = framing::none;
        std::uint64_t length = 0;
    } const rows[] = {
        {"", 0},
        {"Content-Length: 0\r\n", 0},
        {"Content-Length: 5\r\n", 0, framing::length, 5},
        {"content-length:\t5 \r\n", 0, framing::length, 5},
        {"Content-Length: 0000000000000000000000005\r\n", 0, framing::length, 5},
        {"Content-Length: 1000\r\n", 0, framing::length, 1000},
        {"Content-Length: 1001\r\n", 413},
        {"Content-Length: 9223372036854775807\r\n", 413},
        {"Content-Length: 9223372036854775808\r\n", 400},
        {"Content-Length: 18446744073709551621\r\n", 400},
        {"Content-Length: \r\n", 400},
        {"Content-Length: +5\r\n", 400},
        {"Content-Length: -5\r\n", 400},
        {"Content-Length: 0x5\r\n", 400},
        {"Content-Length: 5.0\r\n", 400},
        {"Content-Length: 5 5\r\n", 400},
        {"Content-Length: 5, 5\r\n", 400},
        {"Content-Length: 5,\r\n", 400},
        {"Content-Length: \"5\"\r\n", 400},
        {"Content-Length: 5\r\nContent-Length: 5\r\n", 400},
        {"Content-Length: 5\r\nContent-Length: 6\r\n", 400},

        {"Transfer-Encoding: chunked\r\n", 0, framing::chunked},
        {"transfer-encoding: CHUNKED\r\n", 0, framing::chunked},
        {"Transfer-Encoding: gzip, chunked\r\n", 501},
        {"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", 501},
        {"Transfer-Encoding: foo=\"a, chunked\r\n", 501},
        {"Transfer-Encoding: \r\n", 400},
        {"Transfer-Encoding: identity\r\n", 400},
        {"Transfer-Encoding: gzip\r\n", 400},
        {"Transfer-Encoding: xchunked\r\n", 400},
        {"Transfer-Encoding: chunkedx\r\n", 400},
        {"Transfer-Encoding: chunked;a=b\r\n", 400},
        {"Transfer-Encoding: \"chunked\"\r\n", 400},
        {"Transfer-Encoding: chunked,\r\n", 400},
        {"Transfer-Encoding: ,chunked\r\n", 400},
        {"Transfer-Encoding: chunked, chunked\r\n", 400},
        {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
        {"Transfer-Encoding: chunked, gzip\r\n", 400},
        {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400},
        {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
        {"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", 400},
        {"Content-Length: 5\r\nTransfer-Encoding: \r\n", 400},
    };
    for (const auto& each : rows)
    {
        SCOPED_TRACE(each.fields);
        const judgement got = judged(each.fields);
        EXPECT_EQ(got.status, each.status);
        if (got.status != 0)
            continue;
        EXPECT_EQ(got.is.content, each.content);
        EXPECT_EQ(got.is.length, each.length);
    }
    EXPECT_EQ(judged("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n").status, 400);
    EXPECT_EQ(judged("POST / HTTP/1.0", "Content-Length: 5\r\n").is.content, framing::length);
}

TEST(FramingRules, asks_for_one_good_host)
{
    struct
    {
        const char* line;
        const char* fields;
        int status;
        const char* host = "";
    } const rows[] = {
        {"GET / HTTP/1.1", "Host: a\r\n", 0, "a"},
        {"GET / HTTP/1.1", "", 400},
        {"GET / HTTP/1.1", "Host:\r\n", 400},
        {"GET / HTTP/1.1", "Host: a\r\nHost: a\r\n", 400},
        {"GET / HTTP/1.1", "Host: a, b\r\n", 400},
        {"GET / HTTP/1.0", "", 0, ""},
        {"GET / HTTP/1.0", "Host: a\r\n", 0, "a"},
        {"GET / HTTP/1.0", "Host: a b\r\n", 400},
        {"GET / HTTP/1.0", "Host: a\r\nHost: b\r\n", 400},
        {"GET http://b/ HTTP/1.1", "Host: a\r\n", 0, "b"},
        {"GET http://b/ HTTP/1.1", "", 400},
        {"GET http://b/ HTTP/1.1", "Host: \r\n", 400},
        {"GET http://b/ HTTP/1.0", "", 0, "b"},
        {"GET http://u@b/ HTTP/1.1", "Host: a\r\n", 400},
        {"GET http://b:x/ HTTP/1.1", "Host: a\r\n", 400},
    };
    for (const auto& each : rows)
    {
        SCOPED_TRACE(std::string(each.line) + " " + each.fields);
        const judgement got = judged(each.line, each.fields);
        EXPECT_EQ(got.status, each.status);
        if (got.status == 0)
        {
            EXPECT_EQ(got.host, each.host);
        }
    }
}

TEST(FramingRules, takes_an_empty_host_where_a_target_has_no_authority)
{
    for (const auto& [text, status] :
         {std::pair("GET / HTTP/1.1\r\nHost:\r\n\r\n", 0), std::pair("GET / HTTP/1.1\r\nHost: \t\r\n\r\n", 0),
          std::pair("GET / HTTP/1.0\r\nHost:\r\n\r\n", 0), std::pair("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0),
          std::pair("GET / HTTP/1.1\r\n\r\n", 400),
          std::pair("GET / HTTP/1.1\r\nHost:\r\nHost:\r\n\r\n", 400),
          std::pair("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
          std::pair("GET / HTTP/1.1\r\nHost: :80\r\n\r\n", 400)})
    {
        SCOPED_TRACE(text);
        request_head head;
        refusal why;
        verdict is;
        ASSERT_EQ(parse_head(text, usual, head, why), progress::whole);
        EXPECT_EQ(judge(text, head, longest_body, is, why, empty_host::served), status == 0);
    }
}

TEST(FramingRules, knows_an_authority)
{
    for (const char* good : {"a", "a.b-c_d.example", "127.0.0.1", "a:80", "a:", "a:0", "a:65535", "[::1]",
                             "[::1]:80", "[::1]:", "[::ffff:1.2.3.4]", "%2Ftmp%2Fx.sock", "a%20b:80", "%61",
                             "[v1.x]", "[V1f.a:b!$]:80", "a!$&'()*+;=", "999.1.1.1"})
        EXPECT_TRUE(is_authority(exact_bytes(good).view())) << good;
    for (const char* bad : {"",
                            ":80",
                            ":",
                            "a:b",
                            "a:80:81",
                            "a:65536",
                            "a:99999999999999999999",
                            "a:-1",
                            "a:+1",
                            "a b",
                            "a,b",
                            "a/b",
                            "u@a",
                            "a?b",
                            "a#b",
                            "a%",
                            "a%2",
                            "a%zz",
                            "a%00b",
                            "a%2%20",
                            "%40@a",
                            "\xc3\xa9",
                            "[",
                            "[]",
                            "[::1",
                            "[::1]80",
                            "[::1]a",
                            "[::1]]",
                            "[1.2.3.4]",
                            "[a]",
                            "[fe80::1%eth0]",
                            "[::1]:65536",
                            "::1",
                            "[v.a]",
                            "[v1.]",
                            "[v1a]",
                            "[vg.a]",
                            "[v1.a,b]",
                            "[v1.%61]",
                            "[v1.a]b",
                            "a[::1]"})
        EXPECT_FALSE(is_authority(exact_bytes(bad).view())) << bad;
    EXPECT_FALSE(is_authority("[" + std::string(100, ':') + "]"));
}

// RFC 9112, 9.3.
TEST(FramingRules, keeps_a_connection_or_not)
{
    struct
    {
        const char* version;
        const char* fields;
        bool kept;
    } const rows[] = {
        {"1.1", "", true},
        {"1.1", "Connection: close\r\n", false},
        {"1.1", "Connection: CLOSE\r\n", false},
        {"1.1", "Connection: keep-alive, close\r\n", false},
        {"1.1", "Connection: keep-alive\r\nConnection: close\r\n", false},
        {"1.1", "Connection: ,, close ,\r\n", false},
        {"1.1", "Connection: closed\r\n", true},
        {"1.1", "Connection: upgrade\r\n", true},
        {"1.0", "", false},
        {"1.0", "Connection: keep-alive\r\n", true},
        {"1.0", "Connection: Keep-Alive\r\n", true},
        {"1.0", "Connection: close, keep-alive\r\n", false},
    };
    for (const auto& each : rows)
    {
        SCOPED_TRACE(std::string(each.version) + " " + each.fields);
        const judgement got =
            judged("GET / HTTP/" + std::string(each.version), "Host: a\r\n" + std::string(each.fields));
        EXPECT_EQ(got.status, 0);
        EXPECT_EQ(got.is.keep_alive, each.kept);
    }
}

TEST(FramingRules, hears_an_expectation)
{
    const std::string content = "Content-Length: 5\r\n";
    EXPECT_TRUE(judged(content + "Expect: 100-continue\r\n").is.expects_continue);
    EXPECT_TRUE(judged(content + "expect: 100-Continue\r\n").is.expects_continue);
    EXPECT_TRUE(judged("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n").is.expects_continue);
    EXPECT_FALSE(judged("Expect: 100-continue\r\n").is.expects_continue) << "there is no content to wait for";
    EXPECT_EQ(judged(content + "Expect: something\r\n").status, 417);
    EXPECT_EQ(judged(content + "Expect: 100-continue, something\r\n").status, 417);
    const judgement old = judged("POST / HTTP/1.0", content + "Expect: something\r\n");
    EXPECT_EQ(old.status, 0);
    EXPECT_FALSE(old.is.expects_continue);
}

TEST(FramingRules, keeps_out_of_trailers_what_has_been_acted_on)
{
    for (const known_field each :
         {known_field::host, known_field::content_length, known_field::transfer_encoding})
        EXPECT_TRUE(forbidden_in_trailer(each));
    EXPECT_FALSE(forbidden_in_trailer(known_field::other));
}

} // namespace
} // namespace naru::http
