#include "raw_talk.hpp"
#include "scripted_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// The runner itself: that it is content with a good server, and sees each way in which a bad one is bad.
namespace conformance
{
namespace
{

using naru::close_reason;
using testing::ElementsAre;
using testing::HasSubstr;
using last_act = scripted_server::last_act;

const manner usual{.greeting = "welcome 1\n", .probe = {"probe\n", "[probe]\n"}, .farewell = ""};

/// What the runner says when a server plays this to a client that sends "a\n" and wants one of `allowed`.
verdict judged(scripted_server::script plays, courses allowed)
{
    const raw_case row{"row", "line", "a\n", std::move(allowed)};
    plays.await = row.bytes.size();
    const scripted_server server(std::move(plays));
    return talk(server.port(), usual, row, feed::whole, std::chrono::milliseconds(200));
}

std::string fault(scripted_server::script plays, courses allowed)
{
    return judged(std::move(plays), std::move(allowed)).fault;
}

TEST(RawTalk, is_content_with_an_allowed_course)
{
    const scripted_server::script closing{.says = "welcome 1\n[a]\n", .end = last_act::finish};
    const scripted_server::script staying{.says = "welcome 1\n[a]\n", .then_says = "[probe]\n"};

    EXPECT_EQ(fault(staying, stays("[a]\n")), "");
    EXPECT_EQ(fault(closing, closes("[a]\n", close_reason::handler_done)), "");
    EXPECT_EQ(fault(closing, ends("[a]\n")), "");
    EXPECT_EQ(fault(staying, any_course({closes("", close_reason::handler_done), stays("[a]\n")})), "");
}

TEST(RawTalk, names_the_reasons_of_the_course_that_was_taken)
{
    const courses either = any_course(
        {closes("[b]\n", close_reason::handler_done), closes("[a]\n", close_reason::limit_exceeded)});

    const verdict of_second = judged({.says = "welcome 1\n[a]\n", .end = last_act::finish}, either);

    EXPECT_THAT(of_second.reasons, ElementsAre(close_reason::limit_exceeded));
}

TEST(RawTalk, sees_other_words)
{
    EXPECT_THAT(fault({.says = "welcome 1\n[b]\n"}, stays("[a]\n")), HasSubstr("silence after"));
    EXPECT_THAT(fault({.says = "[a]\n"}, stays("[a]\n")), HasSubstr("silence after"));
    EXPECT_THAT(fault({.says = "welcome 1\n"}, stays("[a]\n")), HasSubstr("silence after"));
    EXPECT_THAT(fault({.says = "welcome 1\n[a]\n[a]\n", .end = last_act::finish},
                      closes("[a]\n", close_reason::handler_done)),
                HasSubstr("closed after"));
}

TEST(RawTalk, sees_another_end)
{
    const std::string said = "welcome 1\n[a]\n";

    EXPECT_THAT(fault({.says = said, .end = last_act::finish}, stays("[a]\n")),
                HasSubstr("one more exchange"));
    EXPECT_THAT(fault({.says = said}, closes("[a]\n", close_reason::handler_done)), HasSubstr("silence"));
    EXPECT_THAT(fault({.says = said, .end = last_act::reset}, ends("[a]\n")), HasSubstr("reset after"));
    EXPECT_THAT(fault({.says = said, .end = last_act::finish}, ends("[a]\nend\n")),
                HasSubstr("closed after"));
}

TEST(RawTalk, sees_words_that_nobody_asked_for)
{
    const std::string said = "welcome 1\n[a]\n";

    EXPECT_THAT(fault({.says = said + "[x]\n", .then_says = "[probe]\n"}, stays("[a]\n")), HasSubstr("[x]"));
    EXPECT_THAT(fault({.says = said, .then_says = "[x]\n[probe]\n"}, stays("[a]\n")), HasSubstr("[x]"));
    EXPECT_THAT(fault({.says = said, .then_says = "[probe]\n[x]\n"}, stays("[a]\n")), HasSubstr("[x]"));
}

TEST(RawTalk, takes_digits_where_a_pattern_has_a_number)
{
    EXPECT_TRUE(reads_as("at 12:05, 3 of 3\n", "at #:#, # of 3\n"));
    EXPECT_TRUE(reads_as("a # b", "a # b"));
    EXPECT_FALSE(reads_as("at :05\n", "at #:#\n"));
    EXPECT_FALSE(reads_as("at 12:05", "at #:#\n"));
    EXPECT_FALSE(reads_as("at 12:05\nx", "at #:#\n"));
    EXPECT_FALSE(reads_as("at 1x:05\n", "at #:#\n"));
}

TEST(RawTalk, shows_bytes_that_cannot_be_read)
{
    EXPECT_EQ(shown(literal("a\r\n\0\xff")), "\"a\\r\\n\\x00\\xff\"");
    EXPECT_THAT(shown(std::string(1000, 'x')), HasSubstr("1000 bytes"));
}

} // namespace
} // namespace conformance
