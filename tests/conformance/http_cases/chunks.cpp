#include "http_cases.hpp"

namespace conformance
{
namespace
{

using namespace std::string_literals;

std::string post(std::string_view chunks)
{
    return "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(chunks);
}

/// `hello` in one chunk, whose first line ends like this.
std::string sized(std::string_view size)
{
    return post(std::string(size) + "\r\nhello\r\n0\r\n\r\n");
}

} // namespace

// clang-format off
std::vector<http_case> chunk_cases()
{
    const outcomes over_a_limit = any_of({refused(400), refused(413), refused(431)});
    std::string small_chunks;
    for (int i = 0; i < 2000; ++i)
    {
        small_chunks += "1\r\nx\r\n";
    }
    const auto with_extensions = [](int count)
    {
        std::string chunks;
        for (int i = 0; i < count; ++i)
        {
            chunks += "1;" + std::string(990, 'e') + "\r\nx\r\n";
        }
        return post(chunks + "0\r\n\r\n");
    };

    std::vector<http_case> rows{
        {"one", "9112 7.1", post("5\r\nhello\r\n0\r\n\r\n"), served("hello")},
        {"two", "9112 7.1", post("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"), served("hello")},
        {"none", "9112 7.1", post("0\r\n\r\n"), served("")},
        {"last_of_several_zeros", "9112 7.1", post("5\r\nhello\r\n000\r\n\r\n"), served("hello")},
        {"sixteen_zeros_are_the_last", "9112 7.1", post("5\r\nhello\r\n0000000000000000\r\n\r\n"),
            served("hello")},
        {"size_upper_case", "9112 7.1", post("A\r\n0123456789\r\n0\r\n\r\n"), served("0123456789")},
        {"size_lower_case", "9112 7.1", post("a\r\n0123456789\r\n0\r\n\r\n"), served("0123456789")},
        {"size_of_two_digits", "9112 7.1", post("1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n"),
            served("abcdefghijklmnopqrstuvwxyz")},
        {"size_with_leading_zeros", "9112 7.1", sized("005"), served("hello")},
        {"size_of_sixteen_digits", "9112 7.1", sized("0000000000000005"), served("hello")},
        {"every_octet_is_data", "9112 7.1", post("a\r\n\r\n0\r\n\r\n\0\n\r\r\n0\r\n\r\n"s),
            served("\r\n0\r\n\r\n\0\n\r"s)},
        {"request_after_it_is_answered", "9112 9.3.2",
            post("5\r\nhello\r\n0\r\n\r\nGET /probe HTTP/1.1\r\nHost: a\r\n\r\n"), served({ok("hello"),
                ok("ok")})},
        {"two_thousand_small_ones", "9112 7.1", post(small_chunks + "0\r\n\r\n"),
            served(std::string(2000, 'x'))},

        {"extension", "9112 7.1.1", sized("5;a"), served("hello")},
        {"extension_with_value", "9112 7.1.1", sized("5;a=b"), served("hello")},
        {"extension_with_quoted_value", "9112 7.1.1", sized("5;a=\"b c;d\\\"e\""), served("hello")},
        {"extension_with_empty_quoted_value", "9112 7.1.1", sized("5;a=\"\""), served("hello")},
        {"extension_with_obs_text_quoted", "9112 7.1.1", sized("5;a=\"\xc3\xa9\""), served("hello")},
        {"extensions", "9112 7.1.1", sized("5;a;b=c;d=\"e\""), served("hello")},
        {"extension_after_white_space", "9112 7.1.1", sized("5 \t;a"), served("hello")},
        {"extension_with_white_space_inside", "9112 7.1.1", sized("5 ; a = b ; c"), served("hello")},
        {"extension_of_the_last", "9112 7.1.1", post("5\r\nhello\r\n0;a=b\r\n\r\n"), served("hello")},
        {"extension_near_the_limit", "9112 7.1.1", sized("5;" + std::string(1000, 'a')), served("hello")},
        {"extension_over_the_limit", "9112 7.1.1", sized("5;" + std::string(1100, 'a')), over_a_limit},
        {"extension_without_end", "9112 7.1.1", post("5;" + std::string(3000, 'a')), over_a_limit},
        {"extensions_near_the_limit_together", "9112 7.1.1", with_extensions(15),
            served(std::string(15, 'x'))},
        {"extensions_over_the_limit_together", "9112 7.1.1", with_extensions(18), over_a_limit},

        {"size_line_ends_in_bare_lf", "9112 7.1", post("5\nhello\r\n0\r\n\r\n"), refused(400)},
        {"size_line_ends_in_bare_cr", "9112 7.1", post("5\rhello\r\n0\r\n\r\n"), refused(400)},
        {"size_line_ends_in_cr_cr_lf", "9112 7.1", post("5\r\r\nhello\r\n0\r\n\r\n"), refused(400)},
        {"data_ends_in_bare_lf", "9112 7.1", post("5\r\nhello\n0\r\n\r\n"), refused(400)},
        {"data_ends_in_bare_cr", "9112 7.1", post("5\r\nhello\r0\r\n\r\n"), refused(400)},
        {"data_without_line_end", "9112 7.1", post("5\r\nhello0\r\n\r\n"), refused(400)},
        {"data_longer_than_size", "9112 7.1", post("5\r\nhello!\r\n0\r\n\r\n"), refused(400)},
        {"data_shorter_than_size", "9112 7.1", post("6\r\nhello\r\n0\r\n\r\n"), refused(400)},
        {"empty_line_between", "9112 7.1", post("5\r\nhello\r\n\r\n0\r\n\r\n"), refused(400)},
        {"last_ends_in_bare_lf", "9112 7.1", post("5\r\nhello\r\n0\n\r\n"), refused(400)},
        {"end_is_bare_lf", "9112 7.1", post("5\r\nhello\r\n0\r\n\n"), refused(400)},
        {"end_is_cr_and_letter", "9112 7.1", post("5\r\nhello\r\n0\r\n\rX"), refused(400)},
        {"end_is_missing", "9112 7.1", post("5\r\nhello\r\n0\r\nGET /probe HTTP/1.1\r\nHost: a\r\n\r\n"),
            refused(400)},
        {"plain_content", "9112 7.1", post("hello\r\n"), refused(400)},

        {"size_over_the_limit", "9110 15.5.14", post("100001\r\n"), refused(413)},
        {"size_of_two_to_the_32", "9110 15.5.14", post("100000005\r\nhello\r\n0\r\n\r\n"), refused(413)},
        {"size_of_two_to_the_63", "9110 15.5.14", post("8000000000000000\r\n"),
            any_of({refused(413), refused(400)})},
        {"size_of_largest_number", "9110 15.5.14", post("ffffffffffffffff\r\n"),
            any_of({refused(413), refused(400)})},
        {"sum_that_wraps", "9110 15.5.14", post("5\r\nhello\r\nfffffffffffffffb\r\n"),
            any_of({refused(413), refused(400)})},
    };

    const std::pair<const char*, std::string> bad[] = {
        {"empty", ""},
        {"space_before", " 5"},
        {"tab_before", "\t5"},
        {"space_after", "5 "},
        {"tab_after", "5\t"},
        {"plus", "+5"},
        {"minus", "-5"},
        {"minus_zero", "-0"},
        {"with_0x", "0x5"},
        {"with_h", "5h"},
        {"letter", "g"},
        {"letter_after", "5g"},
        {"fraction", "5.0"},
        {"comma", "5,5"},
        {"two_numbers", "5 5"},
        {"underscore", "0_5"},
        {"quotes", "\"5\""},
        {"nul", "5\0"s},
        {"obs_text", "5\xa0"},
        {"seventeen_zeros_and_five", "000000000000000005"},
        {"seventeen_digits", "00000000000000005"},
        {"two_to_the_64_and_five", "10000000000000005"},
        {"forty_digits", std::string(40, 'f')},
        {"extension_without_name", "5;"},
        {"extension_of_white_space", "5; "},
        {"extension_with_value_without_name", "5;=b"},
        {"extension_without_value_after_equals", "5;a="},
        {"extension_two_semicolons", "5;;a"},
        {"extension_semicolon_at_the_end", "5;a;"},
        {"extension_with_space_at_the_end", "5;a "},
        {"extension_without_semicolon", "5 a"},
        {"extension_name_no_token", "5;a@b"},
        {"extension_name_of_two_words", "5;a b"},
        {"extension_value_no_token", "5;a=b@c"},
        {"extension_value_of_two_words", "5;a=b c"},
        {"extension_with_two_equals", "5;a=b=c"},
        {"extension_quote_not_closed", "5;a=\"b"},
        {"extension_quote_closed_by_escape", "5;a=\"b\\\""},
        {"extension_text_after_quote", "5;a=\"b\"c"},
        {"extension_with_nul", "5;a\0"s},
        {"extension_with_control", "5;a=\"\x01\""},
        {"extension_with_escaped_control", "5;a=\"\\\x01\""},
        {"extension_with_obs_text", "5;\xc3\xa9"},
        {"extension_with_bare_lf", "5;a\nb"},
        {"extension_with_bare_cr", "5;a\rb"},
        {"extension_with_quoted_line_end", "5;a=\"\r\n\""},
    };
    for (const auto& [name, size] : bad)
    {
        rows.push_back({"malformed_size_"s + name, "9112 7.1", sized(size), refused(400)});
    }
    return rows;
}
// clang-format on

} // namespace conformance
