#include "http_cases.hpp"

namespace conformance
{
namespace
{

using namespace std::string_literals;

std::string post(std::string_view length, std::string_view content = "hello")
{
    return "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length:" + std::string(length) + "\r\n\r\n" +
           std::string(content);
}

} // namespace

// clang-format off
std::vector<http_case> content_length_cases()
{
    const std::string hidden = "GET /probe HTTP/1.1\r\nHost: a\r\n\r\n";
    std::vector<http_case> rows{
        {"plain", "9110 8.6", post(" 5"), served("hello")},
        {"without_space", "9112 5.1", post("5"), served("hello")},
        {"white_space_around", "9112 5.1", post(" \t5 \t"), served("hello")},
        {"zero", "9110 8.6", post(" 0", ""), served("")},
        {"leading_zeros", "9110 8.6", post(" 005"), served("hello")},
        {"leading_zeros_of_zero", "9110 8.6", post(" 000", ""), served("")},
        {"very_many_leading_zeros", "9110 8.6", post(" " + std::string(500, '0') + "5"),
            any_of({served("hello"), refused(400)})},
        {"absent_is_zero", "9112 6.3", "POST /echo HTTP/1.1\r\nHost: a\r\n\r\n", served("")},
        {"name_does_not_know_case", "9110 5.1",
            "POST /echo HTTP/1.1\r\nHost: a\r\ncONTENT-lENGTH: 5\r\n\r\nhello", served("hello")},
        {"every_octet_is_content", "9112 6.2", post(" 6", "\0\r\n\n\xff\x7f"s), served("\0\r\n\n\xff\x7f"s)},
        {"request_inside_content_is_content", "9112 6.2", post(" " + std::to_string(hidden.size()), hidden),
            served(hidden)},
        {"content_of_get_is_taken_off", "9110 9.3.1",
            "GET /probe HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(hidden.size()) + "\r\n\r\n"
            + hidden,
            served("ok")},
        {"in_http_1_0", "9112 6.2", "POST /echo HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello",
            served_and_closed({ok("hello")})},
        {"absent_in_http_1_0", "9112 6.3", "POST /echo HTTP/1.0\r\n\r\n", served_and_closed({ok("")})},
        // A name with an underscore is another name, whatever gateways make of both.
        {"with_underscore_is_another_field", "9110 5.1",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent_Length: 9\r\nContent-Length: 5\r\n\r\nhello",
                served("hello")},

        {"twice_equal", "9112 6.3", post(" 5\r\nContent-Length: 5"), refused(400)},
        {"twice_different", "9112 6.3", post(" 5\r\nContent-Length: 6"), refused(400)},
        {"twice_first_zero", "9112 6.3", post(" 0\r\nContent-Length: 5"), refused(400)},
        {"twice_apart", "9112 6.3", post(" 5\r\nX-Value: v\r\ncontent-length: 5"), refused(400)},
        {"space_before_colon", "9112 5.1",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nhello", refused(400)},
        {"folded", "9112 5.2", post("\r\n 5"), refused(400)},
        {"folded_digits", "9112 5.2", post(" 1\r\n 0"), refused(400)},

        {"too_large", "9110 15.5.14", post(" 1048577"), refused(413)},
        {"far_too_large", "9110 15.5.14", post(" 1000000000000"), refused(413)},
        {"largest_signed_number", "9110 15.5.14", post(" 9223372036854775807"), refused(413)},
        {"too_large_of_get", "9110 15.5.14",
            "GET /probe HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n",
            refused(413)},
        {"too_large_for_unknown_path", "9110 15.5.14",
            "POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n",
            any_of({refused(413), refused(404)})},
    };

    const std::pair<const char*, std::string> bad[] = {
        {"empty", ""},
        {"white_space_alone", " \t"},
        {"plus", "+5"},
        {"minus", "-5"},
        {"minus_one", "-1"},
        {"minus_zero", "-0"},
        {"hexadecimal", "0x5"},
        {"hexadecimal_digit", "a"},
        {"exponent", "1e3"},
        {"fraction", "5.0"},
        {"words", "five"},
        {"two_numbers", "5 5"},
        {"two_numbers_tab", "5\t5"},
        {"list_equal", "5, 5"},
        {"list_equal_without_space", "5,5"},
        {"list_different", "5, 6"},
        {"list_empty_element", "5,"},
        {"semicolon", "5;"},
        {"quotes", "\"5\""},
        {"underscore", "1_0"},
        {"letter_after", "5a"},
        {"nul_after", "5\0"s},
        {"vertical_tab_before", "\v5"},
        {"vertical_tab_after", "5\v"},
        {"obs_text_before", "\xa0" "5"},
        {"two_to_the_63", "9223372036854775808"},
        {"two_to_the_64", "18446744073709551616"},
        {"two_to_the_64_and_five", "18446744073709551621"},
        {"two_to_the_32_times_itself_and_five", "340282366920938463463374607431768211461"},
        {"hundred_digits", std::string(100, '9')},
    };
    for (const auto& [name, value] : bad)
    {
        rows.push_back({"malformed_"s + name, "9112 6.3", post(" " + value), refused(400)});
    }
    return rows;
}
// clang-format on

} // namespace conformance
