#include <naru/http/router.hpp>

#include "http/route_tree.hpp"

#include <naru/base/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace naru::http
{
namespace
{

using ::testing::ElementsAre;

response never(const request&)
{
    return text("");
}

/// `GET /a/{b} b=c`, what a request leads to; `-` for nothing, `405` for another method only.
std::string leads_to(const router& site, verb method, std::string_view path)
{
    std::vector<std::string_view> params;
    const bool encoded = path.find('%') != std::string_view::npos;
    const match got = site.read().find(method, path, encoded, params);
    if (!got.found)
        return got.path_known ? "405" : "-";
    std::string text =
        std::string(boost::beast::http::to_string(got.found->method)) + " " + got.found->pattern;
    EXPECT_EQ(params.size(), got.found->names.size());
    for (std::size_t i = 0; i < params.size(); ++i)
        text += " " + got.found->names[i] + "=" + std::string(params[i]);
    return text;
}

TEST(Router, finds_the_most_specific_route)
{
    router site;
    site.get("/{rest...}", never)
        .get("/a/{x}", never)
        .get("/a/b", never)
        .get("/a/{x}/c", never)
        .get("/a/b/{rest...}", never)
        .get("/", never)
        .get("/d/", never)
        .get("/e%2Ff/{x}", never);
    const std::pair<const char*, const char*> rows[] = {
        {"/", "GET /"},
        {"", "GET /"}, // of http://host
        {"/a/b", "GET /a/b"},
        {"/%61/%62", "GET /a/b"},
        {"/a/bb", "GET /a/{x} x=bb"},
        {"/a/b%20", "GET /a/{x} x=b%20"},
        {"/a/b/c", "GET /a/b/{rest...} rest=c"}, // literal before parameter, segment by segment
        {"/a/x/c", "GET /a/{x}/c x=x"},
        {"/a/b/", "GET /a/b/{rest...} rest="},
        {"/a/b/x/y", "GET /a/b/{rest...} rest=x/y"},
        {"/a/x/d", "GET /{rest...} rest=a/x/d"}, // a way that leads nowhere is left again
        {"/a/", "GET /{rest...} rest=a/"},       // a parameter is not empty
        {"/a", "GET /{rest...} rest=a"},
        {"/d/", "GET /d/"},
        {"/d", "GET /{rest...} rest=d"},
        {"//", "GET /{rest...} rest=/"},
        {"/e%2ff/1", "GET /e%2Ff/{x} x=1"},
        {"/e/f/1", "GET /{rest...} rest=e/f/1"}, // an encoded slash divides nothing
        {"/A/b", "GET /{rest...} rest=A/b"},
    };
    for (const auto& [path, route] : rows)
        EXPECT_EQ(leads_to(site, verb::get, path), route) << path;
}

TEST(Router, does_not_depend_on_the_order_of_its_routes)
{
    const std::vector<std::string> patterns = {"/{rest...}", "/a/{x}", "/a/b", "/{y}/b"};
    std::vector<std::size_t> order = {0, 1, 2, 3};
    do
    {
        router site;
        for (const std::size_t i : order)
            site.get(patterns[i], never);
        EXPECT_EQ(leads_to(site, verb::get, "/a/b"), "GET /a/b");
        EXPECT_EQ(leads_to(site, verb::get, "/a/c"), "GET /a/{x} x=c");
        EXPECT_EQ(leads_to(site, verb::get, "/c/b"), "GET /{y}/b y=c");
        EXPECT_EQ(leads_to(site, verb::get, "/c"), "GET /{rest...} rest=c");
        EXPECT_THAT(site.routes(), ElementsAre("GET /a/b", "GET /a/{x}", "GET /{rest...}", "GET /{y}/b"));
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Router, minds_the_method)
{
    router site;
    site.get("/a", never)
        .post("/a", never)
        .put("/a/{x}", never)
        .del("/{y}", never)
        .on(verb::head, "/h", never);
    site.get("/h", never);
    EXPECT_EQ(leads_to(site, verb::post, "/a"), "POST /a");
    EXPECT_EQ(leads_to(site, verb::head, "/a"), "GET /a");
    EXPECT_EQ(leads_to(site, verb::head, "/h"), "HEAD /h");
    EXPECT_EQ(leads_to(site, verb::put, "/a"), "405");
    EXPECT_EQ(leads_to(site, verb::delete_, "/a"), "DELETE /{y} y=a"); // less specific, but it has the method
    EXPECT_EQ(leads_to(site, verb::get, "/a/b"), "405");
    EXPECT_EQ(leads_to(site, verb::get, "/b/b"), "-");
}

TEST(Router, says_what_is_allowed)
{
    router site;
    site.get("/a", never).post("/a", never).put("/{x}", never).get("/", never).del("/{rest...}", never);
    const router::tree& tree = site.read();
    EXPECT_EQ(tree.allowed("/a", false), "DELETE, GET, HEAD, OPTIONS, POST, PUT");
    EXPECT_EQ(tree.allowed("/%61", true), "DELETE, GET, HEAD, OPTIONS, POST, PUT");
    EXPECT_EQ(tree.allowed("/b", false), "DELETE, OPTIONS, PUT");
    EXPECT_EQ(tree.allowed("/", false), "DELETE, GET, HEAD, OPTIONS");
    EXPECT_EQ(tree.allowed("", false), "DELETE, GET, HEAD, OPTIONS") << "the path of http://host";
    EXPECT_EQ(tree.allowed_anywhere(), "DELETE, GET, HEAD, OPTIONS, POST, PUT");
}

TEST(Router, routes_methods_by_name)
{
    router site;
    site.on("QUERY", "/a", never).on("GET", "/a", never).on("LINK", "/b", never).on("PURGE2", "/b", never);
    std::vector<std::string_view> params;
    const router::tree& tree = site.read();
    const auto found = [&](verb method, std::string_view path, std::string_view name)
    { return tree.find(method, path, false, params, name).found != nullptr; };
    EXPECT_TRUE(found(verb::unknown, "/a", "QUERY"));
    EXPECT_FALSE(found(verb::unknown, "/b", "QUERY"));
    EXPECT_FALSE(found(verb::unknown, "/a", "query"));
    EXPECT_TRUE(found(verb::unknown, "/b", "PURGE2"));
    EXPECT_TRUE(found(verb::link, "/b", "LINK")) << "which Beast knows";
    EXPECT_TRUE(found(verb::get, "/a", "GET"));
    EXPECT_EQ(tree.allowed("/a", false), "GET, HEAD, OPTIONS, QUERY");
    EXPECT_EQ(tree.allowed_anywhere(), "GET, HEAD, LINK, OPTIONS, PURGE2, QUERY");
    EXPECT_THAT(site.routes(), ElementsAre("GET /a", "LINK /b", "PURGE2 /b", "QUERY /a"));
    EXPECT_THAT(tree.methods(), ::testing::UnorderedElementsAre("QUERY", "PURGE2"));
    const router copy(site);
    EXPECT_NE(copy.read().find(verb::unknown, "/a", false, params, "QUERY").found, nullptr);
    EXPECT_THAT(copy.read().methods(), ::testing::UnorderedElementsAre("QUERY", "PURGE2"));
}

TEST(Router, refuses_what_is_no_method)
{
    const auto expect_bad = [](auto method)
    {
        router site;
        try
        {
            site.on(method, "/a", never);
            ADD_FAILURE();
        }
        catch (const error& e)
        {
            EXPECT_EQ(e.code(), errc::bad_route);
            EXPECT_EQ(e.endpoint(), "/a");
        }
        EXPECT_TRUE(site.routes().empty());
    };
    for (const char* bad : {"", " ", "G T", "GET ", "G(T", "G\xc3\xa9T", "A,B", "CONNECT"})
    {
        SCOPED_TRACE(bad);
        expect_bad(bad);
    }
    expect_bad(verb::unknown);
    expect_bad(verb::connect);

    router site;
    site.on("QUERY", "/a", never);
    EXPECT_THROW(site.on("QUERY", "/a", never), error);
    site.get("/b", never);
    EXPECT_THROW(site.on("GET", "/b", never), error);
}

TEST(Router, does_not_take_the_whole_site_for_a_path)
{
    router site;
    site.on(verb::options, "/", never).on(verb::options, "/{rest...}", never);
    EXPECT_EQ(leads_to(site, verb::options, "*"), "-");
}

TEST(Router, refuses_what_is_no_pattern)
{
    for (const char* bad :
         {"", "a", "a/b", "/{", "/}", "/{}", "/{...}", "/a{b}", "/{b}c", "/{a}{b}", "/{a...}/b", "/{a.b}",
          "/{{a}}", "/{a}/{a}", "/{a}/{a...}",
          // what no request can match
          "/a?b", "/a#b", "/%zz", "/a%4", "/a%00b", "/../up", "/a/./b", "/%2e%2E/b", "/a/.."})
    {
        router site;
        try
        {
            site.get(bad, never);
            ADD_FAILURE() << bad;
        }
        catch (const error& e)
        {
            EXPECT_EQ(e.code(), errc::bad_route) << bad;
            EXPECT_EQ(e.endpoint(), bad);
        }
    }
}

TEST(Router, refuses_two_routes_that_nothing_tells_apart)
{
    const std::pair<const char*, const char*> pairs[] = {
        {"/a", "/a"}, {"/a", "/%61"}, {"/{a}", "/{b}"}, {"/{a...}", "/{b...}"}, {"/x/{a}/y", "/x/{b}/y"}};
    for (const auto& [first, second] : pairs)
    {
        router site;
        site.get(first, never);
        EXPECT_THROW(site.get(second, never), error) << second;
        EXPECT_NO_THROW(site.post(second, never)) << second;
        EXPECT_EQ(leads_to(site, verb::get, "/a").substr(0, 3), first[1] == 'x' ? "-" : "GET")
            << "the first one stays";
    }
}

TEST(Router, is_copied_and_moved_with_its_routes)
{
    router first;
    const auto counter = std::make_shared<int>(0);
    first.get("/a/{x}", [counter](const request&) { return text(std::to_string(++*counter)); });
    router second(first);
    first.get("/b", never);
    EXPECT_EQ(leads_to(second, verb::get, "/b"), "-");
    EXPECT_EQ(leads_to(second, verb::get, "/a/1"), "GET /a/{x} x=1");
    router third;
    third = std::move(second);
    EXPECT_EQ(leads_to(third, verb::get, "/a/1"), "GET /a/{x} x=1");
    third = first;
    EXPECT_EQ(leads_to(third, verb::get, "/b"), "GET /b");
    first = router();
    third = router();
    EXPECT_EQ(counter.use_count(), 1) << "a handler outlives its routers";
}

TEST(Router, decodes_what_is_encoded_and_leaves_the_rest)
{
    EXPECT_EQ(percent_decoded("a%20b+c%2B"), "a b+c+");
    EXPECT_EQ(percent_decoded("a%20b+c%2B", true), "a b c+");
    EXPECT_EQ(percent_decoded("%"), "%");
    EXPECT_EQ(percent_decoded("%zz"), "%zz");
    EXPECT_EQ(percent_decoded(""), "");
}

} // namespace
} // namespace naru::http
