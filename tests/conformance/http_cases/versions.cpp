#include "http_cases.hpp"

namespace conformance
{
namespace
{

using namespace std::string_literals;

std::string get(std::string_view version)
{
    return "GET /probe " + std::string(version) + "\r\nHost: a\r\n\r\n";
}

} // namespace

// clang-format off
std::vector<http_case> version_cases()
{
    std::vector<http_case> rows{
        {"one_one", "9112 2.3", get("HTTP/1.1"), served("ok")},
        {"one_zero", "9112 2.3", get("HTTP/1.0"), served_and_closed({ok("ok")})},
        // A higher minor version is handled as the highest that the server knows.
        {"one_two", "9110 2.5", get("HTTP/1.2"), served("ok")},
        {"one_nine", "9110 2.5", get("HTTP/1.9"), served("ok")},
        {"one_two_needs_host_too", "9112 3.2", "GET /probe HTTP/1.2\r\n\r\n", refused(400)},

        {"two_zero", "9110 15.6.6", get("HTTP/2.0"), refused(505)},
        {"two_one", "9110 15.6.6", get("HTTP/2.1"), refused(505)},
        {"three_zero", "9110 15.6.6", get("HTTP/3.0"), refused(505)},
        {"nine_nine", "9110 15.6.6", get("HTTP/9.9"), refused(505)},
        {"zero_nine", "9110 15.6.6", get("HTTP/0.9"), refused(505)},
        {"zero_zero", "9110 15.6.6", get("HTTP/0.0"), refused(505)},
        {"two_zero_without_host", "9110 15.6.6", "GET /probe HTTP/2.0\r\n\r\n", refused(505)},
        {"preface_of_http_2", "9113 3.4", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", refused(505)},
        {"preface_of_http_2_with_settings", "9113 3.4",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"s, refused(505)},
    };

    const std::pair<const char*, const char*> malformed[] = {
        {"lower_case", "http/1.1"},
        {"mixed_case", "Http/1.1"},
        {"two_digits_of_minor", "HTTP/1.10"},
        {"two_digits_of_major", "HTTP/11.1"},
        {"leading_zero", "HTTP/01.1"},
        {"no_point", "HTTP/11"},
        {"no_minor", "HTTP/1"},
        {"no_minor_after_point", "HTTP/1."},
        {"no_major", "HTTP/.1"},
        {"no_number", "HTTP/"},
        {"no_slash", "HTTP1.1"},
        {"two_slashes", "HTTP//1.1"},
        {"comma", "HTTP/1,1"},
        {"sign", "HTTP/-1.1"},
        {"letters", "HTTP/a.b"},
        {"hexadecimal", "HTTP/1.a"},
        {"three_numbers", "HTTP/1.1.1"},
        {"space_inside", "HTTP/ 1.1"},
        {"space_for_slash", "HTTP 1.1"},
        {"other_protocol", "HTTPS/1.1"},
        {"cut_name", "HTP/1.1"},
        {"streaming_protocol", "RTSP/1.0"},
        {"session_protocol", "SIP/2.0"},
    };
    for (const auto& [name, version] : malformed)
    {
        rows.push_back({"malformed_"s + name, "9112 2.3", get(version), refused(400)});
    }
    return rows;
}
// clang-format on

} // namespace conformance
