#include "http/head.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace naru::http
{

namespace
{

using boost::beast::http::status;
using boost::beast::http::verb;

// Empty lines before a request line: some clients end a body with one too many (RFC 9112, 2.2).
constexpr int most_leading_empty_lines = 4;

using byte_table = std::array<std::uint8_t, 256>;

/// Letters, digits and `others`, each marked with `mark`.
constexpr byte_table table_of(std::string_view others, std::uint8_t mark = 1)
{
    byte_table table{};
    for (int c = 0; c < 256; ++c)
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
            table[static_cast<std::size_t>(c)] = mark;
    for (const char c : others)
        table[static_cast<unsigned char>(c)] = mark;
    return table;
}

constexpr byte_table token_table = table_of("!#$%&'*+-.^_`|~");

// What a target is made of, RFC 3986: unreserved, sub-delims, ":", "@", "/"; and what has to be looked at
// again when it is there. Browsers encode less than RFC 3986 asks for: square brackets come bare in paths and
// queries, the bytes of `query_only` in queries. There they mean themselves and nothing else, so they are let
// through.
constexpr std::uint8_t plain_byte = 1;
constexpr std::uint8_t query_mark = 2;
constexpr std::uint8_t percent_mark = 4;
constexpr std::uint8_t dot_mark = 8;
constexpr std::uint8_t query_only_mark = 16;

constexpr std::string_view query_only = "{}|^`\\";

constexpr byte_table make_target_table()
{
    byte_table table = table_of("-_~!$&'()*+,;=:@/[]", plain_byte);
    for (const char c : query_only)
        table[static_cast<unsigned char>(c)] = query_only_mark;
    table['?'] = query_mark;
    table['%'] = percent_mark;
    table['.'] = dot_mark;
    return table;
}
constexpr byte_table target_table = make_target_table();

std::uint8_t look_up(const byte_table& table, char c) noexcept
{
    return table[static_cast<unsigned char>(c)];
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

} // namespace

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

namespace
{

/// Clients resolve dot segments before they ask (RFC 3986, 5.2.4): a dot segment is an attempt to leave the
/// tree. So is one whose dots or slashes are percent-encoded, since a handler is given decoded text. `path`
/// is well encoded.
bool has_dot_segment(std::string_view path) noexcept
{
    constexpr int others = 3; // the segment is neither "." nor ".."
    int dots = 0;             // of the segment so far, which has nothing else in it
    for (std::size_t i = 0; i < path.size(); ++i)
    {
        int c = static_cast<unsigned char>(path[i]);
        if (c == '%')
        {
            c = hex_value(path[i + 1]) * 16 + hex_value(path[i + 2]);
            i += 2;
        }
        if (c == '/')
        {
            if (dots == 1 || dots == 2)
                return true;
            dots = 0;
        }
        else
            dots = c == '.' && dots < others ? dots + 1 : others;
    }
    return dots == 1 || dots == 2;
}

/// `name` is a token, `lower` small letters and hyphens of the same length: then one bit tells the cases
/// apart.
bool is_name(const char* name, std::string_view lower) noexcept
{
    bool same = true;
    for (std::size_t i = 0; i < lower.size(); ++i)
        same &= (name[i] | 0x20) == lower[i];
    return same;
}

known_field known_name(std::string_view name) noexcept
{
    const auto if_is = [name](std::string_view lower, known_field field)
    { return is_name(name.data(), lower) ? field : known_field::other; };
    // By length first: most names are none of these.
    switch (name.size())
    {
    case 4:
        return if_is("host", known_field::host);
    case 6:
        return if_is("expect", known_field::expect);
    case 10:
        return if_is("connection", known_field::connection);
    case 14:
        return if_is("content-length", known_field::content_length);
    case 17:
        return if_is("transfer-encoding", known_field::transfer_encoding);
    default:
        return known_field::other;
    }
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

bool serves(const head_limits& limits, verb method, std::string_view text)
{
    if (method == verb::unknown)
        return std::find(limits.methods.begin(), limits.methods.end(), text) != limits.methods.end();
    return method != verb::connect;
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
    if (text.size() != 8 || !text.starts_with("HTTP/") || !digit(text[5]) || text[6] != '.' ||
        !digit(text[7]))
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

/// `seen`: the marks of the bytes of the target, all of which are allowed ones.
bool parse_target(const char* base, std::string_view target, std::uint8_t seen, request_head& head,
                  refusal& why)
{
    head.target = head.path = piece_of(base, target);
    if (target[0] == '/' && seen == plain_byte)
        return true;
    if (target == "*")
        return head.method == verb::options || refuse(why, status::bad_request, "* is for OPTIONS only");
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
    if ((seen & query_only_mark) && path.find_first_of(query_only) != std::string_view::npos)
        return refuse(why, status::bad_request, "character not allowed in the path");

    head.encoded = path.find('%') != std::string_view::npos;
    if ((seen & percent_mark) && !well_encoded(rest))
        return refuse(why, status::bad_request, "malformed percent-encoding, or an encoded NUL");
    if ((head.encoded || path.find("/.") != std::string_view::npos) && has_dot_segment(path))
        return refuse(why, status::bad_request, "dot segment in the path");
    return true;
}

/// Eight bytes at a time, those that a field value cannot have, and HTAB, which it can.
std::uint64_t unusual_bytes(std::uint64_t eight) noexcept
{
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t tops = 0x8080808080808080;
    const std::uint64_t below_space = (eight - ones * 0x20) & ~eight;
    const std::uint64_t xored = eight ^ (ones * 0x7f);
    const std::uint64_t del = (xored - ones) & ~xored;
    return (below_space | del) & tops;
}

/// Exactly those that a field value cannot have, each marked by its highest bit. Without this second look, a
/// client that sends tabs, one in a packet, would cost forty times what others do.
std::uint64_t forbidden_bytes(std::uint64_t eight) noexcept
{
    constexpr std::uint64_t ones = 0x0101010101010101;
    const auto zeros = [](std::uint64_t of) // no byte borrows from the next
    {
        constexpr std::uint64_t low = ones * 0x7f;
        return ~(((of & low) + low) | of | low);
    };
    return (zeros(eight & (ones * 0xe0)) & ~zeros(eight ^ (ones * '\t'))) | zeros(eight ^ (ones * 0x7f));
}

/// The first byte from `at` on that a field value cannot have, or `stop`.
const char* value_end(const char* at, const char* stop) noexcept
{
    const auto forbidden = [](char c)
    {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && byte != '\t') || byte == 0x7f;
    };
    if constexpr (std::endian::native == std::endian::little)
        while (stop - at >= 8)
        {
            std::uint64_t eight;
            std::memcpy(&eight, at, sizeof eight);
            if (unusual_bytes(eight)) // mostly there are none, and one look is enough
                if (const std::uint64_t found = forbidden_bytes(eight))
                    return at + std::countr_zero(found) / 8;
            at += 8;
        }
    while (at < stop && !forbidden(*at))
        ++at;
    return at;
}

/// The bytes end at `stop`, in `here`: at a limit, or because no more have come. Apart, and by value, so that
/// the reader stays in registers.
[[gnu::noinline, gnu::cold]] progress ran_out(head_position here, std::uint32_t stop,
                                              const head_limits& limits, head_position& position,
                                              refusal& why) noexcept
{
    using part = head_position::part;
    const bool long_line = stop - here.line == limits.line + 2;
    if (!long_line && stop != limits.head)
    {
        position = here;
        return progress::partial;
    }
    if (here.in == part::method)
        why = {status::not_implemented, "the method is too long"}; // RFC 9112, 3
    else if (!long_line)
        why = {status::request_header_fields_too_large, "the head is too large"};
    else if (here.in < part::field_start)
        why = {status::uri_too_long, "the request line is too long"};
    else
        why = {status::request_header_fields_too_large, "a field is too long"};
    return progress::refused;
}

/// One pass over a head. Every byte is looked at once and in order, so that a head cut anywhere is refused
/// for the same reason as a whole one. `fresh`: from its beginning, which is how most heads are read;
/// otherwise it first finishes the line in which `position` lies.
template <bool fresh>
class head_reader
{
  public:
    head_reader(std::string_view bytes, const head_limits& limits, head_position& position,
                request_head& head, refusal& why) noexcept
        : limits_(limits), position_(position), head_(head), why_(why), base_(bytes.data()), at_(base_),
          size_(bytes.size())
    {
    }

    progress read()
    {
        const progress line = first_line();
        if (line != progress::whole)
            return line;
        for (;;)
        {
            begin_line(at_);
            if (at_ == stop_)
                return out_of_bytes(part::field_start);
            if (*at_ == '\r')
            {
                const progress end = line_end(part::field_start);
                if (end == progress::whole)
                    head_.size = static_cast<std::uint32_t>(at_ - base_);
                return end;
            }
            const progress one = field(part::name);
            if (one != progress::whole)
                return one;
        }
    }

  private:
    using part = head_position::part;

    progress first_line()
    {
        if constexpr (fresh)
            return request_line(part::empty_lines);
        begin_line(base_ + position_.line);
        if (position_.in == part::field_start)
            return progress::whole;
        at_ = base_ + position_.at;
        return position_.in < part::field_start ? request_line(position_.in) : field(position_.in);
    }

    /// `from`: the part to begin with; the earlier ones are in `position_` and `head_`.
    progress request_line(part from)
    {
        if (from == part::empty_lines)
        {
            const progress before = skip_empty_lines(fresh ? 0 : position_.empty_lines);
            if (before != progress::whole)
                return before;
        }
        std::string_view method(at_, 3);
        if (from <= part::method)
        {
            if ((fresh || at_ == line_) && stop_ - at_ >= 4 && std::memcmp(at_, "GET ", 4) == 0) // most are
                at_ += 3;
            else
            {
                std::uint8_t ignored = 0;
                take(token_table, ignored);
                method = {line_, static_cast<std::size_t>(at_ - line_)};
            }
            if (at_ == stop_)
                return out_of_bytes(part::method);
            if (method.empty() || *at_ != ' ')
                return refused(status::bad_request, "malformed request line");
            ++at_;
        }
        else
            method = head_.method_text.of(base_);
        std::uint8_t seen = 0;
        std::string_view target;
        if (from <= part::target)
        {
            const char* begin = at_;
            if (from == part::target)
            {
                begin = base_ + position_.begin;
                seen = static_cast<std::uint8_t>(position_.extra);
            }
            take(target_table, seen);
            target = {begin, static_cast<std::size_t>(at_ - begin)};
            if (at_ == stop_)
            {
                head_.method_text = piece_of(base_, method);
                return out_of_bytes(part::target, begin, seen);
            }
            if (target.empty())
                return refused(status::bad_request, "malformed request line");
            if (*at_ == '\r' || *at_ == '\n')
                return refused(status::bad_request, "the request line has no HTTP version");
            if (*at_ != ' ')
                return refused(status::bad_request, "character not allowed in the target");
            ++at_;
        }
        else
        {
            target = head_.target.of(base_);
            seen = static_cast<std::uint8_t>(position_.extra);
        }
        const progress numbered = version(from <= part::target ? at_ : base_ + position_.begin, seen);
        if (numbered != progress::whole)
        {
            head_.method_text = piece_of(base_, method);
            head_.target = piece_of(base_, target);
            return numbered;
        }
        head_.method_text = piece_of(base_, method);
        head_.method = verb_of(method);
        if (!serves(limits_, head_.method, method))
            return refused(status::not_implemented, "method not implemented");
        return parse_target(base_, target, seen, head_, why_) ? progress::whole : progress::refused;
    }

    progress field(part from)
    {
        std::size_t name_size = 0;
        if (from == part::name)
        {
            if (head_.fields.size() == limits_.fields)
                return refused(status::request_header_fields_too_large, "too many fields");
            // A space in front, of the line (obs-fold) or of the colon, is no token character: refused with
            // the rest.
            std::uint8_t ignored = 0;
            take(token_table, ignored);
            if (at_ == stop_)
                return out_of_bytes(part::name);
            if (at_ == line_ || *at_ != ':')
                return refused(status::bad_request, "malformed header field");
            name_size = static_cast<std::size_t>(at_ - line_);
            ++at_;
        }
        else
            name_size = position_.extra;
        if (from <= part::space)
            while (at_ < stop_ && (*at_ == ' ' || *at_ == '\t'))
                ++at_;
        const char* const value = from <= part::space ? at_ : base_ + position_.begin;
        at_ = value_end(at_, stop_);
        const char* end = at_;
        const progress ended =
            line_end(end == value ? part::space : part::value, value, static_cast<std::uint32_t>(name_size));
        if (ended != progress::whole)
            return ended;
        while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
            --end;
        const std::string_view name(line_, name_size);
        const known_field known = known_name(name);
        head_.known |= static_cast<std::uint8_t>(1u << static_cast<unsigned>(known));
        head_.fields.push_back(
            {piece_of(base_, name), piece_of(base_, {value, static_cast<std::size_t>(end - value)}), known});
        return progress::whole;
    }

    progress refused(status code, const char* reason) noexcept
    {
        why_ = {code, reason};
        return progress::refused;
    }

    /// What is left to read of this line: to its limit, the head's, or as far as the bytes go.
    void begin_line(const char* line) noexcept
    {
        line_ = at_ = line;
        const auto done = static_cast<std::size_t>(at_ - base_);
        const std::size_t left = std::min(size_, limits_.head) - std::min(done, limits_.head);
        stop_ = at_ + std::min(left, limits_.line + 2); // with its CRLF
    }

    progress out_of_bytes(part in, const char* begin = nullptr, std::uint32_t extra = 0,
                          int empty_lines = 0) noexcept
    {
        const auto offset = [this](const char* of) { return static_cast<std::uint32_t>(of - base_); };
        return ran_out({in, static_cast<std::uint8_t>(empty_lines), offset(line_), offset(at_),
                        begin ? offset(begin) : 0, extra},
                       offset(stop_), limits_, position_, why_);
    }

    /// `in`, `begin`, `extra`: where to go on when the end is not there yet.
    progress line_end(part in, const char* begin = nullptr, std::uint32_t extra = 0,
                      int empty_lines = 0) noexcept
    {
        if (at_ == stop_)
            return out_of_bytes(in, begin, extra, empty_lines);
        if (*at_ == '\n')
            return refused(status::bad_request, "a line has to end with CRLF");
        if (*at_ != '\r')
            return refused(status::bad_request, "control character in the head");
        if (at_ + 1 == stop_)
            return out_of_bytes(in, begin, extra, empty_lines);
        if (at_[1] != '\n')
            return refused(status::bad_request, "a CR without its LF");
        at_ += 2;
        return progress::whole;
    }

    progress skip_empty_lines(int lines) noexcept
    {
        begin_line(at_);
        for (; at_ < stop_ && *at_ == '\r'; ++lines)
        {
            if (lines == most_leading_empty_lines)
                return refused(status::bad_request, "empty lines instead of a request");
            const progress end = line_end(part::empty_lines, nullptr, 0, lines);
            if (end != progress::whole)
                return end;
            begin_line(at_);
        }
        return at_ == stop_ ? out_of_bytes(part::empty_lines, nullptr, 0, lines) : progress::whole;
    }

    /// Moves to the first byte that is not of `table`; adds the marks of the others to `seen`.
    void take(const byte_table& table, std::uint8_t& seen) noexcept
    {
        const char* const stop = stop_;
        const char* at = at_;
        std::uint8_t marks = seen;
        for (std::uint8_t mark; at != stop && (mark = look_up(table, *at)) != 0; ++at)
            marks |= mark;
        seen = marks;
        at_ = at;
    }

    progress version(const char* const begin, std::uint8_t seen) noexcept
    {
        constexpr std::string_view usual = "HTTP/1.1\r\n";
        if (at_ == begin && stop_ - at_ >= static_cast<std::ptrdiff_t>(usual.size()) &&
            std::memcmp(at_, usual.data(), usual.size()) == 0)
        {
            head_.version = 11;
            at_ += usual.size();
            return progress::whole;
        }
        while (at_<stop_&& * at_> ' ' && *at_ < 0x7f)
            ++at_;
        const std::string_view text(begin, static_cast<std::size_t>(at_ - begin));
        if (at_ < stop_ && *at_ != '\r' && *at_ != '\n')
            return refused(status::bad_request, "malformed version");
        const progress end = line_end(part::version, begin, seen);
        if (end != progress::whole)
            return end;
        return parse_version(text, head_, why_) ? progress::whole : progress::refused;
    }

    const head_limits& limits_;
    head_position& position_;
    request_head& head_;
    refusal& why_;
    const char* base_;
    const char* at_;
    const char* line_ = nullptr;
    const char* stop_ = nullptr;
    std::size_t size_;
};

} // namespace

bool is_token(std::string_view text) noexcept
{
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return look_up(token_table, c) != 0; });
}

bool is_field_value(std::string_view text) noexcept
{
    const char* const end = text.data() + text.size();
    return value_end(text.data(), end) == end;
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

bool parse_field_line(std::string_view line, known_field& known) noexcept
{
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) ||
        !is_field_value(line.substr(colon + 1)))
        return false;
    known = known_name(line.substr(0, colon));
    return true;
}

namespace
{

/// Apart, so that the usual reader stays in registers.
[[gnu::noinline, gnu::cold]] progress go_on(std::string_view bytes, const head_limits& limits,
                                            head_position& position, request_head& head, refusal& why)
{
    return head_reader<false>(bytes, limits, position, head, why).read();
}

} // namespace

[[gnu::flatten]] progress parse_head(std::string_view bytes, const head_limits& limits,
                                     head_position& position, request_head& head, refusal& why)
{
    if (position.in != head_position::part::nothing)
        return go_on(bytes, limits, position, head, why);
    head.clear();
    return head_reader<true>(bytes, limits, position, head, why).read();
}

progress parse_head(std::string_view bytes, const head_limits& limits, request_head& head, refusal& why)
{
    head_position position;
    return parse_head(bytes, limits, position, head, why);
}

} // namespace naru::http
