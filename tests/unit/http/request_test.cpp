#include <naru/http/request.hpp>

#include "http/exchange.hpp"

#include "exact_bytes.hpp"
#include "nobody.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace naru::http
{
namespace
{

/// A request as a handler sees it.
class asked
{
  public:
    explicit asked(std::string_view text, const router& site = {}) : bytes_(text)
    {
        exchange_.begin(nobody());
        EXPECT_EQ(exchange_.advance(bytes_.span(), {{8192, 32768, 100}, 1000}), progress::whole);
        exchange_.look_up(site.read());
    }
    const request* operator->() const noexcept { return &exchange_.face(); }

  private:
    exact_bytes bytes_;
    exchange exchange_;
};

response never(const request&)
{
    return text("");
}

TEST(Request, shows_what_was_asked)
{
    const asked r("POST /a%20b?c=d%20e&f HTTP/1.1\r\nHost: example.org:80\r\nx-one: 1\r\nX-One: 2\r\n"
                  "Content-Length: 4\r\n\r\nbody");
    EXPECT_EQ(r->method(), verb::post);
    EXPECT_EQ(r->method_text(), "POST");
    EXPECT_EQ(r->target(), "/a%20b?c=d%20e&f");
    EXPECT_EQ(r->path(), "/a%20b");
    EXPECT_EQ(r->query(), "c=d%20e&f");
    EXPECT_EQ(r->version(), 11u);
    EXPECT_EQ(r->host(), "example.org:80");
    EXPECT_EQ(r->body(), "body");
    ASSERT_EQ(r->header_count(), 4u);
    EXPECT_EQ(r->header_name(1), "x-one");
    EXPECT_EQ(r->header_value(2), "2");
    EXPECT_EQ(r->header("X-ONE"), "1") << "the first";
    EXPECT_EQ(r->header(field::content_length), "4");
    EXPECT_EQ(r->header("X-Two"), std::nullopt);
}

TEST(Request, takes_the_host_of_an_absolute_target_first)
{
    const asked r("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(r->host(), "b");
    EXPECT_EQ(r->path(), "/");
    EXPECT_EQ(r->query(), "");
    EXPECT_EQ(r->target(), "http://b");
    EXPECT_EQ(asked("GET / HTTP/1.0\r\n\r\n")->host(), "");
}

TEST(Request, decodes_the_query_by_name)
{
    const std::pair<const char*, std::optional<std::string>> rows[] = {
        {"", std::nullopt},
        {"name=x", "x"},
        {"name", ""},
        {"name=", ""},
        {"a=1&name=x&name=y", "x"},
        {"na%6De=x", "x"},
        {"name=a+b%2Bc", "a b+c"},
        {"name=%0d%0a", "\r\n"},
        {"name=a=b", "a=b"},
        {"names=x&&=&name=z", "z"},
        {"other=name", std::nullopt},
        {"NAME=x", std::nullopt},
    };
    for (const auto& [query, value] : rows)
    {
        SCOPED_TRACE(query);
        const asked r("GET /?" + std::string(query) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(r->query("name"), value);
    }
}

TEST(Request, decodes_the_parts_of_the_path)
{
    router site;
    site.get("/{one}/{rest...}", never);
    const asked r("GET /a%2Fb+c/d/%C3%A9 HTTP/1.1\r\nHost: a\r\n\r\n", site);
    EXPECT_EQ(r->param("one"), "a/b+c");
    EXPECT_EQ(r->param("rest"), "d/\xc3\xa9");
    EXPECT_THROW(static_cast<void>(r->param("two")), std::out_of_range);
}

} // namespace
} // namespace naru::http
