#include "http/framing_rules.hpp"

#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace naru::http
{

namespace
{

using boost::beast::http::status;

/// unreserved and sub-delims of RFC 3986, 3.2.2, without the comma: intermediaries may make a list of two
/// Host fields (RFC 9110, 5.3), so a comma could be two hosts.
constexpr std::array<bool, 256> make_reg_name_table()
{
    std::array<bool, 256> table{};
    for (int c = 0; c < 256; ++c)
        table[static_cast<std::size_t>(c)] =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    for (const char c : std::string_view("-._~!$&'()*+;="))
        table[static_cast<unsigned char>(c)] = true;
    return table;
}
constexpr std::array<bool, 256> reg_name_table = make_reg_name_table();

bool all_digits(std::string_view text) noexcept
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Calls `act` for each element of a comma-separated list, trimmed, empty ones too; false when `act` says so.
template <class Act>
bool each_element(std::string_view list, Act act)
{
    for (;;)
    {
        const std::size_t comma = list.find(',');
        if (!act(trimmed(list.substr(0, comma))))
            return false;
        if (comma == std::string_view::npos)
            return true;
        list.remove_prefix(comma + 1);
    }
}

/// What all lines of a head say, gathered before anything is decided.
struct findings
{
    int hosts = 0;
    int lengths = 0;
    piece host;
    piece length;
    int codings = 0; // elements of all Transfer-Encoding lines
    bool last_is_chunked = false;
    int times_chunked = 0;
    bool empty_coding = false;
    bool asks_close = false;
    bool asks_keep_alive = false;
    bool expects_continue = false;
    bool expects_other = false;
};

findings gather(std::string_view bytes, const request_head& head)
{
    findings found;
    for (const field_line& field : head.fields)
    {
        if (field.known == known_field::other)
            continue; // most are
        const std::string_view value = field.value.of(bytes.data());
        switch (field.known)
        {
        case known_field::host:
            ++found.hosts;
            found.host = field.value;
            break;
        case known_field::content_length:
            ++found.lengths;
            found.length = field.value;
            break;
        case known_field::transfer_encoding:
            each_element(value,
                         [&](std::string_view coding)
                         {
                             ++found.codings;
                             found.empty_coding |= coding.empty();
                             found.last_is_chunked = equals_ignoring_case(coding, "chunked");
                             found.times_chunked += found.last_is_chunked;
                             return true;
                         });
            break;
        case known_field::connection:
            each_element(value,
                         [&](std::string_view option)
                         {
                             found.asks_close |= equals_ignoring_case(option, "close");
                             found.asks_keep_alive |= equals_ignoring_case(option, "keep-alive");
                             return true;
                         });
            break;
        case known_field::expect:
            each_element(value,
                         [&](std::string_view expectation)
                         {
                             const bool known = equals_ignoring_case(expectation, "100-continue");
                             found.expects_continue |= known;
                             found.expects_other |= !known;
                             return true;
                         });
            break;
        case known_field::other:
            break;
        }
    }
    return found;
}

bool judge_host(std::string_view bytes, const request_head& head, const findings& found,
                empty_host when_empty, verdict& out, refusal& why)
{
    if (found.hosts != 1)
    {
        if (found.hosts > 1)
            return refuse(why, status::bad_request, "more than one Host");
        if (head.version >= 11)
            return refuse(why, status::bad_request, "no Host");
    }
    else if ((found.host.size > 0 || when_empty == empty_host::refused) &&
             !is_authority(found.host.of(bytes.data())))
        return refuse(why, status::bad_request, "malformed Host");
    if (head.absolute && !is_authority(head.authority.of(bytes.data())))
        return refuse(why, status::bad_request, "malformed authority in the target");
    out.host = head.absolute ? head.authority : found.host;
    return true;
}

bool judge_coding(const request_head& head, const findings& found, verdict& out, refusal& why)
{
    if (found.lengths > 0)
        return refuse(why, status::bad_request, "both Content-Length and Transfer-Encoding");
    if (head.version < 11)
        return refuse(why, status::bad_request, "Transfer-Encoding in HTTP/1.0");
    if (found.empty_coding || !found.last_is_chunked || found.times_chunked > 1)
        return refuse(why, status::bad_request, "Transfer-Encoding does not end with one chunked");
    if (found.codings > 1)
        return refuse(why, status::not_implemented, "transfer coding not implemented");
    out.content = framing::chunked;
    return true;
}

bool judge_length(std::string_view text, int lines, std::uint64_t longest_body, verdict& out, refusal& why)
{
    if (lines > 1)
        return refuse(why, status::bad_request, "more than one Content-Length");
    if (!all_digits(text))
        return refuse(why, status::bad_request, "malformed Content-Length");
    const std::optional<std::uint64_t> length = content_length(text);
    if (!length)
        return refuse(why, status::bad_request, "Content-Length out of range");
    if (*length > longest_body)
        return refuse(why, status::payload_too_large, "the content is too large");
    out.content = *length > 0 ? framing::length : framing::none;
    out.length = *length;
    return true;
}

/// One past the longest reg-name at `at`.
const char* reg_name_end(const char* at, const char* end) noexcept
{
    for (;;)
    {
        while (at != end && reg_name_table[static_cast<unsigned char>(*at)])
            ++at;
        if (at == end || *at != '%' ||
            !well_encoded({at, std::min<std::size_t>(3, static_cast<std::size_t>(end - at))}))
            return at;
        at += 3;
    }
}

/// IPvFuture: "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" ).
bool is_future_literal(std::string_view text) noexcept
{
    if (!text.starts_with('v') && !text.starts_with('V'))
        return false;
    const std::size_t dot = text.find_first_not_of("0123456789abcdefABCDEF", 1);
    return dot != std::string_view::npos && dot > 1 && text[dot] == '.' && dot + 1 < text.size() &&
           std::all_of(text.begin() + static_cast<std::ptrdiff_t>(dot) + 1, text.end(),
                       [](char c) { return c == ':' || reg_name_table[static_cast<unsigned char>(c)]; });
}

bool is_ipv6_literal(std::string_view text) noexcept
{
    char buffer[64];
    if (text.size() >= sizeof buffer || text.find('%') != std::string_view::npos)
        return false;
    buffer[text.copy(buffer, text.size())] = '\0';
    boost::system::error_code ec;
    boost::asio::ip::make_address_v6(static_cast<const char*>(buffer), ec);
    return !ec;
}

} // namespace

bool judge(std::string_view bytes, const request_head& head, std::uint64_t longest_body, verdict& out,
           refusal& why, empty_host when_empty)
{
    out = {};
    findings found;
    if (head.fields.size() == 1 &&
        head.has_only(known_field::host)) // a client that says no more than it must
    {
        found.hosts = 1;
        found.host = head.fields[0].value;
    }
    else
        found = gather(bytes, head);
    if (!judge_host(bytes, head, found, when_empty, out, why))
        return false;
    if (found.codings > 0)
    {
        if (!judge_coding(head, found, out, why))
            return false;
    }
    else if (found.lengths > 0)
    {
        if (!judge_length(found.length.of(bytes.data()), found.lengths, longest_body, out, why))
            return false;
    }
    // RFC 9112, 9.3: close wins; HTTP/1.0 keeps only what asks to be kept.
    out.keep_alive = !found.asks_close && (head.version >= 11 || found.asks_keep_alive);
    if (head.version >= 11)
    {
        if (found.expects_other)
            return refuse(why, status::expectation_failed, "expectation not understood");
        out.expects_continue = found.expects_continue && out.content != framing::none;
    }
    return true;
}

std::optional<std::uint64_t> content_length(std::string_view text) noexcept
{
    std::uint64_t length = 0;
    if (!all_digits(text))
        return std::nullopt;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (ec != std::errc{} || length >> 63)
        return std::nullopt;
    return length;
}

bool is_authority(std::string_view text) noexcept
{
    std::size_t at = 0;
    if (text.starts_with('['))
    {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos)
            return false;
        const std::string_view literal = text.substr(1, end - 1);
        if (!is_ipv6_literal(literal) && !is_future_literal(literal))
            return false;
        at = end + 1;
    }
    else
    {
        const char* const begin = text.data();
        at = static_cast<std::size_t>(reg_name_end(begin, begin + text.size()) - begin);
        if (at == 0)
            return false;
    }
    if (at == text.size())
        return true;
    if (text[at++] != ':')
        return false;
    unsigned port = 0; // *DIGIT: there may be none
    for (; at < text.size(); ++at)
    {
        if (text[at] < '0' || text[at] > '9')
            return false;
        port = port * 10 + static_cast<unsigned>(text[at] - '0');
        if (port > 65535)
            return false;
    }
    return true;
}

bool forbidden_in_trailer(known_field field) noexcept
{
    return field == known_field::host || field == known_field::content_length ||
           field == known_field::transfer_encoding;
}

} // namespace naru::http
