#pragma once

#include <boost/beast/http/status.hpp>
#include <boost/beast/http/verb.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <ostream> // which boost/core/detail/string_view.hpp forgets
#include <span>
#include <string>
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
    std::span<const std::string> methods = {}; // those that are served beside the ones that Beast knows
};

enum class progress : std::uint8_t
{
    partial, ///< sound so far, but not whole
    whole,
    refused,
};

/// How far a head that is not whole has been read. All places are offsets: the bytes may be moved meanwhile.
struct head_position
{
    enum class part : std::uint8_t
    {
        nothing, // no byte has been read
        empty_lines,
        method,
        target,
        version,
        field_start, // a field, or the empty line that ends the head
        name,
        space, // between the colon and the value
        value,
    };

    part in = part::nothing;
    std::uint8_t empty_lines = 0;
    std::uint32_t line = 0;  // where the current line begins
    std::uint32_t at = 0;    // the first byte that has not been looked at, or a CR without its LF
    std::uint32_t begin = 0; // of the current part
    std::uint32_t extra = 0; // the marks of the target, or the length of the field's name
};

/// Reads a request head from the beginning of `bytes`. Strict: what RFC 9112 lets a server refuse is refused,
/// as soon as the line that it stands in is whole. Pure: the same bytes give the same answer, however they
/// were cut before. Each limit is at most `longest_head`.
///
/// When the head is not whole, the next call is given `position` and `head` as they were left, and `bytes`
/// with the same beginning: it looks at the new bytes only. A new head begins with `position.in ==
/// part::nothing`.
progress parse_head(std::string_view bytes, const head_limits& limits, head_position& position,
                    request_head& head, refusal& why);
/// The same for bytes that are there at once.
progress parse_head(std::string_view bytes, const head_limits& limits, request_head& head, refusal& why);

/// The most that a head may be limited to, since pieces are 32 bits wide.
inline constexpr std::size_t longest_head = std::numeric_limits<std::uint32_t>::max() / 2;

/// One line of a trailer section, without its end, by the same grammar. False when it is not one.
bool parse_field_line(std::string_view line, known_field& known) noexcept;

/// token of RFC 9110, 5.6.2; not empty.
bool is_token(std::string_view text) noexcept;
/// field-content: no control characters but HTAB; obs-text is let through.
bool is_field_value(std::string_view text) noexcept;
/// Every % begins two hex digits that are not those of NUL.
bool well_encoded(std::string_view text) noexcept;
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;
/// Without spaces and tabs around.
std::string_view trimmed(std::string_view text) noexcept;

} // namespace naru::http
