#include "http_cases.hpp"

#include <cstddef>

namespace conformance
{
namespace
{

constexpr std::size_t line_limit = 8 * 1024;
constexpr std::size_t head_limit = 32 * 1024;
constexpr std::size_t body_limit = 1024 * 1024;

std::string long_target(std::size_t size)
{
    const std::string start = "/target/";
    return start + std::string(size - start.size(), 'a');
}

std::string get(std::string_view target, std::string_view lines = "")
{
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(lines) + "\r\n";
}

std::string fields(int count)
{
    std::string all;
    for (int i = 0; i < count; ++i)
    {
        all += "X-" + std::to_string(i) + ": v\r\n";
    }
    return all;
}

/// Field lines of `size` bytes together, none of them long.
std::string fields_of_size(std::size_t size)
{
    std::string all;
    while (size - all.size() > 2048)
    {
        all += "X-Long: " + std::string(1014, 'v') + "\r\n";
    }
    all += "X-Rest: ";
    all += std::string(size - all.size() - 2, 'v') + "\r\n";
    return all;
}

std::string chunks(std::size_t total)
{
    constexpr std::size_t size = 0x8000;
    std::string all;
    for (std::size_t sent = 0; sent < total; sent += size)
    {
        all += "8000\r\n" + std::string(size, 'x') + "\r\n";
    }
    return all;
}

} // namespace

// Each limit is met from both sides, as near as can be said without knowing whether it counts a line's end.
// clang-format off
std::vector<http_case> limit_cases()
{
    const std::string around_target = "GET  HTTP/1.1\r\n";
    const std::string longest_target = long_target(line_limit - around_target.size());
    const std::string around_field = "X-Value: \r\n";
    const std::string longest_value(line_limit - around_field.size(), 'v');
    const std::string head_around = "GET /probe HTTP/1.1\r\nHost: a\r\n\r\n";
    const std::string chunked_post = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string full_body(body_limit, 'x');

    return {
        {"target_just_below", "9112 3", get(longest_target), served(longest_target)},
        {"target_over", "9110 15.5.15", get(long_target(line_limit + 1)), refused(414)},
        {"target_far_over", "9110 15.5.15", get(long_target(40'000)), refused(414)},
        {"target_without_end", "9110 15.5.15", "GET " + long_target(line_limit + 100), refused(414)},
        {"query_over", "9110 15.5.15", get("/probe?" + std::string(line_limit, 'q')), refused(414)},
        {"target_over_after_good_one", "9110 15.5.15", get("/probe") + get(long_target(line_limit + 1)),
            served_and_closed({ok("ok"), status(414)})},
        {"absolute_target_over", "9110 15.5.15", get("http://a" + long_target(line_limit + 1)), refused(414)},
        {"method_without_end", "9112 3", std::string(line_limit + 100, 'A'),
            refused(501)},
        {"method_over", "9112 3", std::string(line_limit + 100, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n",
            refused(501)},
        {"version_without_end", "9112 3", "GET / HTTP/1.1" + std::string(line_limit, '1'),
            any_of({refused(414), refused(400)})},

        {"field_just_below", "6585 5", get("/value", "X-Value: " + longest_value + "\r\n"),
            served("[" + longest_value + "]")},
        {"field_value_over", "6585 5", get("/value", "X-Value: " + std::string(line_limit + 1, 'v') + "\r\n"),
            refused(431)},
        {"field_name_over", "6585 5", get("/value", std::string(line_limit + 1, 'X') + ": v\r\n"),
            refused(431)},
        {"field_value_without_end", "6585 5", "GET / HTTP/1.1\r\nX: " + std::string(line_limit + 100, 'v'),
            refused(431)},
        {"field_name_without_end", "6585 5", "GET / HTTP/1.1\r\n" + std::string(line_limit + 100, 'X'),
            refused(431)},
        {"field_of_white_space_without_end", "6585 5",
            "GET / HTTP/1.1\r\nX:" + std::string(line_limit + 100, ' '), refused(431)},
        {"hundred_fields", "6585 5", get("/probe", fields(99)), served("ok")},
        {"hundred_and_one_fields", "6585 5", get("/probe", fields(100)), refused(431)},
        {"two_hundred_fields", "6585 5", get("/probe", fields(199)), refused(431)},
        {"fields_over_after_good_one", "6585 5", get("/probe") + get("/probe", fields(100)),
            served_and_closed({ok("ok"), status(431)})},
        {"counts_begin_anew", "6585 5", get("/probe", fields(90)) + get("/probe", fields(90)),
            served({ok("ok"), ok("ok")})},

        {"head_at_the_limit", "6585 5", get("/probe", fields_of_size(head_limit - head_around.size())),
            served("ok")},
        {"head_over", "6585 5", get("/probe", fields_of_size(head_limit)), refused(431)},
        {"head_of_33_kib", "6585 5", get("/probe", fields_of_size(33 * 1024)), refused(431)},
        {"head_without_end", "6585 5", "GET / HTTP/1.1\r\n" + fields_of_size(head_limit + 100), refused(431)},
        {"heads_together_over", "6585 5",
            get("/probe", fields_of_size(20'000)) + get("/probe", fields_of_size(20'000)),
            served({ok("ok"), ok("ok")})},

        {"body_at_the_limit", "9110 15.5.14",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body_limit) + "\r\n\r\n"
            + full_body,
            served(full_body)},
        {"body_over", "9110 15.5.14",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body_limit + 1) + "\r\n\r\n"
            + std::string(100'000, 'x'), refused(413)},
        {"chunks_at_the_limit", "9110 15.5.14", chunked_post + chunks(body_limit) + "0\r\n\r\n",
            served(full_body)},
        {"chunks_over", "9110 15.5.14", chunked_post + chunks(body_limit) + "1\r\nx\r\n0\r\n\r\n",
            refused(413)},
        {"one_chunk_over", "9110 15.5.14", chunked_post + "100001\r\n" + std::string(1000, 'x'),
            refused(413)},
        // The client reads only when it has sent all: the answer must survive what is still under way.
        {"refusal_survives_what_follows", "9112 9.6",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n" + std::string(2'000'000, 'x'),
            refused(413)},
    };
}
// clang-format on

} // namespace conformance
