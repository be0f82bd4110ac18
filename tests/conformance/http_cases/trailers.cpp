#include "http_cases.hpp"

namespace conformance
{
namespace
{

using namespace std::string_literals;

/// `POST /value` answers the value of X-Value in brackets, or "absent".
std::string with_trailer(std::string_view lines)
{
    return "POST /value HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n" +
           std::string(lines) + "\r\n";
}

} // namespace

// clang-format off
std::vector<http_case> trailer_cases()
{
    const auto lines = [](int count)
    {
        std::string all;
        for (int i = 0; i < count; ++i)
        {
            all += "X-" + std::to_string(i) + ": v\r\n";
        }
        return all;
    };
    std::string long_lines;
    for (int i = 0; i < 9; ++i)
    {
        long_lines += "X-" + std::to_string(i) + ": " + std::string(4000, 'v') + "\r\n";
    }

    std::vector<http_case> rows{
        {"none", "9112 7.1.2", with_trailer(""), served("absent")},
        {"one", "9112 7.1.2", with_trailer("X-Other: v\r\n"), served("absent")},
        {"several", "9112 7.1.2", with_trailer(lines(20)), served("absent")},
        // RFC 9110 lets nobody merge a trailer field into the head without knowing it.
        {"is_no_header", "9110 6.5.1", with_trailer("X-Value: v\r\n"), served("absent")},
        {"changes_no_header", "9110 6.5.1",
            "POST /value HTTP/1.1\r\nHost: a\r\nX-Value: v\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\nX-Value: w\r\n\r\n", served("[v]")},
        {"announced", "9110 6.6.2",
            "POST /value HTTP/1.1\r\nHost: a\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\nX-Sum: 5\r\n\r\n", served("absent")},
        {"of_a_kind_that_is_dropped", "9110 6.5.1", with_trailer("Authorization: Basic eDp5\r\nDate: x\r\n"),
            served("absent")},
        {"says_close_too_late", "9110 6.5.1", with_trailer("Connection: close\r\n"),
            any_of({served("absent"), refused(400)})},
        {"empty_value", "9110 5.5", with_trailer("X-Other:\r\n"), served("absent")},
        {"request_after_it_is_answered", "9112 9.3.2",
            with_trailer("X-Other: v\r\n") + "GET /probe HTTP/1.1\r\nHost: a\r\n\r\n",
            served({ok("absent"), ok("ok")})},

        {"with_content_length", "9110 6.5.1", with_trailer("Content-Length: 5\r\n"), refused(400)},
        {"with_content_length_other_case", "9110 6.5.1", with_trailer("content-LENGTH: 5\r\n"), refused(400)},
        {"with_transfer_encoding", "9110 6.5.1", with_trailer("Transfer-Encoding: chunked\r\n"),
            refused(400)},
        {"with_host", "9110 6.5.1", with_trailer("Host: b\r\n"), refused(400)},
        {"with_host_after_another", "9110 6.5.1", with_trailer("X-Other: v\r\nHost: b\r\n"), refused(400)},

        {"space_before_colon", "9112 5.1", with_trailer("X-Other : v\r\n"), refused(400)},
        {"no_colon", "9112 5", with_trailer("X-Other\r\n"), refused(400)},
        {"empty_name", "9110 5.1", with_trailer(": v\r\n"), refused(400)},
        {"name_no_token", "9110 5.6.2", with_trailer("X@Other: v\r\n"), refused(400)},
        {"folded", "9112 5.2", with_trailer("X-Other: a\r\n b\r\n"), refused(400)},
        {"white_space_before_first", "9112 5.2", with_trailer(" X-Other: a\r\n"), refused(400)},
        {"bare_lf", "9112 2.2", with_trailer("X-Other: a\nX-More: b\r\n"), refused(400)},
        {"bare_cr", "9112 2.2", with_trailer("X-Other: a\rX-More: b\r\n"), refused(400)},
        {"nul", "9110 5.5", with_trailer("X-Other: a\0b\r\n"s), refused(400)},
        {"control", "9110 5.5", with_trailer("X-Other: a\x01" "b\r\n"), refused(400)},
        {"told_before_the_end", "9112 5",
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\nX-Other : v\r\n", refused(400)},

        {"too_many", "6585 5", with_trailer(lines(101)), any_of({refused(431), refused(400)})},
        {"too_long_a_line", "6585 5", with_trailer("X-Other: " + std::string(8193, 'v') + "\r\n"),
            any_of({refused(431), refused(400)})},
        {"too_long_together", "6585 5", with_trailer(long_lines), any_of({refused(431), refused(400)})},
        {"too_long_without_end", "6585 5", with_trailer("X-Other: " + std::string(9000, 'v')),
            any_of({refused(431), refused(400)})},
    };
    return rows;
}
// clang-format on

} // namespace conformance
