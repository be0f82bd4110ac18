#include "http_cases.hpp"

namespace conformance
{
namespace
{

std::string get(std::string_view target, std::string_view more = "")
{
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(more) + "\r\n";
}

std::string post(std::string_view content)
{
    return "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(content.size()) +
           "\r\n\r\n" + std::string(content);
}

} // namespace

// clang-format off
std::vector<http_case> pipelining_cases()
{
    const std::string probe = get("/probe");
    const std::string bad = "GET /probe HTTP/1.1\r\nHost : a\r\n\r\n";
    const std::string chunked = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

    std::string hundred;
    std::vector<expected_answer> hundred_answers;
    for (int i = 0; i < 100; ++i)
    {
        hundred += get("/hello/" + std::to_string(i));
        hundred_answers.push_back(ok("hello, " + std::to_string(i) + "\n"));
    }
    std::string posts;
    std::vector<expected_answer> posts_answers;
    for (int i = 1; i <= 10; ++i)
    {
        const std::string content(static_cast<std::size_t>(i) * 1000, static_cast<char>('a' + i));
        posts += post(content);
        posts_answers.push_back(ok(content));
    }

    return {
        {"two", "9112 9.3.2", get("/hello/1") + get("/hello/2"),
            served({ok("hello, 1\n"), ok("hello, 2\n")})},
        {"hundred_in_order", "9112 9.3.2", hundred, served(hundred_answers)},
        {"posts_of_growing_content", "9112 9.3.2", posts, served(posts_answers)},
        {"post_then_get", "9112 9.3.2", post("hello") + probe, served({ok("hello"), ok("ok")})},
        {"empty_post_then_get", "9112 9.3.2", post("") + probe, served({ok(""), ok("ok")})},
        {"chunked_then_get", "9112 9.3.2", chunked + "5\r\nhello\r\n0\r\n\r\n" + probe,
            served({ok("hello"), ok("ok")})},
        {"get_with_content_then_get", "9112 9.3.2", get("/probe",
            "Content-Length: 5\r\n") + "hello" + get("/"),
            served({ok("ok"), ok("root")})},
        {"get_with_chunks_then_get", "9112 9.3.2",
            get("/probe", "Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n" + get("/"),
            served({ok("ok"), ok("root")})},
        {"unknown_path_between", "9112 9.3.2", probe + get("/nowhere") + get("/"),
            served({ok("ok"), status(404), ok("root")})},
        {"not_allowed_with_content_between", "9112 9.3.2",
            probe + "PUT /probe HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + get("/"),
            served({ok("ok"), status(405), ok("root")})},
        {"head_between", "9110 9.3.2", probe + "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/"),
            served({ok("ok"), head(200).with("Content-Length", "4"), ok("root")})},
        {"options_between", "9110 9.3.7", probe + "OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/"),
            any_of({served({ok("ok"), status(204), ok("root")}), served({ok("ok"), status(200),
                ok("root")})})},
        {"http_1_0_kept_between", "9112 9.3",
            probe + "GET /probe HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + get("/"),
            served({ok("ok"), ok("ok").with("Connection", "keep-alive"), ok("root")})},

        {"empty_line_between", "9112 2.2", probe + "\r\n" + get("/"), served({ok("ok"), ok("root")})},
        {"empty_line_after_content", "9112 2.2", post("hello") + "\r\n" + probe,
            served({ok("hello"), ok("ok")})},
        {"four_empty_lines_between", "9112 2.2", probe + "\r\n\r\n\r\n\r\n" + get("/"),
            served({ok("ok"), ok("root")})},
        {"five_empty_lines_between", "9112 2.2", probe + "\r\n\r\n\r\n\r\n\r\n" + get("/"),
            served_and_closed({ok("ok"), status(400)})},
        {"bare_lf_between", "9112 2.2", probe + "\n" + get("/"), served_and_closed({ok("ok"), status(400)})},
        {"content_longer_than_said", "9112 6.3", post("hello") + " world\r\n\r\n",
            served_and_closed({ok("hello"), status(400)})},

        {"bad_one_after_good_ones", "9112 9.3.2", probe + get("/") + bad,
            served_and_closed({ok("ok"), ok("root"), status(400)})},
        {"nothing_after_a_bad_one", "9112 2.2", bad + probe + probe, refused(400)},
        {"bad_one_between", "9112 2.2", probe + bad + get("/"), served_and_closed({ok("ok"), status(400)})},
        {"bad_chunk_after_good_one", "9112 7.1", probe + chunked + "x\r\n" + get("/"),
            served_and_closed({ok("ok"), status(400)})},
        {"bad_version_after_good_one", "9110 15.6.6", probe + "GET / HTTP/2.0\r\nHost: a\r\n\r\n" + get("/"),
            served_and_closed({ok("ok"), status(505)})},
        {"too_large_after_good_one", "9110 15.5.14",
            probe + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\nhello",
            served_and_closed({ok("ok"), status(413)})},
        {"nothing_after_close", "9112 9.6", get("/probe", "Connection: close\r\n") + get("/"),
            served_and_closed({ok("ok")})},
        {"nothing_after_close_of_second", "9112 9.6", probe + get("/probe",
            "Connection: close\r\n") + get("/"),
            served_and_closed({ok("ok"), ok("ok")})},
        {"nothing_bad_after_close", "9112 9.6", get("/probe", "Connection: close\r\n") + bad,
            served_and_closed({ok("ok")})},
        {"nothing_after_http_1_0", "9112 9.3", "GET /probe HTTP/1.0\r\n\r\n" + get("/"),
            served_and_closed({ok("ok")})},
    };
}
// clang-format on

} // namespace conformance
