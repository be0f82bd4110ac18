#include "http/exchange.hpp"

#include "exact_bytes.hpp"
#include "guarded_bytes.hpp"
#include "huge_bytes.hpp"
#include "nobody.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace naru::http
{
namespace
{

const exchange::bounds usual{{1024, 4096, 20}, 1000};

/// All that an exchange has to say of a request.
struct account
{
    int outcome; // 0: whole, -1: not whole, or else the status of the refusal
    std::string method, target, path, query, host, fields, body;
    std::size_t size;

    friend bool operator==(const account&, const account&) = default;
};

std::ostream& operator<<(std::ostream& to, const account& it)
{
    return to << it.outcome << " " << it.method << " " << it.target << " {" << it.fields << "} '" << it.body
              << "' of " << it.size;
}

account account_of(const exchange& from, progress got)
{
    if (got == progress::partial)
        return {-1, "", "", "", "", "", "", "", 0};
    if (got == progress::refused)
        return {static_cast<int>(from.refused().code), "", "", "", "", "", "", "", 0};
    const request& r = from.face();
    account out{0,
                std::string(r.method_text()),
                std::string(r.target()),
                std::string(r.path()),
                std::string(r.query()),
                std::string(r.host()),
                "",
                std::string(r.body()),
                from.size()};
    for (std::size_t i = 0; i < r.header_count(); ++i)
        out.fields.append(r.header_name(i)).append("=").append(r.header_value(i)).append(";");
    return out;
}

/// Shows `text` to `to` in pieces of `step` bytes, somewhere else each time.
account show(exchange& to, std::string_view text, std::size_t first, std::size_t step)
{
    to.begin(nobody());
    std::string so_far;
    std::vector<std::unique_ptr<exact_bytes>> places; // kept: what to says lies in the last of them
    for (std::size_t next = std::min(first, text.size());; next = std::min(next + step, text.size()))
    {
        so_far.append(text.substr(so_far.size(), next - so_far.size()));
        places.push_back(std::make_unique<exact_bytes>(so_far));
        const progress got = to.advance(places.back()->span(), usual);
        so_far.assign(places.back()->view());
        if (got != progress::partial || next == text.size())
            return account_of(to, got);
    }
}

account show(exchange& to, std::string_view text)
{
    return show(to, text, text.size(), 1);
}

// Some are each other's beginnings, or differ in what is easily overlooked.
const std::string requests[] = {
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: b\r\n\r\n",
    "GET / HTTP/1.0\r\nHost: a\r\n\r\n",
    "get / HTTP/1.1\r\nHost: a\r\n\r\n",
    "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nworld!",
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel",
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n",
    "POST /a%20b?c=d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "POST /a%20b?c=d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\nX: "
    "y\r\n\r\n",
    "POST /a%20b?c=d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabc",
    "POST /a%20b?c=d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx",
    "GET http://b/c HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET http://b?c HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(990, 'x') + "\r\nY: " + std::string(990, 'y') +
        "\r\nZ: " + std::string(990, 'z') + "\r\n\r\n",
    "",
};

TEST(Exchange, comes_to_the_same_wherever_the_request_is_cut)
{
    for (const std::string& text : requests)
    {
        SCOPED_TRACE(text);
        exchange whole;
        const account expected = show(whole, text);
        exchange stepped;
        ASSERT_EQ(show(stepped, text, 0, 1), expected) << "byte by byte";
        for (std::size_t first = 0; first < text.size(); ++first)
        {
            exchange cut;
            ASSERT_EQ(show(cut, text, first, text.size()), expected) << "cut at " << first;
        }
    }
}

// An exchange remembers the last head. It must never show.
TEST(Exchange, says_of_a_request_what_a_new_one_would_whatever_came_before)
{
    for (const std::string& before : requests)
        for (const std::string& text : requests)
        {
            SCOPED_TRACE(before + " then " + text);
            exchange fresh;
            const account expected = show(fresh, text);
            for (const std::size_t step : {text.size(), std::size_t{1}, std::size_t{7}})
            {
                exchange used;
                show(used, before);
                ASSERT_EQ(show(used, text, std::min(step, text.size()), std::max<std::size_t>(step, 1)),
                          expected);
                ASSERT_EQ(show(used, text), expected) << "once more";
            }
        }
}

// What a packet costs does not depend on how much has come before it.
TEST(Exchange, looks_at_no_byte_again_of_a_line_that_comes_byte_by_byte)
{
    const exchange::bounds large{{1 << 20, 1 << 20, 100'000}, 1000};
    const std::size_t three_pages = 3 * guarded_bytes::page;
    const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n";
    const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    std::string dots, encoded, fields;
    for (std::size_t i = 0; i < three_pages; i += 3)
    {
        dots += "/.a";
        encoded += "%41";
        fields += "X:\r\n";
    }
    struct
    {
        const char* name;
        std::string begin;
        std::string cut; // comes byte by byte
        std::string rest;
        int status;
    } const rows[] = {
        {"method", "", std::string(three_pages, 'A'), " / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        {"target", "GET /", std::string(three_pages, 'a'), " HTTP/1.1\r\nHost: a\r\n\r\n", 0},
        {"target_of_dots", "GET ", dots, " HTTP/1.1\r\nHost: a\r\n\r\n", 0},
        {"target_encoded", "GET /", encoded, " HTTP/1.1\r\nHost: a\r\n\r\n", 0},
        {"version", "GET / HTTP/1.1", std::string(three_pages, '1'), "\r\nHost: a\r\n\r\n", 400},
        {"name", get, std::string(three_pages, 'X'), ": v\r\n\r\n", 0},
        {"space", get + "X:", std::string(three_pages, ' '), "v\r\n\r\n", 0},
        {"value", get + "X: ", std::string(three_pages, 'v'), "\r\n\r\n", 0},
        {"value_of_tabs", get + "X: v", std::string(three_pages, '\t'), "\r\n\r\n", 0},
        {"fields", get, fields, "\r\n", 0},
        {"trailer", chunked + "0\r\n", "X: " + std::string(three_pages, 'v'), "\r\n\r\n", 0},
    };
    for (const auto& each : rows)
    {
        SCOPED_TRACE(each.name);
        guarded_bytes bytes(each.begin + each.cut + each.rest);
        exchange one;
        one.begin(nobody());
        std::size_t size = each.begin.size();
        ASSERT_EQ(one.advance(bytes.first(size), large), progress::partial);
        while (++size <= each.begin.size() + each.cut.size())
        {
            bytes.forbid(size - std::min<std::size_t>(size, 3)); // it may wait for an LF behind a CR
            ASSERT_EQ(one.advance(bytes.first(size), large), progress::partial) << size;
        }
        bytes.allow(); // what has been read is judged, once
        const progress got = one.advance(bytes.first(bytes.size()), large);
        ASSERT_EQ(got, each.status ? progress::refused : progress::whole);
        if (each.status)
        {
            EXPECT_EQ(static_cast<int>(one.refused().code), each.status);
        }
    }
}

TEST(Exchange, takes_content_above_4_gib)
{
    if constexpr (sizeof(std::size_t) < 8)
        GTEST_SKIP() << "there is no room for it";
    constexpr std::uint64_t size = (std::uint64_t{1} << 32) + 5;
    exchange::bounds large = usual;
    large.body = std::size_t{1} << 40;
    exchange one;
    one.begin(nobody());
    const std::string head =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
    const huge_bytes bytes(head, size, "next");
    ASSERT_EQ(one.advance(bytes.all(), large), progress::whole);
    EXPECT_EQ(one.size(), head.size() + size);
    EXPECT_EQ(one.body().size(), size);
    EXPECT_EQ(one.body().data(), bytes.all().data() + head.size());
}

TEST(Exchange, tells_how_long_a_message_is_to_be)
{
    const std::pair<const char*, std::optional<std::uint64_t>> rows[] = {
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n", 7},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", 1001},
        {"POST / HTTP/1.1\r\nContent-Length: 7\r\n\r\n", 7},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\n", 9223372036854775807u},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7x\r\n\r\n", std::nullopt},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", std::nullopt},
        {"POST / HTTP/1.1\r\nContent-Length: 7\r\n", std::nullopt},
        {"POST / HTTP/1.1\r\nContent-Length: 7\r\nX : y\r\n", std::nullopt},
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", std::nullopt}, // whole
    };
    for (const auto& [text, length] : rows)
    {
        SCOPED_TRACE(text);
        exchange one;
        one.begin(nobody());
        const exact_bytes bytes(text);
        one.advance(bytes.span(), usual);
        EXPECT_EQ(one.announced_size(), length ? std::optional(*length + std::strlen(text)) : std::nullopt);
    }
}

TEST(Exchange, knows_that_it_has_a_head_before_it_has_a_body)
{
    exchange one;
    one.begin(nobody());
    const std::string head =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    const exact_bytes first(head);
    EXPECT_FALSE(one.has_head());
    EXPECT_EQ(one.advance(first.span(), usual), progress::partial);
    EXPECT_TRUE(one.has_head());
    EXPECT_TRUE(one.judged().expects_continue);
    const exact_bytes second(head + "ab");
    EXPECT_EQ(one.advance(second.span(), usual), progress::whole);
    EXPECT_EQ(one.body(), "ab");
}

response never(const request&)
{
    return text("");
}

TEST(Exchange, says_nothing_of_the_request_before_until_it_has_read_of_the_next)
{
    std::string first = "HEAD /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
    exchange one;
    one.begin(nobody());
    ASSERT_EQ(one.advance(first, usual), progress::whole);
    EXPECT_TRUE(one.asks_for_head_only());
    one.begin(nobody());
    EXPECT_FALSE(one.has_head());
    EXPECT_FALSE(one.asks_for_head_only());
    EXPECT_EQ(one.expected(), 0u);
    EXPECT_EQ(one.announced_size(), std::nullopt);
}

TEST(Exchange, finds_the_parts_of_the_path_again_when_the_message_has_moved)
{
    router site;
    site.get("/{a}/x/{rest...}", never);
    exchange one;
    one.begin(nobody());
    const std::string text = "GET /one%2F/x/two/three HTTP/1.1\r\nHost: a\r\n\r\n";
    auto here = std::make_unique<exact_bytes>(text);
    ASSERT_EQ(one.advance(here->span(), usual), progress::whole);
    ASSERT_NE(one.look_up(site.read()).found, nullptr);
    const exact_bytes there(text);
    one.rebase(there.view().data());
    here.reset();
    EXPECT_EQ(one.param("a"), "one%2F");
    EXPECT_EQ(one.param("rest"), "two/three");
    EXPECT_THROW(static_cast<void>(one.param("b")), std::out_of_range);
}

TEST(Exchange, finds_an_empty_rest_where_there_is_no_path)
{
    router site;
    site.get("/{rest...}", never);
    exchange one;
    one.begin(nobody());
    const exact_bytes bytes("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_EQ(one.advance(bytes.span(), usual), progress::whole);
    ASSERT_NE(one.look_up(site.read()).found, nullptr);
    const std::string_view rest = one.param("rest");
    EXPECT_TRUE(rest.empty());
    EXPECT_GE(rest.data(), bytes.view().data()) << "it points out of the message";
    EXPECT_LE(rest.data(), bytes.view().data() + bytes.view().size()) << "it points out of the message";
}

TEST(Exchange, looks_up_each_head_once_and_each_new_head_anew)
{
    router site;
    site.get("/a", never).get("/{name}", never);
    exchange one;
    for (const auto& [target, pattern] :
         {std::pair("/a", "/a"), std::pair("/b", "/{name}"), std::pair("/b", "/{name}"),
          std::pair("/a", "/a"), std::pair("/a/b", "")})
    {
        SCOPED_TRACE(target);
        const exact_bytes bytes("GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        one.begin(nobody());
        ASSERT_EQ(one.advance(bytes.span(), usual), progress::whole);
        for (int times = 0; times < 2; ++times)
        {
            const route* const found = one.look_up(site.read()).found;
            EXPECT_EQ(found ? found->pattern : "", pattern);
        }
        if (pattern == std::string("/{name}"))
        {
            EXPECT_EQ(one.param("name"), "b");
        }
    }
}

} // namespace
} // namespace naru::http
