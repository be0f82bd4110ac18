#include "http_cases.hpp"

namespace conformance
{
namespace
{

using namespace std::string_literals;

/// A POST with these field lines and `hello` in one chunk.
std::string post(std::string_view field_lines)
{
    return "POST /echo HTTP/1.1\r\nHost: a\r\n" + std::string(field_lines) +
           "\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
}

} // namespace

// clang-format off
std::vector<http_case> transfer_encoding_cases()
{
    std::vector<http_case> rows{
        {"chunked", "9112 7.1", post("Transfer-Encoding: chunked"), served("hello")},
        {"chunked_upper_case", "9112 7", post("Transfer-Encoding: CHUNKED"), served("hello")},
        {"chunked_mixed_case", "9112 7", post("transfer-encoding: ChunKed"), served("hello")},
        {"white_space_around", "9112 5.1", post("Transfer-Encoding:\t chunked \t"), served("hello")},
        {"chunked_get_is_taken_off", "9110 9.3.1",
            "GET /probe HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            served("ok")},
        {"with_underscore_is_another_field", "9110 5.1",
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer_Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello",
            served("hello")},
        {"te_is_another_field", "9110 10.1.4",
            "POST /echo HTTP/1.1\r\nHost: a\r\nTE: trailers, gzip\r\nContent-Length: 5\r\n\r\nhello",
                served("hello")},

        {"with_length_after", "9112 6.3", post("Transfer-Encoding: chunked\r\nContent-Length: 15"),
            refused(400)},
        {"with_length_before", "9112 6.3", post("Content-Length: 15\r\nTransfer-Encoding: chunked"),
            refused(400)},
        {"with_length_zero", "9112 6.3", post("Content-Length: 0\r\nTransfer-Encoding: chunked"),
            refused(400)},
        {"with_length_empty", "9112 6.3", post("Content-Length:\r\nTransfer-Encoding: chunked"),
            refused(400)},
        {"unknown_with_length", "9112 6.3", post("Transfer-Encoding: xchunked\r\nContent-Length: 5"),
            refused(400)},
        {"empty_with_length", "9112 6.3", post("Transfer-Encoding:\r\nContent-Length: 5"), refused(400)},
        {"hidden_request_is_not_answered", "9112 11.2",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\n\r\nGET /probe HTTP/1.1\r\nHost: a\r\n\r\n", refused(400)},
        {"after_unknown_no_request_is_answered", "9112 11.2",
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n"
            "GET /probe HTTP/1.1\r\nHost: a\r\n\r\n", refused(400)},

        {"two_lines_chunked_twice", "9112 6.1",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
            refused(400)},
        {"two_lines_chunked_first", "9112 6.3", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip"),
            refused(400)},
        {"two_lines_chunked_last", "9112 6.1", post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"),
            refused(501)},
        {"two_lines_second_empty", "9112 6.1", post("Transfer-Encoding: chunked\r\nTransfer-Encoding:"),
            refused(400)},
        {"space_before_colon", "9112 5.1", post("Transfer-Encoding : chunked"), refused(400)},
        {"folded", "9112 5.2", post("Transfer-Encoding:\r\n chunked"), refused(400)},
        {"line_end_before_value", "9112 2.2", post("Transfer-Encoding:\n chunked"), refused(400)},

        {"in_http_1_0", "9112 6.1",
            "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", refused(400)},
        {"in_http_1_0_kept", "9112 6.1",
            "POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5\r\nhello\r\n0\r\n\r\n", refused(400)},
        {"in_http_1_0_with_length", "9112 6.1",
            "POST /echo HTTP/1.0\r\nContent-Length: 15\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5\r\nhello\r\n0\r\n\r\n",
            refused(400)},
        {"in_http_1_2", "9110 2.5",
            "POST /echo HTTP/1.2\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            served("hello")},
    };

    const std::pair<const char*, std::string> bad[] = {
        {"empty", ""},
        {"white_space_alone", " \t"},
        {"comma_alone", ","},
        {"comma_after", "chunked,"},
        {"comma_before", ", chunked"},
        {"two_commas", "gzip,, chunked"},
        {"chunked_twice", "chunked, chunked"},
        {"chunked_twice_apart", "chunked, gzip, chunked"},
        {"gzip_alone", "gzip"},
        {"identity_alone", "identity"},
        {"chunked_not_last", "chunked, gzip"},
        {"chunked_before_identity", "chunked, identity"},
        {"letter_before", "xchunked"},
        {"letter_after", "chunkedx"},
        {"cut", "chunke"},
        {"space_inside", "chun ked"},
        {"two_words", "gzip chunked"},
        {"semicolon", "gzip; chunked"},
        {"quotes", "\"chunked\""},
        {"parameter", "chunked;q=1"},
        {"parameter_without_value", "chunked;"},
        {"vertical_tab_before", "\vchunked"},
        {"vertical_tab_after", "chunked\v"},
        {"form_feed_after", "chunked\f"},
        {"nul_after", "chunked\0"s},
        {"obs_text_before", "\xa0" "chunked"},
        {"obs_text_after", "chunked\xa0"},
        {"long_s", "chunk\xc5\xbf" "d"},
    };
    for (const auto& [name, value] : bad)
    {
        rows.push_back({"malformed_"s + name, "9112 6.3", post("Transfer-Encoding: " + value), refused(400)});
    }

    const std::pair<const char*, std::string> unknown[] = {
        {"gzip", "gzip, chunked"},
        {"gzip_without_space", "gzip,chunked"},
        {"gzip_upper_case", "GZIP, Chunked"},
        {"two_codings", "deflate, gzip, chunked"},
        {"compress", "compress, chunked"},
        {"no_coding_of_this_world", "quipu, chunked"},
    };
    for (const auto& [name, value] : unknown)
    {
        rows.push_back({"not_implemented_"s + name, "9112 6.1", post("Transfer-Encoding: " + value),
            refused(501)});
    }
    rows.push_back({"identity_before_chunked", "9112 6.1", post("Transfer-Encoding: identity, chunked"),
                    any_of({refused(501), refused(400)})});
    rows.push_back({"parameter_of_gzip", "9112 7", post("Transfer-Encoding: gzip;level=9, chunked"),
                    any_of({refused(501), refused(400)})});
    return rows;
}
// clang-format on

} // namespace conformance
