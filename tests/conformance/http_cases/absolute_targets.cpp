#include "http_cases.hpp"

namespace conformance
{
namespace
{

std::string get(std::string_view target)
{
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

http_case bad(std::string name, std::string section, std::string_view target)
{
    return {std::move(name), std::move(section), get(target), refused(400)};
}

} // namespace

// clang-format off
std::vector<http_case> absolute_target_cases()
{
    return {
        {"http", "9112 3.2.2", get("http://a/probe"), served("ok")},
        {"https", "9112 3.2.2", get("https://a/probe"), served("ok")},
        {"scheme_does_not_know_case", "9110 4.2.3", get("HtTp://a/probe"), served("ok")},
        {"port", "9112 3.2.2", get("http://a:8080/probe"), served("ok")},
        {"empty_port", "3986 3.2.3", get("http://a:/probe"), any_of({served("ok"), refused(400)})},
        {"ipv4", "3986 3.2.2", get("http://127.0.0.1/probe"), served("ok")},
        {"ipv6", "3986 3.2.2", get("http://[::1]:80/probe"), served("ok")},
        {"no_path", "9110 4.2.3", get("http://a"), served("root")},
        {"no_path_but_query", "9110 4.2.3", get("http://a?x=1"), served("root")},
        {"in_http_1_0", "9112 3.2.2", "GET http://a/probe HTTP/1.0\r\n\r\n", served_and_closed({ok("ok")})},
        {"goes_before_host", "9112 3.2.2", "GET http://b/host HTTP/1.1\r\nHost: a\r\n\r\n", served("b")},
        {"goes_before_host_with_port", "9112 3.2.2", "GET http://b:81/host HTTP/1.1\r\nHost: a\r\n\r\n",
            served("b:81")},

        {"host_is_required_all_the_same", "9112 3.2", "GET http://a/probe HTTP/1.1\r\n\r\n", refused(400)},
        {"host_must_be_valid_all_the_same", "9112 3.2", "GET http://a/probe HTTP/1.1\r\nHost: b c\r\n\r\n",
            refused(400)},
        bad("empty_authority", "9110 4.2.1", "http:///probe"),
        bad("empty_host_with_port", "9110 4.2.1", "http://:80/probe"),
        bad("no_authority_one_slash", "9110 4.2.1", "http:/probe"),
        bad("no_authority_no_slash", "9110 4.2.1", "http:probe"),
        bad("nothing_after_scheme", "9110 4.2.1", "http://"),
        bad("user", "9110 4.2.4", "http://user@a/probe"),
        bad("user_and_password", "9110 4.2.4", "http://user:word@a/probe"),
        bad("port_with_letters", "3986 3.2.3", "http://a:8o/probe"),
        bad("port_over_65535", "3986 3.2.3", "http://a:65536/probe"),
        bad("port_with_sign", "3986 3.2.3", "http://a:-1/probe"),
        bad("ipv6_not_closed", "3986 3.2.2", "http://[::1/probe"),
        bad("ipv6_without_brackets", "3986 3.2.2", "http://::1/probe"),
        bad("ipv6_malformed", "3986 3.2.2", "http://[1::2::3]/probe"),
        bad("comma_in_host", "9110 4.2.1", "http://a,b/probe"),
        bad("bad_percent_in_host", "3986 3.2.2", "http://a%zz/probe"),
        bad("backslash_after_host", "3986 3.2", "http://a\\probe"),
        bad("other_scheme", "9110 4.2", "ftp://a/probe"),
        bad("scheme_without_authority", "9110 4.2", "urn:a:b"),
        bad("fragment", "9112 3.2.2", "http://a/probe#x"),
        bad("fragment_after_host", "9112 3.2.2", "http://a#x"),
        bad("dot_segments", "3986 5.2.4", "http://a/../probe"),
        bad("bad_percent_in_path", "3986 2.1", "http://a/pro%zz"),
    };
}
// clang-format on

} // namespace conformance
