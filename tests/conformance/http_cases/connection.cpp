#include "http_cases.hpp"

namespace conformance
{
namespace
{

std::string get(std::string_view field_lines, std::string_view version = "1.1")
{
    return "GET /probe HTTP/" + std::string(version) + "\r\nHost: a\r\n" + std::string(field_lines) +
           "\r\n\r\n";
}

} // namespace

// clang-format off
std::vector<http_case> connection_cases()
{
    const outcomes stays = served("ok");
    const outcomes closes = served_and_closed({ok("ok")});
    const outcomes kept = served({ok("ok").with("Connection", "keep-alive")});
    return {
        {"default", "9112 9.3", get("X: y"), stays},
        {"close", "9112 9.6", get("Connection: close"), closes},
        {"close_does_not_know_case", "9110 7.6.1", get("connection: CLOSE"), closes},
        {"close_first_of_list", "9110 7.6.1", get("Connection: close, x-hop"), closes},
        {"close_last_of_list", "9110 7.6.1", get("Connection: x-hop,close"), closes},
        {"close_among_empty_elements", "9110 5.6.1", get("Connection: , ,close, ,"), closes},
        {"close_on_second_line", "9110 5.3", get("Connection: x-hop\r\nConnection: close"), closes},
        {"close_on_first_line", "9110 5.3", get("Connection: close\r\nConnection: x-hop"), closes},
        {"close_goes_before_keep_alive", "9112 9.3", get("Connection: keep-alive, close"), closes},
        {"close_on_a_line_after_keep_alive", "9112 9.3", get("Connection: keep-alive\r\nConnection: close"),
            closes},
        {"close_with_content", "9112 9.6",
            "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
            served_and_closed({ok("hello")})},
        {"close_with_unknown_path", "9112 9.6",
            "GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", refused(404)},
        {"close_with_head", "9112 9.6", "HEAD /probe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            served_and_closed({head(200)})},
        {"close_inside_another_word", "9110 7.6.1", get("Connection: closed, x-close"), stays},
        {"close_in_quotes", "9110 7.6.1", get("Connection: \"close\""),
            any_of({stays, closes, refused(400)})},
        {"keep_alive", "9112 9.3", get("Connection: keep-alive"), stays},
        {"empty", "9110 5.6.1", get("Connection:"), stays},
        {"empty_elements", "9110 5.6.1", get("Connection: ,,"), stays},
        {"unknown_option", "9110 7.6.1", get("Connection: x-hop"), stays},
        {"of_a_proxy_is_another_field", "9110 7.6.1", get("Proxy-Connection: close"), stays},
        {"parameters_of_keep_alive", "9112 9.3", get("Keep-Alive: timeout=5, max=100"), stays},
        {"control_in_it", "9110 5.5", get("Connection: clo\x01se"), refused(400)},

        {"http_1_0_default", "9112 9.3", get("X: y", "1.0"), closes},
        {"http_1_0_close", "9112 9.3", get("Connection: close", "1.0"), closes},
        {"http_1_0_keep_alive", "9112 9.3", get("Connection: keep-alive", "1.0"), kept},
        {"http_1_0_keep_alive_does_not_know_case", "9112 9.3", get("Connection: Keep-Alive", "1.0"), kept},
        {"http_1_0_keep_alive_in_list", "9112 9.3", get("Connection: x-hop, keep-alive", "1.0"), kept},
        {"http_1_0_keep_alive_on_second_line", "9112 9.3", get("Connection: x\r\nConnection: keep-alive",
            "1.0"), kept},
        {"http_1_0_close_goes_before_keep_alive", "9112 9.3", get("Connection: keep-alive, close", "1.0"),
            closes},
        {"http_1_0_keep_alive_with_unknown_path", "9112 9.3",
            "GET /nowhere HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            served({status(404).with("Connection", "keep-alive")})},
        {"http_1_0_proxy_keep_alive_is_another_field", "9112 9.3", get("Proxy-Connection: keep-alive", "1.0"),
            closes},

        // An upgrade is an offer: it is passed over by a server that does not know the protocol.
        {"upgrade_to_unknown", "9110 7.8", get("Connection: upgrade\r\nUpgrade: quipu/1"), stays},
        {"upgrade_to_http_2", "9110 7.8",
            get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"),
            stays},
        {"upgrade_to_websocket_where_none_is", "9110 7.8",
            get("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), stays},

        {"client_finishes_after_request", "9112 9.6", get("X: y"), finished({ok("ok")}), "", true},
        {"client_finishes_after_two_requests", "9112 9.6", get("X: y") + get("X: y"),
            finished({ok("ok"), ok("ok")}), "", true},
        {"client_finishes_after_content", "9112 9.6",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", finished({ok("hello")}), "",
                true},
        {"client_finishes_after_last_request", "9112 9.6", get("Connection: close"), closes, "", true},
        {"client_finishes_at_once", "9112 9.6", "", finished({}), "", true},
        {"client_finishes_after_empty_line", "9112 8", "\r\n", any_of({finished({}), refused(400)}), "",
            true},
        {"client_finishes_inside_line", "9112 8", "GET /pro", any_of({finished({}), refused(400)}), "", true},
        {"client_finishes_inside_head", "9112 8", "GET /probe HTTP/1.1\r\nHost: a\r\n",
            any_of({finished({}), refused(400)}), "", true},
        {"client_finishes_inside_content", "9112 8",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel",
            any_of({finished({}), refused(400)}), "", true},
        {"client_finishes_before_last_chunk", "9112 8",
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            any_of({finished({}), refused(400)}), "", true},
        {"client_finishes_inside_second_request", "9112 8", get("X: y") + "GET /pro",
            any_of({finished({ok("ok")}), served_and_closed({ok("ok"), status(400)})}), "", true},
    };
}
// clang-format on

} // namespace conformance
