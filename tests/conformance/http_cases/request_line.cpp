#include "http_cases.hpp"

namespace conformance
{
namespace
{

using namespace std::string_literals;

std::string after_line(std::string_view request_line)
{
    return std::string(request_line) + "\r\nHost: a\r\n\r\n";
}

} // namespace

// clang-format off
std::vector<http_case> request_line_cases()
{
    const std::string good = "GET /probe HTTP/1.1\r\nHost: a\r\n\r\n";
    return {
        {"plain", "9112 3", good, served("ok")},

        {"after_one_empty_line", "9112 2.2", "\r\n" + good, served("ok")},
        {"after_four_empty_lines", "9112 2.2", "\r\n\r\n\r\n\r\n" + good, served("ok")},
        {"after_five_empty_lines", "9112 2.2", "\r\n\r\n\r\n\r\n\r\n" + good, refused(400)},
        {"after_bare_lf", "9112 2.2", "\n" + good, refused(400)},
        {"after_empty_line_and_bare_lf", "9112 2.2", "\r\n\n" + good, refused(400)},
        {"after_bare_cr", "9112 2.2", "\r" + good, refused(400)},
        {"after_space", "9112 3", " " + good, refused(400)},
        {"after_tab", "9112 3", "\t" + good, refused(400)},
        {"after_byte_order_mark", "9112 3", "\xef\xbb\xbf" + good, refused(400)},

        {"two_spaces_after_method", "9112 3", after_line("GET  /probe HTTP/1.1"), refused(400)},
        {"two_spaces_before_version", "9112 3", after_line("GET /probe  HTTP/1.1"), refused(400)},
        {"tab_after_method", "9112 3", after_line("GET\t/probe HTTP/1.1"), refused(400)},
        {"tab_before_version", "9112 3", after_line("GET /probe\tHTTP/1.1"), refused(400)},
        {"vertical_tab_as_separator", "9112 3", after_line("GET\v/probe\vHTTP/1.1"), refused(400)},
        {"form_feed_as_separator", "9112 3", after_line("GET\f/probe\fHTTP/1.1"), refused(400)},
        {"cr_as_separator", "9112 3", after_line("GET\r/probe HTTP/1.1"), refused(400)},
        {"space_after_version", "9112 3", after_line("GET /probe HTTP/1.1 "), refused(400)},
        {"tab_after_version", "9112 3", after_line("GET /probe HTTP/1.1\t"), refused(400)},
        {"word_after_version", "9112 3", after_line("GET /probe HTTP/1.1 x"), refused(400)},
        {"word_before_version", "9112 3", after_line("GET /probe x HTTP/1.1"), refused(400)},
        {"space_in_target", "9112 3.2", after_line("GET /hello/a b HTTP/1.1"), refused(400)},

        {"no_target", "9112 3", after_line("GET HTTP/1.1"), refused(400)},
        {"empty_target", "9112 3", after_line("GET  HTTP/1.1"), refused(400)},
        {"no_method", "9112 3", after_line("/probe HTTP/1.1"), refused(400)},
        {"no_version", "9112 3", after_line("GET /probe"), refused(400)},
        {"empty_version", "9112 3", after_line("GET /probe "), refused(400)},
        {"method_alone", "9112 3", after_line("GET"), refused(400)},
        {"version_alone", "9112 3", after_line("HTTP/1.1"), refused(400)},
        {"answer_in_place_of_request", "9112 2.1", after_line("HTTP/1.1 200 OK"), refused(400)},

        {"ends_in_bare_lf", "9112 2.2", "GET /probe HTTP/1.1\nHost: a\r\n\r\n", refused(400)},
        {"ends_in_bare_cr", "9112 2.2", "GET /probe HTTP/1.1\rHost: a\r\n\r\n", refused(400)},
        {"ends_in_cr_cr_lf", "9112 2.2", "GET /probe HTTP/1.1\r\r\nHost: a\r\n\r\n", refused(400)},
        {"ends_in_lf_cr", "9112 2.2", "GET /probe HTTP/1.1\n\rHost: a\r\n\r\n", refused(400)},
        {"every_line_ends_in_bare_lf", "9112 2.2", "GET /probe HTTP/1.1\nHost: a\n\n", refused(400)},
        {"every_line_ends_in_bare_cr", "9112 2.2", "GET /probe HTTP/1.1\rHost: a\r\r", refused(400)},
        {"lf_in_method", "9112 2.2", after_line("GE\nT /probe HTTP/1.1"), refused(400)},
        {"lf_in_target", "9112 2.2", after_line("GET /pro\nbe HTTP/1.1"), refused(400)},
        {"cr_in_target", "9112 2.2", after_line("GET /pro\rbe HTTP/1.1"), refused(400)},
        {"crlf_in_target", "9112 2.2", after_line("GET /pro\r\nbe HTTP/1.1"), refused(400)},

        {"nul_in_method", "9112 3.1", after_line("G\0T /probe HTTP/1.1"s), refused(400)},
        {"nul_in_target", "9112 3.2", after_line("GET /pro\0be HTTP/1.1"s), refused(400)},
        {"nul_in_version", "9112 2.3", after_line("GET /probe HTTP/1.\0001"s), refused(400)},
        {"nul_alone", "9112 3", "\0"s, refused(400)},

        // What cannot become a request any more is told so at once: from such a client the end of a head may
        // never come.
        {"words_of_a_person_at_telnet", "9112 3", "hello there\r\n", refused(400)},
        {"old_simple_request", "9112 3", "GET /probe\r\n", refused(400)},
        {"tls_client_hello", "9112 3", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x5a\x5a"s, refused(400)},
        {"ssh_greeting", "9112 3", "SSH-2.0-OpenSSH_9.2\r\n", refused(400)},
        {"proxy_protocol_line", "9112 3", "PROXY TCP4 127.0.0.1 127.0.0.1 4000 80\r\n" + good, refused(400)},
        {"proxy_protocol_binary", "9112 3", "\r\n\r\n\0\r\nQUIT\n\x21\x11"s, refused(400)},
    };
}
// clang-format on

} // namespace conformance
