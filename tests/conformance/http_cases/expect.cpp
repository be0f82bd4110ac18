#include "http_cases.hpp"

namespace conformance
{
namespace
{

std::string post(std::string_view expectation, std::string_view target = "/echo")
{
    return "POST " + std::string(target) +
           " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: " + std::string(expectation) + "\r\n\r\n";
}

} // namespace

// clang-format off
std::vector<http_case> expect_cases()
{
    const outcomes continued = served({status(100), ok("hello")});
    // 100 (Continue) may be left out when content has come already.
    const outcomes continued_or_not = any_of({continued, served("hello")});
    const std::string probe = "GET /probe HTTP/1.1\r\nHost: a\r\n\r\n";
    return {
        {"continue_then_content", "9110 10.1.1", post("100-continue"), continued, "hello"},
        {"continue_does_not_know_case", "9110 10.1.1", post("100-Continue"), continued, "hello"},
        {"continue_then_chunks", "9110 10.1.1",
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
            continued, "5\r\nhello\r\n0\r\n\r\n"},
        {"continue_then_content_and_next_request", "9110 10.1.1", post("100-continue"),
            served({status(100), ok("hello"), ok("ok")}), "hello" + probe},
        {"continue_after_another_request", "9110 10.1.1", probe + post("100-continue"),
            served({ok("ok"), status(100), ok("hello")}), "hello"},
        {"continue_then_bad_chunk", "9110 10.1.1",
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
            served_and_closed({status(100), status(400)}), "x\r\n"},
        {"continue_and_close", "9110 10.1.1",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n"
            "Connection: close\r\n\r\n",
            served_and_closed({status(100), ok("hello")}), "hello"},
        {"continue_in_http_1_2", "9110 2.5",
            "POST /echo HTTP/1.2\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
            continued, "hello"},
        {"client_that_does_not_wait", "9110 10.1.1", post("100-continue") + "hello", continued_or_not},
        {"no_content", "9110 10.1.1", "GET /probe HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
            any_of({served("ok"), served({status(100), ok("ok")})})},
        {"length_zero", "9110 10.1.1",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n",
            any_of({served(""), served({status(100), ok("")})})},

        {"ignored_in_http_1_0", "9110 10.1.1",
            "POST /echo HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
            served_and_closed({ok("hello")})},
        {"ignored_in_http_1_0_kept", "9110 10.1.1",
            "POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 5\r\nExpect: 100-continue\r\n"
            "\r\nhello",
            served({ok("hello").with("Connection", "keep-alive")})},

        // The final status comes in place of 100: the content is never sent, so the connection cannot stay.
        {"refused_as_too_large", "9110 10.1.1",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\nExpect: 100-continue\r\n\r\n",
                refused(413)},
        {"refused_as_unknown", "9110 10.1.1", post("100-continue", "/nowhere"), refused(404)},
        {"refused_as_not_allowed", "9110 10.1.1", post("100-continue", "/probe"),
            served_and_closed({status(405).with("Allow", "GET")})},
        {"refused_as_malformed", "9110 10.1.1",
            "POST /echo HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", refused(400)},
        {"refused_as_not_implemented", "9110 10.1.1",
            "BREW /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
                refused(501)},

        {"other_expectation", "9110 10.1.1", post("200-ok"), refused(417)},
        {"other_expectation_with_value", "9110 10.1.1", post("wait=\"5\""), refused(417)},
        {"other_expectation_beside_continue", "9110 10.1.1", post("100-continue, wait"), refused(417)},
        {"other_expectation_on_a_line_of_its_own", "9110 10.1.1", post("100-continue\r\nExpect: wait"),
            refused(417)},
        {"other_expectation_without_content", "9110 10.1.1",
            "GET /probe HTTP/1.1\r\nHost: a\r\nExpect: wait\r\n\r\n", answered(417)},
        {"continue_and_more_letters", "9110 10.1.1", post("100-continued"), refused(417)},
        {"other_expectation_in_http_1_0", "9110 10.1.1",
            "GET /probe HTTP/1.0\r\nExpect: wait\r\n\r\n", any_of({refused(417),
                served_and_closed({ok("ok")})})},
    };
}
// clang-format on

} // namespace conformance
