#include "http_cases.hpp"

namespace conformance
{
namespace
{

using namespace std::string_literals;

std::string get(std::string_view target)
{
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

/// A target that the site answers with itself.
http_case kept(std::string name, std::string section, std::string target)
{
    std::string bytes = get(target);
    return {std::move(name), std::move(section), std::move(bytes), served(std::move(target))};
}

http_case bad(std::string name, std::string section, std::string_view target)
{
    return {std::move(name), std::move(section), get(target), refused(400)};
}

} // namespace

// clang-format off
std::vector<http_case> target_cases()
{
    std::vector<http_case> rows{
        {"root", "9112 3.2.1", get("/"), served("root")},
        {"root_with_query", "9112 3.2.1", get("/?x=1"), served("root")},
        kept("query", "3986 3.4", "/target/a?b=c"),
        kept("empty_query", "3986 3.4", "/target/a?"),
        kept("question_mark_and_slash_in_query", "3986 3.4", "/target/a?b?c/d"),
        kept("every_unreserved_and_sub_delimiter", "3986 3.3", "/target/AZaz09-._~!$&'()*+,;=:@"),
        kept("the_same_in_the_query", "3986 3.4", "/target/a?AZaz09-._~!$&'()*+,;=:@"),
        kept("percent_encoding_of_either_case", "3986 2.1", "/target/%c3%A9%7E"),
        kept("empty_segment_inside", "3986 3.3", "/target/a//b"),
        kept("slash_at_the_end", "3986 3.3", "/target/a/"),
        {"percent_encoding_is_decoded_once", "3986 2.4", get("/hello/a%20b%2520c"),
            served("hello, a b%20c\n")},
        {"percent_encoding_of_a_literal", "3986 6.2.2.2", get("/pr%6Fbe"), served("ok")},
        {"encoded_slash_divides_nothing", "3986 2.2", get("/hello/a%2Fb"),
            any_of({served("hello, a/b\n"), refused(400)})},
        {"encoded_line_end_is_data", "3986 2.1", get("/hello/a%0d%0ab"),
            any_of({served("hello, a\r\nb\n"), refused(400)})},
        {"two_slashes_are_no_authority", "9112 3.2.1", get("//probe"), served({status(404)})},
        {"path_knows_case", "3986 6.2.2.1", get("/PROBE"), served({status(404)})},
        {"unknown_path", "9110 15.5.5", get("/nowhere"), served({status(404)})},

        bad("no_slash_before", "9112 3.2", "probe"),
        bad("query_alone", "9112 3.2", "?x=1"),
        bad("authority_form_is_for_connect", "9112 3.2.3", "example.com:80"),
        bad("asterisk_is_for_options", "9112 3.2.4", "*"),
        bad("backslash_in_place_of_slash", "9112 3.2", "\\probe"),
        bad("fragment", "9112 3.2", "/probe#x"),
        bad("empty_fragment", "9112 3.2", "/probe#"),
        bad("fragment_after_query", "9112 3.2", "/target/a?b#c"),

        bad("percent_without_digits", "3986 2.1", "/target/a%"),
        bad("percent_with_one_digit", "3986 2.1", "/target/a%4"),
        bad("percent_with_one_digit_before_query", "3986 2.1", "/target/a%4?41"),
        bad("percent_with_letters", "3986 2.1", "/target/%zz"),
        bad("percent_with_second_digit_bad", "3986 2.1", "/target/%4g"),
        bad("percent_u", "3986 2.1", "/target/%u0041"),
        bad("percent_bad_in_query", "3986 2.1", "/target/a?b=%zz"),
        bad("percent_cut_in_query", "3986 2.1", "/target/a?b=%4"),
        bad("encoded_nul", "3986 7.3", "/target/a%00b"),
        bad("encoded_nul_in_query", "3986 7.3", "/target/a?b=%00"),

        bad("dot_segments_above_the_root", "3986 5.2.4", "/../probe"),
        bad("dot_segments_inside", "3986 5.2.4", "/target/../probe"),
        bad("dot_segment_at_the_end", "3986 5.2.4", "/target/.."),
        bad("single_dot_segment", "3986 5.2.4", "/./probe"),
        bad("single_dot_segment_at_the_end", "3986 5.2.4", "/target/."),
        bad("dot_segments_before_query", "3986 5.2.4", "/target/..?x=1"),
        bad("dot_segments_encoded", "3986 6.2.2.3", "/target/%2e%2e/probe"),
        bad("dot_segments_encoded_upper_case", "3986 6.2.2.3", "/target/%2E%2E/probe"),
        bad("dot_segments_half_encoded", "3986 6.2.2.3", "/target/.%2e/probe"),
        bad("single_dot_segment_encoded", "3986 6.2.2.3", "/target/%2e/a"),
        kept("three_dots_are_a_name", "3986 3.3", "/target/..."),
        kept("dots_inside_a_name", "3986 3.3", "/target/.a..b."),
        kept("dots_in_the_query", "3986 3.4", "/target/a?b=/../."),
        kept("dots_encoded_twice_are_a_name", "3986 2.4", "/target/%252e%252e/a"),
        {"dot_segments_with_encoded_slash", "3986 7.3", get("/target/..%2f..%2fa"),
            any_of({served("/target/..%2f..%2fa"), refused(400)})},

        // RFC 3986 keeps brackets out of path and query; browsers do not (URL Standard, 1.3).
        {"bracket_in_path", "3986 3.3", get("/target/[a]"), served("/target/[a]")},
        {"bracket_in_query", "3986 3.4", get("/target/a?b[]=1"),
            served("/target/a?b[]=1")},
    };

    for (const char byte : "\"<>\\^`{|}\x01\t\x1b\x7f\x80\xa0\xff"s)
    {
        const auto number = static_cast<unsigned char>(byte);
        rows.push_back(bad(byte_name("path_with", number), "3986 3.3", "/target/a"s + byte + "b"));
        const std::string in_query = "/target/a?b"s + byte + "c";
        // Those that browsers send bare in queries mean themselves there (URL Standard, 1.3).
        rows.push_back("\\^`{|}"s.find(byte) != std::string::npos
                           ? kept(byte_name("query_with", number), "3986 3.4", in_query)
                           : bad(byte_name("query_with", number), "3986 3.4", in_query));
    }
    return rows;
}
// clang-format on

} // namespace conformance
