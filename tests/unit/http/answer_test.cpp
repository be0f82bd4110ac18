#include "http/answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <memory>
#include <string>

namespace naru::http
{
namespace
{

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

/// Written into a heap block of exactly the size that was promised to be enough.
std::string head_of(const response& from, const answer_context& context = {})
{
    date_field date;
    date.look_at(time_point(std::chrono::hours(1)));
    const std::size_t room = answer_head_size(from);
    const std::unique_ptr<char[]> block(new char[room]);
    char* const end = write_answer_head(block.get(), from, context, date);
    EXPECT_LE(end, block.get() + room);
    return std::string(block.get(), end);
}

TEST(Answer, writes_a_head)
{
    const std::string head = head_of(text("12345").header("X", "y").header("X", "z"));
    EXPECT_THAT(head, MatchesRegex("HTTP/1\\.1 200 OK\r\n"
                                   "Date: [^\r\n]*\r\n"
                                   "Content-Type: text/plain; charset=utf-8\r\n"
                                   "Content-Length: 5\r\n"
                                   "X: y\r\nX: z\r\n\r\n"));
}

TEST(Answer, says_whether_the_connection_stays)
{
    EXPECT_THAT(head_of(text("")), Not(HasSubstr("Connection")));
    EXPECT_THAT(head_of(text(""), {.close = true}), EndsWith("\r\nConnection: close\r\n\r\n"));
    EXPECT_THAT(head_of(text(""), {.say_keep_alive = true}), EndsWith("\r\nConnection: keep-alive\r\n\r\n"));
    EXPECT_THAT(head_of(text(""), {.close = true, .say_keep_alive = true}), Not(HasSubstr("keep-alive")));
}

TEST(Answer, gives_length_and_type_to_what_has_content)
{
    EXPECT_THAT(head_of(response()), HasSubstr("Content-Length: 0\r\n"));
    EXPECT_THAT(head_of(response()), Not(HasSubstr("Content-Type")));
    EXPECT_THAT(head_of(text("12345"), {.head_only = true}), HasSubstr("Content-Length: 5\r\n"));
    for (const status code : {status::no_content, status::not_modified})
    {
        EXPECT_FALSE(has_content(code));
        EXPECT_THAT(head_of(text("12345").code(code)), Not(HasSubstr("Content-")));
    }
    for (const status code : {status::ok, status::created, status::not_found, status::internal_server_error})
        EXPECT_TRUE(has_content(code));
}

TEST(Answer, has_a_status_line_for_every_code_and_room_for_it)
{
    for (unsigned code = 200; code < 1000; ++code)
    {
        const std::string head = head_of(text("x").code(static_cast<status>(code)), {.say_keep_alive = true});
        ASSERT_THAT(head, StartsWith("HTTP/1.1 " + std::to_string(code) + " "));
        ASSERT_THAT(head, EndsWith("\r\n\r\n"));
    }
    EXPECT_THAT(head_of(response(status::not_found)), StartsWith("HTTP/1.1 404 Not Found\r\n"));
    EXPECT_THAT(head_of(response(static_cast<status>(299))), StartsWith("HTTP/1.1 299 \r\n"));
}

TEST(Answer, has_room_for_many_and_long_fields)
{
    response made = bytes(std::string(1000, 'b'), std::string(500, 't'));
    for (int i = 0; i < 100; ++i)
        made.header("X-" + std::to_string(i), std::string(1000, 'v'));
    EXPECT_GT(head_of(made, {.close = true}).size(), 100'000u);
}

// IMF-fixdate, RFC 9110, 5.6.7.
TEST(Answer, dates_itself)
{
    date_field date;
    date.look_at(time_point(std::chrono::hours(1)));
    const std::string first(date.bytes(), date_field::length);
    EXPECT_THAT(first, MatchesRegex("Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] "
                                    "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) 2[0-9][0-9][0-9] "
                                    "[0-2][0-9]:[0-5][0-9]:[0-6][0-9] GMT\r\n"));
    std::tm at{};
    ASSERT_NE(::strptime(first.c_str(), "Date: %a, %d %b %Y %H:%M:%S GMT", &at), nullptr);
    const std::time_t said = ::timegm(&at);
    const std::time_t is = std::time(nullptr);
    EXPECT_GE(said, is - 2);
    EXPECT_LE(said, is);
}

} // namespace
} // namespace naru::http
