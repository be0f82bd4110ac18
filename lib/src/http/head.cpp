#include "http/head.hpp"

#include <array>
#include <cstring>

namespace naru::http
{

namespace
{

using boost::beast::http::status;
using boost::beast::http::verb;

// Empty lines before a request line: some clients end a body with one too many (RFC 9112, 2.2).
constexpr int most_leading_empty_lines = 4;

using byte_class = std::array<bool, 256>;

constexpr byte_class class_of(std::string_view others, bool letters_and_digits = true)
{
    byte_class set{};
    if (letters_and_digits)
        for (int c = 0; c < 256; ++c)
            set[static_cast<std::size_t>(c)] =
                (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    for (const char c : others)
        set[static_cast<unsigned char>(c)] = true;
    return set;
}

constexpr byte_class token_class = class_of("!#$%&'*+-.^_`|~");
// RFC 3986: unreserved, sub-delims, ":", "@", "/", "?", and "%". Square brackets are let through as well: every
// browser sends them bare in queries.
constexpr byte_class target_class = class_of("-._~!$&'()*+,;=:@/?%[]");

bool in(const byte_class& set, char c) noexcept
{
    return set[static_cast<unsigned char>(c)];
}

bool all_in(const byte_class& set, std::string_view text) noexcept
{
    bool all = true;
    for (const char c : text)
        all &= in(set, c);
    return all;
}

constexpr int hex_value(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/// Every % begins two hex digits that are not those of NUL.
bool well_encoded(std::string_view text) noexcept
{
    for (std::size_t i = text.find('%'); i != std::string_view::npos; i = text.find('%', i + 3))
    {
        if (i + 2 >= text.size())
            return false;
        const int high = hex_value(text[i + 1]);
        const int low = hex_value(text[i + 2]);
        if (high < 0 || low < 0 || (high == 0 && low == 0))
            return false;
    }
    return true;
}

/// "." or "..", with dots encoded or not.
bool is_dot_segment(std::string_view segment) noexcept
{
    int dots = 0;
    while (!segment.empty())
    {
        if (segment[0] == '.')
            segment.remove_prefix(1);
        else if (segment.size() >= 3 && segment[0] == '%' && segment[1] == '2' && (segment[2] | 0x20) == 'e')
            segment.remove_prefix(3);
        else
            return false;
        ++dots;
    }
    return dots == 1 || dots == 2;
}

/// Clients resolve dot segments before they ask (RFC 3986, 5.2.4). Who sends one wants out of the tree.
bool has_dot_segment(std::string_view path) noexcept
{
    for (std::size_t begin = 1; begin <= path.size();)
    {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        if (is_dot_segment(path.substr(begin, end - begin)))
            return true;
        begin = end + 1;
    }
    return false;
}

known_field known_name(std::string_view name) noexcept
{
    // By length first: most names are none of these.
    switch (name.size())
    {
    case 4:
        return equals_ignoring_case(name, "host") ? known_field::host : known_field::other;
    case 6:
        return equals_ignoring_case(name, "expect") ? known_field::expect : known_field::other;
    case 10:
        return equals_ignoring_case(name, "connection") ? known_field::connection : known_field::other;
    case 14:
        return equals_ignoring_case(name, "content-length") ? known_field::content_length : known_field::other;
    case 17:
        return equals_ignoring_case(name, "transfer-encoding") ? known_field::transfer_encoding
                                                                : known_field::other;
    default:
        return known_field::other;
    }
}

/// Gives lines of `bytes`, each ended by CRLF and given without it.
class lines
{
  public:
    lines(std::string_view bytes, std::size_t longest) noexcept : bytes_(bytes), longest_(longest) {}

    enum class result
    {
        line,
        not_whole,
        bare_end, // an LF without its CR, or a CR without its LF
        too_long,
    };

    result next(piece& line) noexcept
    {
        const char* const begin = bytes_.data() + at_;
        const std::size_t left = bytes_.size() - at_;
        const void* const found = std::memchr(begin, '\n', left);
        if (!found)
            return left > longest_ + 1 ? result::too_long : result::not_whole;
        const auto size = static_cast<std::size_t>(static_cast<const char*>(found) - begin);
        if (size == 0 || begin[size - 1] != '\r')
            return result::bare_end;
        if (size - 1 > longest_)
            return result::too_long;
        line = {static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(size - 1)};
        at_ += size + 1;
        return result::line;
    }

    std::size_t position() const noexcept { return at_; }

  private:
    std::string_view bytes_;
    std::size_t longest_;
    std::size_t at_ = 0;
};

bool refuse(refusal& out, status code, const char* why) noexcept
{
    out = {code, why};
    return false;
}

piece piece_of(const char* base, std::string_view text) noexcept
{
    return {static_cast<std::uint32_t>(text.data() - base), static_cast<std::uint32_t>(text.size())};
}

verb verb_of(std::string_view text)
{
    if (text == "GET")
        return verb::get;
    if (text == "POST")
        return verb::post;
    return boost::beast::http::string_to_verb({text.data(), text.size()});
}

/// "HTTP/" DIGIT "." DIGIT. A minor version above ours is served as ours (RFC 9110, 2.5).
bool parse_version(std::string_view text, request_head& head, refusal& why) noexcept
{
    if (text == "HTTP/1.1")
    {
        head.version = 11;
        return true;
    }
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() != 8 || !text.starts_with("HTTP/") || !digit(text[5]) || text[6] != '.' || !digit(text[7]))
        return refuse(why, status::bad_request, "malformed version");
    if (text[5] != '1')
        return refuse(why, status::http_version_not_supported, "not HTTP/1");
    head.version = text[7] == '0' ? 10 : 11;
    return true;
}

/// http://authority/path, as a proxy is asked; a server has to understand it (RFC 9112, 3.2.2).
bool split_absolute(std::string_view& target, std::string_view& authority) noexcept
{
    for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")})
        if (target.size() > scheme.size() && equals_ignoring_case(target.substr(0, scheme.size()), scheme))
        {
            target.remove_prefix(scheme.size());
            const std::size_t end = std::min(target.find_first_of("/?"), target.size());
            authority = target.substr(0, end);
            target.remove_prefix(end);
            return true;
        }
    return false;
}

bool parse_target(const char* base, std::string_view target, request_head& head, refusal& why) noexcept
{
    head.target = piece_of(base, target);
    if (!all_in(target_class, target))
        return refuse(why, status::bad_request, "character not allowed in the target");
    if (target == "*")
    {
        if (head.method != verb::options)
            return refuse(why, status::bad_request, "* is for OPTIONS only");
        head.path = head.target;
        return true;
    }
    std::string_view rest = target;
    std::string_view authority;
    if (rest[0] != '/')
    {
        if (!split_absolute(rest, authority) || authority.empty())
            return refuse(why, status::bad_request, "malformed target");
        head.absolute = true;
        head.authority = piece_of(base, authority);
    }
    const std::size_t query = std::min(rest.find('?'), rest.size());
    const std::string_view path = rest.substr(0, query);
    head.path = piece_of(base, path);
    if (query < rest.size())
        head.query = piece_of(base, rest.substr(query + 1));

    head.encoded = path.find('%') != std::string_view::npos;
    if (!well_encoded(rest))
        return refuse(why, status::bad_request, "malformed percent-encoding");
    if ((head.encoded || path.find("/.") != std::string_view::npos) && has_dot_segment(path))
        return refuse(why, status::bad_request, "dot segment in the path");
    return true;
}

bool parse_request_line(const char* base, piece line, request_head& head, refusal& why)
{
    const std::string_view text = line.of(base);
    const std::size_t method_end = text.find(' ');
    if (method_end == std::string_view::npos || !is_token(text.substr(0, method_end)))
        return refuse(why, status::bad_request, "malformed request line");
    const std::size_t target_end = text.find(' ', method_end + 1);
    if (target_end == std::string_view::npos || target_end == method_end + 1)
        return refuse(why, status::bad_request, "malformed request line");

    const std::string_view method = text.substr(0, method_end);
    head.method_text = piece_of(base, method);
    head.method = verb_of(method);
    if (!parse_version(text.substr(target_end + 1), head, why))
        return false;
    if (head.method == verb::unknown || head.method == verb::connect)
        return refuse(why, status::not_implemented, "method not implemented");
    return parse_target(base, text.substr(method_end + 1, target_end - method_end - 1), head, why);
}

} // namespace

bool is_token(std::string_view text) noexcept
{
    return !text.empty() && all_in(token_class, text);
}

bool is_field_value(std::string_view text) noexcept
{
    bool sound = true;
    for (const char c : text)
    {
        const auto byte = static_cast<unsigned char>(c);
        sound &= (byte >= 0x20 || byte == '\t') && byte != 0x7f;
    }
    return sound;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept
{
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
        if (lower(a[i]) != lower(b[i]))
            return false;
    }
    return true;
}

std::string_view trimmed(std::string_view text) noexcept
{
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && blank(text.back()))
        text.remove_suffix(1);
    return text;
}

bool parse_field_line(std::string_view bytes, piece line, field_line& out)
{
    const std::string_view text = line.of(bytes.data());
    const std::size_t colon = text.find(':');
    // A space in front, of the line (obs-fold) or of the colon, is no token character: refused with the rest.
    if (colon == std::string_view::npos || !is_token(text.substr(0, colon)))
        return false;
    const std::string_view value = trimmed(text.substr(colon + 1));
    if (!is_field_value(value))
        return false;
    out.name = {line.at, static_cast<std::uint32_t>(colon)};
    out.value = piece_of(bytes.data(), value);
    out.known = known_name(text.substr(0, colon));
    return true;
}

progress parse_head(std::string_view bytes, const head_limits& limits, request_head& head, refusal& why)
{
    head.clear();
    const auto refused = [&](status code, const char* reason)
    {
        why = {code, reason};
        return progress::refused;
    };
    const auto too_large = [&] { return refused(status::request_header_fields_too_large, "the head is too large"); };

    lines in(bytes, limits.line);
    int empty_lines = 0;
    bool has_request_line = false;
    for (;;)
    {
        piece line;
        switch (in.next(line))
        {
        case lines::result::not_whole:
            return bytes.size() > limits.head ? too_large() : progress::partial;
        case lines::result::bare_end:
            return refused(status::bad_request, "a line has to end with CRLF");
        case lines::result::too_long:
            return has_request_line ? refused(status::request_header_fields_too_large, "a field is too long")
                                    : refused(status::uri_too_long, "the request line is too long");
        case lines::result::line:
            break;
        }
        if (in.position() > limits.head)
            return too_large();

        if (!has_request_line)
        {
            if (line.size == 0)
            {
                if (++empty_lines > most_leading_empty_lines)
                    return refused(status::bad_request, "empty lines instead of a request");
                continue;
            }
            if (!parse_request_line(bytes.data(), line, head, why))
                return progress::refused;
            has_request_line = true;
            continue;
        }
        if (line.size == 0)
        {
            head.size = static_cast<std::uint32_t>(in.position());
            return progress::whole;
        }
        if (head.fields.size() == limits.fields)
            return refused(status::request_header_fields_too_large, "too many fields");
        field_line field;
        if (!parse_field_line(bytes, line, field))
            return refused(status::bad_request, "malformed header field");
        head.fields.push_back(field);
    }
}

} // namespace naru::http
