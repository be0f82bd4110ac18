#include "http/http_session.hpp"

#include "reading.hpp"

#include <naru/testing/loopback.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace naru::http
{
namespace
{

using namespace std::chrono_literals;
using naru::testing::loopback;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

router make_site()
{
    router site;
    site.get("/", [](const request&) { return text("root"); })
        .get("/hello/{name}", [](const request& r) { return text("hello, " + r.param("name")); })
        .post("/echo", [](const request& r) { return text(std::string(r.body())); })
        .get("/none", [](const request&) { return text("unseen").code(status::no_content); })
        .get("/same", [](const request&) { return text("unseen").code(status::not_modified); })
        .get("/reset", [](const request&) { return text("unseen").code(status::reset_content); })
        .get("/close", [](const request&) { return text("bye").close(); })
        .get("/throw", [](const request&) -> response { throw std::runtime_error("the inside"); })
        .get("/throw-int", [](const request&) -> response { throw 7; })
        .get("/split", [](const request& r) { return text("").header("X", *r.query("v")); })
        .get("/code/{n}",
             [](const request& r) { return text("x").code(static_cast<status>(stoi(r.param("n")))); });
    return site;
}

/// What a new connection answers to `bytes`.
std::vector<read_answer> answers_to(std::string_view bytes, const options& chosen = {})
{
    loopback server(serve(make_site(), chosen));
    auto client = server.connect();
    client.send(bytes);
    server.run();
    return read_answers(client.take());
}

TEST(HttpSession, keeps_its_connection)
{
    loopback server(serve(make_site()));
    auto client = server.connect();
    for (int i = 0; i < 10; ++i)
    {
        client.send(get("/hello/" + std::to_string(i)));
        server.run();
        EXPECT_THAT(read_bodies(client.take()), ElementsAre("hello, " + std::to_string(i)));
        server.advance(1s);
    }
    EXPECT_FALSE(client.ended());
    client.finish();
    server.run();
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::peer_closed), 1u);
}

TEST(HttpSession, answers_what_is_pipelined_in_order_and_with_one_write)
{
    loopback server(serve(make_site()));
    auto client = server.connect();
    std::string requests;
    std::vector<std::string> expected;
    for (int i = 0; i < 100; ++i)
    {
        requests += get("/hello/" + std::to_string(i));
        expected.push_back("hello, " + std::to_string(i));
    }
    client.send(requests);
    server.run();
    EXPECT_EQ(read_bodies(client.take()), expected);
    EXPECT_EQ(client.calls().writes, 1u);
}

TEST(HttpSession, understands_what_comes_byte_by_byte)
{
    loopback server(serve(make_site()));
    auto client = server.connect({.read_at_most = 1});
    client.send(get("/hello/a") + post("/echo", "content") +
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n" +
                get("/"));
    server.run();
    EXPECT_THAT(read_bodies(client.take()), ElementsAre("hello, a", "content", "abcde", "root"));
    EXPECT_FALSE(client.ended());
}

TEST(HttpSession, answers_head_without_content)
{
    loopback server(serve(make_site()));
    auto client = server.connect();
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD /nowhere HTTP/1.1\r\nHost: a\r\n\r\n");
    server.run();
    const auto answers = read_answers(client.take(), true);
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_EQ(answers[0].status, 200);
    EXPECT_TRUE(answers[0].has("Content-Length: 4"));
    EXPECT_EQ(answers[1].status, 404);
}

TEST(HttpSession, gives_no_content_where_there_is_none)
{
    const auto answers = answers_to(get("/none") + get("/same") + get("/reset") + get("/"));
    ASSERT_EQ(answers.size(), 4u);
    EXPECT_EQ(answers[0].status, 204);
    EXPECT_EQ(answers[1].status, 304);
    EXPECT_EQ(answers[2].status, 205);
    EXPECT_EQ(answers[2].body, "") << "RFC 9110, 15.3.6";
    EXPECT_EQ(answers[3].body, "root");
}

TEST(HttpSession, closes_when_one_of_both_says_so)
{
    const std::pair<std::string, bool> rows[] = {
        {get("/"), true},
        {get("/", "Connection: close\r\n"), false},
        {get("/close"), false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
    };
    for (const auto& [bytes, kept] : rows)
    {
        SCOPED_TRACE(bytes);
        loopback server(serve(make_site()));
        auto client = server.connect();
        client.send(bytes + get("/hello/again"));
        server.run();
        const auto answers = read_answers(client.take());
        ASSERT_EQ(answers.size(), kept ? 2u : 1u);
        EXPECT_EQ(answers[0].closes(), !kept);
        EXPECT_EQ(client.ended(), !kept);
        server.advance(3s);
        EXPECT_EQ(client.closed(), !kept);
        EXPECT_EQ(server.ended(close_reason::handler_done), kept ? 0u : 1u);
    }
    EXPECT_TRUE(
        answers_to("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")[0].has("Connection: keep-alive"));
}

TEST(HttpSession, closes_after_every_answer_in_one_shot)
{
    options chosen;
    chosen.one_shot = true;
    const auto answers = answers_to(get("/") + get("/"), chosen);
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_TRUE(answers[0].closes());
}

TEST(HttpSession, tells_who_asks_to_go_on)
{
    const std::string head =
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
    loopback server(serve(make_site()));
    auto client = server.connect();
    client.send(get("/") + head);
    server.run();
    auto answers = read_answers(client.take());
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_EQ(answers[0].body, "root");
    EXPECT_EQ(answers[1].status, 100);
    client.send("bo");
    server.run();
    EXPECT_EQ(client.take(), "") << "told once";
    client.send("dy");
    server.run();
    EXPECT_THAT(read_bodies(client.take()), ElementsAre("body"));

    client.send(head + "body"); // who does not wait need not be told
    server.run();
    EXPECT_THAT(read_bodies(client.take()), ElementsAre("body"));
}

TEST(HttpSession, does_not_ask_for_content_that_nobody_takes)
{
    const std::string fields = "Host: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
    for (const auto& [line, code] :
         {std::pair("POST /nowhere HTTP/1.1\r\n", 404), std::pair("POST / HTTP/1.1\r\n", 405)})
    {
        const auto answers = answers_to(line + fields);
        ASSERT_EQ(answers.size(), 1u);
        EXPECT_EQ(answers[0].status, code);
        EXPECT_TRUE(answers[0].closes());
    }
}

TEST(HttpSession, answers_by_itself_what_no_route_does)
{
    const auto answers =
        answers_to(get("/nowhere") + post("/", "x") + "OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n" +
                   "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" + "DELETE http://a HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_EQ(answers.size(), 5u);
    EXPECT_EQ(answers[0].status, 404);
    EXPECT_EQ(answers[1].status, 405);
    EXPECT_TRUE(answers[1].has("Allow: GET, HEAD, OPTIONS"));
    EXPECT_EQ(answers[2].status, 204);
    EXPECT_TRUE(answers[2].has("Allow: GET, HEAD, OPTIONS"));
    EXPECT_EQ(answers[3].status, 204);
    EXPECT_TRUE(answers[3].has("Allow: GET, HEAD, OPTIONS, POST"));
    EXPECT_EQ(answers[4].status, 405);
    EXPECT_TRUE(answers[4].has("Allow: GET, HEAD, OPTIONS"));
}

TEST(HttpSession, serves_methods_that_are_routed_by_name)
{
    const auto tell = [](const request& r)
    { return text(std::string(r.method_text()) + " " + std::string(r.body())); };
    router site;
    site.on("QUERY", "/search", tell).get("/", tell);
    loopback server(serve(std::move(site)));
    const auto ask = [&](std::string_view line)
    {
        auto client = server.connect();
        client.send(std::string(line) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
        server.run();
        const auto answers = read_answers(client.take());
        EXPECT_EQ(answers.size(), 1u);
        return answers.empty() ? read_answer{} : answers[0];
    };
    EXPECT_EQ(ask("QUERY /search").body, "QUERY hi");
    EXPECT_EQ(ask("GET /").body, "GET hi");
    EXPECT_EQ(ask("QUERY /").status, 405);
    EXPECT_TRUE(ask("QUERY /").has("Allow: GET, HEAD, OPTIONS"));
    EXPECT_TRUE(ask("GET /search").has("Allow: OPTIONS, QUERY"));
    EXPECT_TRUE(ask("OPTIONS /search").has("Allow: OPTIONS, QUERY"));
    EXPECT_TRUE(ask("OPTIONS *").has("Allow: GET, HEAD, OPTIONS, QUERY"));
    EXPECT_EQ(ask("QUERY /nowhere").status, 404);
    EXPECT_EQ(ask("BREW /search").status, 501);
    EXPECT_EQ(ask("query /search").status, 501);
    EXPECT_THAT(server.log()[0], HasSubstr("method=QUERY target=/search status=200"));
}

TEST(HttpSession, answers_for_a_handler_that_fails_and_tells_only_the_log)
{
    loopback server(serve(make_site()));
    auto client = server.connect();
    client.send(get("/throw") + get("/throw-int") + get("/split?v=a%0d%0aX-Evil:%20b") + get("/code/99") +
                get("/code/100") + get("/code/1000") + get("/code/999") + get("/"));
    server.run();
    const std::string bytes = client.take();
    EXPECT_THAT(bytes, Not(HasSubstr("inside")));
    EXPECT_THAT(bytes, Not(HasSubstr("Evil")));
    const auto answers = read_answers(bytes);
    ASSERT_EQ(answers.size(), 8u);
    for (std::size_t i = 0; i < 6; ++i)
    {
        EXPECT_EQ(answers[i].status, 500) << i;
        EXPECT_FALSE(answers[i].closes());
    }
    EXPECT_EQ(answers[6].status, 999);
    EXPECT_EQ(answers[7].body, "root");
    std::size_t errors = 0;
    for (const std::string& line : server.log())
        errors += line.starts_with("error handler_error");
    EXPECT_EQ(errors, 6u);
    EXPECT_THAT(server.log(), ::testing::Contains(HasSubstr("the inside")));
}

TEST(HttpSession, refuses_once_and_closes_behind_what_it_has_answered)
{
    loopback server(serve(make_site()));
    auto client = server.connect();
    client.send(get("/hello/1") + "GET / HTTP/1.1\r\nHost : a\r\n\r\n" + get("/hello/2"));
    server.run();
    const auto answers = read_answers(client.take());
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_EQ(answers[0].body, "hello, 1");
    EXPECT_EQ(answers[1].status, 400);
    EXPECT_TRUE(answers[1].closes());
    EXPECT_TRUE(client.ended());
    client.send(get("/hello/3"));
    server.run();
    EXPECT_FALSE(client.closed()) << "it lingers";
    EXPECT_EQ(client.take(), "");
    server.advance(3s);
    EXPECT_TRUE(client.closed());
    EXPECT_FALSE(client.was_reset());
    EXPECT_EQ(server.ended(close_reason::protocol_error), 1u);
}

TEST(HttpSession, does_not_listen_forever_to_who_was_refused)
{
    loopback server(serve(make_site()));
    auto client = server.connect();
    client.send("bad\r\n");
    server.run();
    for (int i = 0; i < 2'000 && !client.closed(); ++i)
    {
        client.send(std::string(60'000, 'x'));
        server.run();
    }
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::protocol_error), 1u);
}

TEST(HttpSession, answers_who_has_finished_sending)
{
    loopback server(serve(make_site()));
    auto client = server.connect();
    client.send(get("/hello/1") + get("/hello/2"));
    client.finish();
    server.run();
    EXPECT_THAT(read_bodies(client.take()), ElementsAre("hello, 1", "hello, 2"));
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::peer_closed), 1u);
}

TEST(HttpSession, refuses_a_request_that_is_cut_off)
{
    for (const std::string& cut : {std::string("GET / HT"), std::string("POST /echo HTTP/1.1\r\nHost: a\r\n"),
                                   post("/echo", "body").substr(0, 54)})
    {
        loopback server(serve(make_site()));
        auto client = server.connect();
        client.send(cut);
        client.finish();
        server.run();
        const auto answers = read_answers(client.take());
        ASSERT_EQ(answers.size(), 1u);
        EXPECT_EQ(answers[0].status, 400);
        EXPECT_TRUE(client.closed());
    }
}

// Some clients end a body with a CRLF too many (RFC 9112, 2.2): that is no request that has begun.
TEST(HttpSession, takes_empty_lines_between_requests_for_nothing)
{
    loopback server(serve(make_site()));
    auto client = server.connect();
    client.send(post("/echo", "body") + "\r\n");
    server.run();
    EXPECT_THAT(read_bodies(client.take()), ElementsAre("body"));
    server.advance(30s); // longer than a head may take
    EXPECT_EQ(client.take(), "");
    EXPECT_FALSE(client.ended());
    client.send(get("/"));
    server.run();
    EXPECT_THAT(read_bodies(client.take()), ElementsAre("root"));

    client.send("\r\n");
    client.finish();
    server.run();
    EXPECT_EQ(client.take(), "");
    EXPECT_EQ(server.ended(close_reason::peer_closed), 1u);

    auto drained = server.connect();
    drained.send("\r\n");
    server.run();
    server.drain();
    server.run();
    EXPECT_TRUE(drained.ended());
    EXPECT_EQ(drained.take(), "");

    EXPECT_EQ(answers_to("\r\n\r\n\r\n\r\n\r\n")[0].status, 400) << "but not any number of them";
}

TEST(HttpSession, logs_only_content_that_it_has_sent)
{
    loopback server(serve(make_site()));
    auto client = server.connect();
    client.send("HEAD /hello/1 HTTP/1.1\r\nHost: a\r\n\r\n" + get("/none"));
    server.run();
    EXPECT_THAT(server.log(), ElementsAre(HasSubstr("status=200 bytes=0"), HasSubstr("status=204 bytes=0")));
}

TEST(HttpSession, says_what_a_request_line_lacks)
{
    loopback server(serve(make_site()));
    for (const auto& [sent, why] : {std::pair("GET /\r\n\r\n", "no HTTP version"),
                                    std::pair("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", "encoded NUL")})
    {
        auto client = server.connect();
        client.send(sent);
        server.run();
        EXPECT_THAT(client.take(), HasSubstr(why));
    }
}

TEST(HttpSession, logs_one_line_a_request_and_one_a_session)
{
    loopback server(serve(make_site()));
    auto client = server.connect();
    client.send(get("/hello/1") + "GET /\r\n\r\n");
    server.run();
    server.advance(3s);
    EXPECT_THAT(server.log(),
                ElementsAre(HasSubstr("info request session=1"), HasSubstr("info request_refused session=1"),
                            HasSubstr("reason=protocol_error")));
    EXPECT_THAT(server.log()[0], HasSubstr("method=GET target=/hello/1 status=200 bytes=8"));
}

} // namespace
} // namespace naru::http
