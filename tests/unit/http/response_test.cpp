#include <naru/http/response.hpp>

#include <naru/base/error.hpp>

#include <boost/json/value.hpp>

#include <gtest/gtest.h>

#include <string>

namespace naru::http
{
namespace
{

using namespace std::string_literals;
using boost::beast::http::field;

TEST(Response, comes_ready_made)
{
    EXPECT_EQ(text("a").type(), "text/plain; charset=utf-8");
    EXPECT_EQ(html("a").type(), "text/html; charset=utf-8");
    EXPECT_EQ(json({{"a", 1}}).type(), "application/json");
    EXPECT_EQ(json({{"a", 1}}).body(), R"({"a":1})");
    EXPECT_EQ(bytes("a").type(), "application/octet-stream");
    EXPECT_EQ(bytes("a", "image/png").type(), "image/png");
    EXPECT_EQ(plain(status::not_found).code(), status::not_found);
    EXPECT_EQ(plain(status::not_found).body(), "404 Not Found\n");
    EXPECT_EQ(response().code(), status::ok);
    EXPECT_EQ(response().type(), "");
    EXPECT_FALSE(response().closes());
}

TEST(Response, is_set_up_in_one_expression_or_in_steps)
{
    const response made =
        text("a").code(status::created).header(field::location, "/b").type("text/x").close();
    EXPECT_EQ(made.code(), status::created);
    ASSERT_EQ(made.headers().size(), 1u);
    EXPECT_EQ(made.headers()[0].first, "Location");
    EXPECT_EQ(made.headers()[0].second, "/b");
    EXPECT_EQ(made.type(), "text/x");
    EXPECT_EQ(made.body(), "a");
    EXPECT_TRUE(made.closes());

    response stepped;
    stepped.body("b").header("X", "1").header("X", "2");
    EXPECT_EQ(stepped.headers().size(), 2u) << "fields are added, not replaced";
    EXPECT_EQ(stepped.take_body(), "b");
}

TEST(Response, has_one_type_however_it_is_set)
{
    const response made = text("a").header("content-TYPE", "a/b");
    EXPECT_EQ(made.type(), "a/b");
    EXPECT_TRUE(made.headers().empty());
    EXPECT_EQ(text("a").type("").type(), "");
}

// Nothing that comes from a client and goes into a field may begin another one (CWE-113).
TEST(Response, lets_no_value_split_the_message)
{
    for (const std::string& value : {"a\r\nX: y"s, "a\nX: y"s, "a\r"s, "\n"s, "a\0b"s, "\x7f"s, "\x1b[0m"s})
    {
        response made;
        EXPECT_THROW(made.header("X", value), error);
        EXPECT_THROW(made.header(field::location, value), error);
        EXPECT_THROW(made.type(value), error);
        EXPECT_THROW(made.header("Content-Type", value), error);
        EXPECT_THROW(static_cast<void>(bytes("", value)), error);
        EXPECT_TRUE(made.headers().empty());
        EXPECT_EQ(made.type(), "");
    }
    for (const std::string& name : {""s, "X:"s, "X Y"s, " X"s, "X\r\nY"s, "X\0"s, "\xc3\xa9"s})
        EXPECT_THROW(response().header(name, "v"), error) << name;
    EXPECT_NO_THROW(response().header("X", "tab\tand \xc3\xa9"));
}

TEST(Response, leaves_to_naru_what_frames_the_message)
{
    for (const char* name :
         {"Content-Length", "content-length", "Transfer-Encoding", "Connection", "Keep-Alive", "Date"})
        try
        {
            response().header(name, "1");
            ADD_FAILURE() << name;
        }
        catch (const error& e)
        {
            EXPECT_EQ(e.code(), errc::bad_header) << name;
        }
}

TEST(Response, says_why_a_field_is_refused_without_repeating_it)
{
    try
    {
        response().header("X-Name", "a\r\nSet-Cookie: b");
        ADD_FAILURE();
    }
    catch (const error& e)
    {
        EXPECT_NE(std::string(e.what()).find("X-Name"), std::string::npos);
        EXPECT_EQ(std::string(e.what()).find("Set-Cookie"), std::string::npos);
    }
}

TEST(Response, escapes_what_html_would_understand)
{
    EXPECT_EQ(escape_html("<a href=\"x\">'&amp;</a>\0"s),
              "&lt;a href=&quot;x&quot;&gt;&#39;&amp;amp;&lt;/a&gt;\0"s);
    EXPECT_EQ(escape_html(""), "");
}

} // namespace
} // namespace naru::http
