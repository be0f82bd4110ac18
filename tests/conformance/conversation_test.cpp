#include "conversation.hpp"
#include "scripted_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// The runner itself: that it is content with a good server, and sees each way in which a bad one is bad.
namespace conformance
{
namespace
{

using testing::HasSubstr;
using last_act = scripted_server::last_act;

const std::string request = "GET /probe HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string good = "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 2\r\n\r\nok";
const std::string further = "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 17\r\n\r\nhello, once-more\n";
const std::string bad_request =
    "HTTP/1.1 400 Bad Request\r\nDate: now\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// What the runner says when a server plays this to a client that wants one of `allowed`.
std::string verdict(scripted_server::script plays, outcomes allowed, std::string bytes = request)
{
    plays.await = bytes.size();
    const scripted_server server(std::move(plays));
    const http_case row{"row", "9112 1", std::move(bytes), std::move(allowed)};
    return converse(server.port(), row, feed::whole, std::chrono::milliseconds(200));
}

TEST(Conversation, is_content_with_an_allowed_course)
{
    EXPECT_EQ(verdict({.says = good, .then_says = further}, served("ok")), "");
    EXPECT_EQ(verdict({.says = bad_request, .end = last_act::finish}, refused(400)), "");
    EXPECT_EQ(verdict({.says = good + bad_request, .end = last_act::finish},
                      served_and_closed({ok("ok"), status(400)})),
              "");
    EXPECT_EQ(verdict({.says = bad_request, .end = last_act::finish}, answered(400)), "");
    EXPECT_EQ(verdict({.says = good.substr(0, good.size() - 2), .then_says = further}, served({head(200)})),
              "");
}

TEST(Conversation, sees_other_answers)
{
    EXPECT_THAT(verdict({.says = good, .then_says = further}, refused(400)), HasSubstr("seen: 200 (ok)"));
    EXPECT_THAT(verdict({.says = bad_request, .end = last_act::finish}, refused(431)),
                HasSubstr("seen: 400"));
    EXPECT_THAT(verdict({.says = good, .then_says = further}, served("other")), HasSubstr("other content"));
    EXPECT_THAT(verdict({.says = good, .then_says = further}, served({status(200).with("Allow", "GET")})),
                HasSubstr("no GET in Allow"));
}

TEST(Conversation, sees_another_end)
{
    EXPECT_THAT(verdict({.says = bad_request, .end = last_act::finish}, served({status(400)})),
                HasSubstr("another end"));
    EXPECT_THAT(verdict({.says = good, .end = last_act::finish}, served("ok")),
                HasSubstr("without an answer that says so"));
    EXPECT_THAT(verdict({.says = bad_request}, refused(400)), HasSubstr("no FIN followed"));
    EXPECT_THAT(verdict({.says = good, .then_says = bad_request}, served("ok")),
                HasSubstr("one more request got 400"));
}

TEST(Conversation, sees_silence_and_resets)
{
    EXPECT_THAT(verdict({.says = ""}, refused(400)), HasSubstr("silence"));
    EXPECT_THAT(verdict({.says = good}, served("ok")), HasSubstr("silence"));
    EXPECT_THAT(verdict({.says = good.substr(0, 30)}, served("ok")), HasSubstr("silence"));
    EXPECT_THAT(verdict({.says = "", .end = last_act::finish}, refused(400)),
                HasSubstr("without an answer that says so"));
    EXPECT_THAT(verdict({.says = good.substr(0, 30), .end = last_act::finish}, served("ok")),
                HasSubstr("ended inside an answer"));
    EXPECT_THAT(verdict({.says = bad_request, .end = last_act::reset}, refused(400)), HasSubstr("reset"));
}

TEST(Conversation, sees_bytes_that_belong_to_no_answer)
{
    EXPECT_THAT(verdict({.says = good + good, .then_says = further}, served("ok")),
                HasSubstr("one more request got 200 ok"));
    EXPECT_THAT(verdict({.says = good, .then_says = further + "x"}, served("ok")),
                HasSubstr("bytes after the last answer"));
    EXPECT_THAT(verdict({.says = bad_request + "x", .end = last_act::finish}, refused(400)),
                HasSubstr("bytes after the last answer"));
    // A server that sends the content to a HEAD.
    EXPECT_NE(verdict({.says = good, .then_says = further}, served({head(200)})), "");
}

TEST(Conversation, sees_malformed_answers)
{
    const auto head_of = [](const std::string& lines)
    { return verdict({.says = lines + "\r\n\r\n", .end = last_act::finish}, refused(400)); };

    EXPECT_THAT(head_of("HTTP/1.0 400 Bad Request"), HasSubstr("status line"));
    EXPECT_THAT(head_of("HTTP/1.1 400"), HasSubstr("status line"));
    EXPECT_THAT(head_of("HTTP/1.1 400 Bad\nContent-Length: 0"), HasSubstr("status line"));
    EXPECT_THAT(head_of("HTTP/1.1 400 Bad\r\nDate : now"), HasSubstr("field line"));
    EXPECT_THAT(head_of("HTTP/1.1 400 Bad\r\nDate: now"), HasSubstr("no Content-Length"));
    EXPECT_THAT(head_of("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\nContent-Length: 0"),
                HasSubstr("Content-Length: 0"));
    EXPECT_THAT(head_of("HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked"), HasSubstr("Transfer-Encoding"));
    EXPECT_THAT(head_of("HTTP/1.1 204 None\r\nContent-Length: 0"), HasSubstr("cannot have content"));
    EXPECT_THAT(head_of("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\nConnection: close"), HasSubstr("no Date"));
    EXPECT_THAT(head_of("HTTP/1.1 405 Not\r\nDate: now\r\nContent-Length: 0"), HasSubstr("no Allow"));
}

} // namespace
} // namespace conformance
