#include "http_cases.hpp"

namespace conformance
{
namespace
{

using namespace std::string_literals;

std::string ask(std::string_view method, std::string_view target = "/probe")
{
    return std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

} // namespace

// clang-format off
std::vector<http_case> method_cases()
{
    const auto with_allow = [](std::string method) { return status(405).with("Allow", std::move(method)); };
    const outcomes listed = any_of({
        served({status(204).with("Allow", "GET").with("Allow", "HEAD").with("Allow", "OPTIONS")}),
        served({status(200).with("Allow", "GET").with("Allow", "HEAD").with("Allow", "OPTIONS")}),
    });

    std::vector<http_case> rows{
        {"get", "9110 9.3.1", ask("GET"), served("ok")},
        {"post", "9110 9.3.3", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", served("hi")},

        {"head", "9110 9.3.2", ask("HEAD"), served({head(200).with("Content-Length", "2")})},
        {"head_of_long_content", "9110 9.3.2", ask("HEAD", "/hello/everybody"),
            served({head(200).with("Content-Length", "17")})},
        {"head_in_http_1_0", "9110 9.3.2", "HEAD /probe HTTP/1.0\r\n\r\n",
            served_and_closed({head(200).with("Content-Length", "2")})},
        {"head_with_content", "9110 9.3.2", "HEAD /probe HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
            served({head(200)})},
        {"head_of_unknown_path", "9110 9.3.2", ask("HEAD", "/nowhere"), served({head(404)})},
        {"head_where_get_is_not_served", "9110 15.5.6", ask("HEAD", "/echo"),
            served({head(405).with("Allow", "POST")})},
        {"head_that_is_refused", "9110 9.3.2", "HEAD /probe HTTP/1.1\r\n\r\n",
            served_and_closed({head(400)})},

        {"options_of_path", "9110 9.3.7", ask("OPTIONS"), listed},
        {"options_of_path_without_get", "9110 9.3.7", ask("OPTIONS", "/echo"),
            any_of({served({status(204).with("Allow", "POST")}),
                    served({status(200).with("Allow", "POST")})})},
        {"options_of_server", "9112 3.2.4", ask("OPTIONS", "*"),
            any_of({served({status(204)}), served({status(200)})})},
        {"options_of_unknown_path", "9110 15.5.5", ask("OPTIONS", "/nowhere"), served({status(404)})},
        {"options_with_asterisk_and_more", "9112 3.2.4", ask("OPTIONS", "*/probe"), refused(400)},
        {"options_with_asterisk_and_query", "9112 3.2.4", ask("OPTIONS", "*?x=1"), refused(400)},

        {"put_where_post_is_served", "9110 15.5.6", ask("PUT", "/echo"), served({with_allow("POST")})},
        {"put_with_content", "9110 15.5.6", "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
            served({with_allow("POST")})},
        {"post_where_get_is_served", "9110 15.5.6",
            "POST /probe HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
            served({with_allow("GET").with("Allow", "HEAD")})},
        {"get_where_post_is_served", "9110 15.5.6", ask("GET", "/echo"), served({with_allow("POST")})},
        {"delete", "9110 15.5.6", ask("DELETE"), served({with_allow("GET")})},
        {"patch", "5789 2", ask("PATCH"), served({with_allow("GET")})},
        {"put_of_unknown_path", "9110 15.5.5", ask("PUT", "/nowhere"), served({status(404)})},

        {"trace", "9110 9.3.8", ask("TRACE"), any_of({answered(405), answered(501)})},
        {"connect", "9112 3.2.3", ask("CONNECT", "example.com:443"), answered(501)},
        {"connect_with_path", "9112 3.2.3", ask("CONNECT"), any_of({answered(501), refused(400)})},
        {"known_from_elsewhere", "9110 9.1", ask("PROPFIND"), any_of({answered(405), answered(501)})},
        {"known_from_elsewhere_with_hyphen", "9110 9.1", ask("M-SEARCH"),
            any_of({answered(405), answered(501)})},

        {"routed_by_name", "9110 9.1", "QUERY /query HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
            served("QUERY hi")},
        {"routed_by_name_elsewhere", "9110 15.5.6", ask("QUERY"), served({with_allow("GET")})},
        {"routed_by_name_of_unknown_path", "9110 15.5.5", ask("QUERY", "/nowhere"), served({status(404)})},
        {"get_where_query_is_served", "9110 15.5.6", ask("GET", "/query"), served({with_allow("QUERY")})},
        {"routed_by_name_in_lower_case", "9110 9.1", ask("query", "/query"), answered(501)},

        {"lower_case", "9110 9.1", ask("get"), answered(501)},
        {"mixed_case", "9110 9.1", ask("Get"), answered(501)},
        {"cut", "9110 9.1", ask("GE"), answered(501)},
        {"one_letter_more", "9110 9.1", ask("GETT"), answered(501)},
        {"unknown", "9110 15.6.2", ask("BREW"), answered(501)},
        {"unknown_of_unknown_path", "9110 15.6.2", ask("BREW", "/nowhere"), answered(501)},
        {"digits", "9110 9.1", ask("123"), answered(501)},
        {"every_special_character_of_a_token", "9110 5.6.2", ask("!#$%&'*+-.^_`|~"), answered(501)},
        {"long", "9112 3", ask(std::string(200, 'A')), answered(501)},
    };

    for (const char byte : "\"(),/:;<=>?@[\\]{}\x01\x7f\x80\xff"s)
    {
        const auto number = static_cast<unsigned char>(byte);
        rows.push_back({byte_name("with", number), "9110 5.6.2", ask("G"s + byte + "T"), refused(400)});
    }
    return rows;
}
// clang-format on

} // namespace conformance
