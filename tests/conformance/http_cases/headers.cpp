#include "http_cases.hpp"

namespace conformance
{
namespace
{

using namespace std::string_literals;

/// `GET /value` answers the value of X-Value in brackets, or "absent".
std::string with_line(std::string_view field_line)
{
    return "GET /value HTTP/1.1\r\nHost: a\r\n" + std::string(field_line) + "\r\n\r\n";
}

http_case bad(std::string name, std::string section, std::string_view field_line)
{
    return {std::move(name), std::move(section), with_line(field_line), refused(400)};
}

} // namespace

// clang-format off
std::vector<http_case> header_cases()
{
    std::vector<http_case> rows{
        {"plain", "9112 5", with_line("X-Value: v"), served("[v]")},
        {"no_space_after_colon", "9112 5", with_line("X-Value:v"), served("[v]")},
        {"white_space_around_value", "9112 5.1", with_line("X-Value: \t v \t "), served("[v]")},
        {"white_space_inside_value", "9110 5.5", with_line("X-Value: a \t b"), served("[a \t b]")},
        {"empty_value", "9110 5.5", with_line("X-Value:"), served("[]")},
        {"white_space_as_value", "9110 5.5", with_line("X-Value: \t "), served("[]")},
        {"name_does_not_know_case", "9110 5.1", with_line("x-vALUE: v"), served("[v]")},
        {"colons_in_value", "9110 5.5", with_line("X-Value: :a:b:"), served("[:a:b:]")},
        {"obs_text_in_value", "9110 5.5", with_line("X-Value: \xc3\xa9\x80\xff"),
            served("[\xc3\xa9\x80\xff]")},
        {"every_visible_character_in_value", "9110 5.5",
            with_line("X-Value: !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~"),
            served("[!\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~]")},
        {"every_special_character_in_name", "9110 5.6.2", with_line("!#$%&'*+-.^_`|~09Az: v"),
            served("absent")},
        {"one_letter_as_name", "9110 5.1", with_line("a: v"), served("absent")},
        {"unknown_field_twice", "9110 5.3", with_line("X-Other: v\r\nX-Other: w"), served("absent")},
        {"first_before_host", "9110 5.3", "GET /value HTTP/1.1\r\nX-Value: v\r\nHost: a\r\n\r\n",
            served("[v]")},

        bad("space_before_colon", "9112 5.1", "X-Value : v"),
        bad("tab_before_colon", "9112 5.1", "X-Value\t: v"),
        bad("space_inside_name", "9110 5.1", "X Value: v"),
        bad("space_before_name", "9112 5.2", " X-Value: v"),
        bad("empty_name", "9110 5.1", ": v"),
        bad("colon_alone", "9110 5.1", ":"),
        bad("no_colon", "9112 5", "X-Value v"),
        bad("no_colon_one_word", "9112 5", "X-Value"),
        bad("nul_in_name", "9110 5.1", "X-Va\0lue: v"s),
        bad("obs_text_in_name", "9110 5.1", "X-Valu\xc3\xa9: v"),

        bad("folded_with_space", "9112 5.2", "X-Value: a\r\n b"),
        bad("folded_with_tab", "9112 5.2", "X-Value: a\r\n\tb"),
        bad("folded_before_value", "9112 5.2", "X-Value:\r\n a"),
        bad("folded_with_white_space_only", "9112 5.2", "X-Value: a\r\n "),
        {"folded_host", "9112 5.2", "GET /value HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", refused(400)},
        {"white_space_before_first_field", "9112 2.2", "GET /value HTTP/1.1\r\n Host: a\r\n\r\n",
            refused(400)},
        {"line_of_white_space_before_first_field", "9112 2.2", "GET /value HTTP/1.1\r\n \r\nHost: a\r\n\r\n",
            refused(400)},

        bad("bare_lf_in_value", "9112 2.2", "X-Value: a\nb"),
        bad("bare_lf_before_another_field", "9112 2.2", "X-Value: a\nX-Other: b"),
        bad("bare_cr_in_value", "9112 2.2", "X-Value: a\rb"),
        bad("bare_cr_before_another_field", "9112 2.2", "X-Value: a\rX-Other: b"),
        bad("cr_cr_lf_after_value", "9112 2.2", "X-Value: a\r\r\nX-Other: b"),
        bad("bare_cr_in_name", "9112 2.2", "X-\rValue: a"),
        bad("bare_lf_in_name", "9112 2.2", "X-\nValue: a"),
        bad("bare_cr_after_colon", "9112 2.2", "X-Value:\ra"),
        {"line_ends_in_bare_lf", "9112 2.2", "GET /value HTTP/1.1\r\nHost: a\nX-Value: a\r\n\r\n",
            refused(400)},
        {"head_ends_in_crlf_lf", "9112 2.2", "GET /value HTTP/1.1\r\nHost: a\r\n\n", refused(400)},
        {"head_ends_in_lf_crlf", "9112 2.2", "GET /value HTTP/1.1\r\nHost: a\n\r\n", refused(400)},
        {"head_ends_in_lf_lf", "9112 2.2", "GET /value HTTP/1.1\r\nHost: a\n\n", refused(400)},
        {"head_ends_in_crlf_cr_and_letter", "9112 2.2", "GET /value HTTP/1.1\r\nHost: a\r\n\rX",
            refused(400)},
        {"head_ends_in_crlf_cr_cr_lf", "9112 2.2", "GET /value HTTP/1.1\r\nHost: a\r\n\r\r\n", refused(400)},
        // Told at the line that is wrong, not when the head has ended or its time is over.
        {"told_before_the_head_ends", "9112 5.1", "GET /value HTTP/1.1\r\nX-Value : v\r\n", refused(400)},
        {"html_in_place_of_fields", "9112 5", "GET /value HTTP/1.1\r\n<html>\r\n\r\n", refused(400)},
    };

    for (const char byte : "\"(),/;<=>?@[\\]{}\x01\x1f\x7f\x80\xff"s)
    {
        const auto number = static_cast<unsigned char>(byte);
        rows.push_back(bad(byte_name("name_with", number), "9110 5.6.2", "X"s + byte + "Value: v"));
    }
    for (const char byte : "\0\x01\x07\b\v\f\x0e\x1b\x1f\x7f"s)
    {
        const auto number = static_cast<unsigned char>(byte);
        rows.push_back(bad(byte_name("value_with", number), "9110 5.5", "X-Value: a"s + byte + "b"));
    }
    return rows;
}
// clang-format on

} // namespace conformance
