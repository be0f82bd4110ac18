#pragma once

#include <boost/beast/http/status.hpp>
#include <boost/beast/http/verb.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream> // which boost/core/detail/string_view.hpp forgets
#include <string_view>
#include <vector>

namespace naru::http
{

/// A piece of a message, by its place: the message may be moved while it is not whole.
struct piece
{
    std::uint32_t at = 0;
    std::uint32_t size = 0;

    std::string_view of(const char* base) const noexcept { return {base + at, size}; }
};

/// Why a request is not served.
struct refusal
{
    boost::beast::http::status code = boost::beast::http::status::bad_request;
    const char* why = "";
};

/// For a function that says whether all is well: `return refuse(why, …)`.
inline bool refuse(refusal& out, boost::beast::http::status code, const char* why) noexcept
{
    out = {code, why};
    return false;
}

/// The fields that decide how a message is framed and routed; all others are the handler's.
enum class known_field : std::uint8_t
{
    other,
    host,
    content_length,
    transfer_encoding,
    connection,
    expect,
};

struct field_line
{
    piece name;
    piece value; // without white space around
    known_field known = known_field::other;
};

/// The head of a request: its line and its fields, syntactically sound. What they mean together is
/// framing_rules'.
struct request_head
{
    boost::beast::http::verb method = boost::beast::http::verb::unknown;
    unsigned version = 11;  // 10 or 11
    bool absolute = false;  // the target names an authority
    bool encoded = false;   // the path has a % in it
    std::uint8_t known = 0; // a bit for each known_field that is there
    piece method_text;
    piece target;
    piece authority; // of an absolute target
    piece path;
    piece query;
    std::vector<field_line> fields;
    std::uint32_t size = 0; // up to and with the empty line that ends it

    bool has_only(known_field field) const noexcept
    {
        return (known & ~1u) == 1u << static_cast<unsigned>(field);
    }

    void clear() noexcept
    {
        method = boost::beast::http::verb::unknown;
        absolute = encoded = false;
        known = 0;
        authority = query = {};
        fields.clear();
        size = 0;
    }
};

struct head_limits
{
    std::size_t line;
    std::size_t head;
    std::size_t fields;
};

enum class progress : std::uint8_t
{
    partial, ///< sound so far, but not whole
    whole,
    refused,
};

/// Reads a request head from the beginning of `bytes`. Strict: what RFC 9112 lets a server refuse is refused,
/// as soon as the line that it stands in is whole. Pure: the same bytes give the same answer, however they
/// were cut before.
progress parse_head(std::string_view bytes, const head_limits& limits, request_head& head, refusal& why);

/// One line of a trailer section, without its end, by the same grammar. False when it is not one.
bool parse_field_line(std::string_view line, known_field& known) noexcept;

/// token of RFC 9110, 5.6.2; not empty.
bool is_token(std::string_view text) noexcept;
/// field-content: no control characters but HTAB; obs-text is let through.
bool is_field_value(std::string_view text) noexcept;
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;
/// Without spaces and tabs around.
std::string_view trimmed(std::string_view text) noexcept;

} // namespace naru::http
