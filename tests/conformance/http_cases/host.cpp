#include "http_cases.hpp"

namespace conformance
{
namespace
{

using namespace std::string_literals;

std::string with_host(std::string_view value)
{
    return "GET /host HTTP/1.1\r\nHost: " + std::string(value) + "\r\n\r\n";
}

} // namespace

// clang-format off
std::vector<http_case> host_cases()
{
    const auto either = [](std::string value) { return any_of({served(std::move(value)), refused(400)}); };
    std::vector<http_case> rows{
        {"name_does_not_know_case", "9110 7.2", "GET /host HTTP/1.1\r\nhOsT: a\r\n\r\n", served("a")},
        {"white_space_around", "9112 5.1", "GET /host HTTP/1.1\r\nHost:\t a \t\r\n\r\n", served("a")},
        {"last_of_several_fields", "9110 7.2", "GET /host HTTP/1.1\r\nX: y\r\nHost: a\r\n\r\n", served("a")},
        // Grammar allows these; a strict server may still refuse them.
        {"empty_port", "3986 3.2.3", with_host("a:"), either("a:")},
        {"port_zero", "3986 3.2.3", with_host("a:0"), either("a:0")},
        {"port_with_leading_zeros", "3986 3.2.3", with_host("a:00080"), either("a:00080")},
        {"percent_encoded_name", "3986 3.2.2", with_host("%61"), served("%61")},
        {"percent_encoded_path_of_a_socket", "3986 3.2.2", with_host("%2Ftmp%2Fx.sock"),
            served("%2Ftmp%2Fx.sock")},
        {"future_address", "3986 3.2.2", with_host("[v1.a:b]"), served("[v1.a:b]")},
        {"ipv6_with_zone", "6874 2", with_host("[fe80::1%25lo]"), either("[fe80::1%25lo]")},

        {"missing", "9112 3.2", "GET /host HTTP/1.1\r\n\r\n", refused(400)},
        {"missing_among_others", "9112 3.2", "GET /host HTTP/1.1\r\nX-Host: a\r\n\r\n", refused(400)},
        {"missing_of_post", "9112 3.2", "POST /echo HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi", refused(400)},
        {"twice_different", "9112 3.2", "GET /host HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", refused(400)},
        {"twice_equal", "9112 3.2", "GET /host HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", refused(400)},
        {"twice_second_empty", "9112 3.2", "GET /host HTTP/1.1\r\nHost: a\r\nHost:\r\n\r\n", refused(400)},
        {"twice_other_case", "9112 3.2", "GET /host HTTP/1.1\r\nHost: a\r\nHOST: b\r\n\r\n", refused(400)},
        {"space_before_colon", "9112 5.1", "GET /host HTTP/1.1\r\nHost : a\r\n\r\n", refused(400)},

        {"missing_in_http_1_0", "9112 3.2", "GET /probe HTTP/1.0\r\n\r\n", served_and_closed({ok("ok")})},
        {"given_in_http_1_0", "9112 3.2", "GET /host HTTP/1.0\r\nHost: a\r\n\r\n",
            served_and_closed({ok("a")})},
        {"twice_in_http_1_0", "9112 3.2", "GET /host HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", refused(400)},
        {"invalid_in_http_1_0", "9112 3.2", "GET /host HTTP/1.0\r\nHost: a b\r\n\r\n", refused(400)},
        {"empty_in_http_1_0", "9112 3.2", "GET /host HTTP/1.0\r\nHost:\r\n\r\n",
            any_of({served_and_closed({ok("")}), refused(400)})},
    };

    const std::pair<const char*, const char*> good[] = {
        {"name", "example.com"},
        {"one_letter", "a"},
        {"upper_case", "EXAMPLE.Com"},
        {"name_and_port", "example.com:8080"},
        {"highest_port", "a:65535"},
        {"full_stop_at_the_end", "example.com."},
        {"underscore_and_hyphen", "my_host-1.example"},
        {"ipv4", "127.0.0.1"},
        {"ipv4_and_port", "127.0.0.1:9190"},
        {"looks_like_ipv4", "999.1.1.1"},
        {"ipv6_short", "[::]"},
        {"ipv6_loopback", "[::1]"},
        {"ipv6_and_port", "[::1]:8080"},
        {"ipv6_in_full", "[2001:0DB8:0:1:2:3:4:abcd]"},
        {"ipv6_with_ipv4", "[::ffff:127.0.0.1]"},
    };
    for (const auto& [name, value] : good)
    {
        rows.push_back({name, "9110 7.2", with_host(value), served(value)});
    }

    const std::pair<const char*, std::string> bad[] = {
        {"empty", ""},
        {"white_space_alone", " \t"},
        {"space_inside", "a b"},
        {"tab_inside", "a\tb"},
        {"user", "user@a"},
        {"path", "a/b"},
        {"slash_at_the_end", "a/"},
        {"query", "a?b"},
        {"fragment", "a#b"},
        {"whole_uri", "http://a/"},
        {"list", "a, b"},
        {"list_without_space", "a,b"},
        {"port_with_letters", "a:b"},
        {"port_with_plus", "a:+80"},
        {"port_with_minus", "a:-1"},
        {"port_after_space", "a: 80"},
        {"port_before_space", "a :80"},
        {"port_over_65535", "a:65536"},
        {"port_of_many_digits", "a:18446744073709551696"},
        {"two_ports", "a:80:80"},
        {"port_alone", ":80"},
        {"colon_alone", ":"},
        {"ipv6_without_brackets", "::1"},
        {"ipv6_not_closed", "[::1"},
        {"ipv6_not_opened", "::1]"},
        {"ipv6_and_more", "[::1]a"},
        {"ipv6_twice", "[::1][::1]"},
        {"ipv6_empty", "[]"},
        {"ipv6_port_with_letters", "[::1]:x"},
        {"ipv6_three_colons", "[:::1]"},
        {"ipv6_two_gaps", "[1::2::3]"},
        {"ipv6_five_digits", "[12345::1]"},
        {"ipv6_nine_groups", "[1:2:3:4:5:6:7:8:9]"},
        {"ipv6_seven_groups", "[1:2:3:4:5:6:7]"},
        {"ipv6_with_letters", "[::g]"},
        {"ipv4_in_brackets", "[127.0.0.1]"},
        {"name_in_brackets", "[localhost]"},
        {"bad_percent", "a%zz"},
        {"cut_percent", "a%4"},
        {"backslash", "a\\b"},
        {"quotes", "\"a\""},
        {"angle_brackets", "<a>"},
        {"braces", "{a}"},
        {"circumflex", "a^b"},
        {"bar", "a|b"},
        {"backtick", "a`b"},
        {"obs_text", "a\xc3\xa9"},
        {"nul", "a\0b"s},
        {"delete_character", "a\x7f"},
    };
    for (const auto& [name, value] : bad)
    {
        rows.push_back({"invalid_"s + name, "9112 3.2", with_host(value), refused(400)});
    }
    return rows;
}
// clang-format on

} // namespace conformance
