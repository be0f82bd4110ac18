#include "http/chunk_decoder.hpp"

#include "http/framing_rules.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace naru::http
{

namespace
{

using boost::beast::http::status;

constexpr std::size_t longest_size_line = 1024;
constexpr std::size_t most_extensions = 16 * 1024; // in one message
constexpr std::size_t most_digits = 16;

progress refused(refusal& out, status code, const char* why) noexcept
{
    out = {code, why};
    return progress::refused;
}

std::size_t skip_blanks(std::string_view text, std::size_t at) noexcept
{
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t'))
        ++at;
    return at;
}

std::size_t token_end(std::string_view text, std::size_t at) noexcept
{
    while (at < text.size() && is_token(text.substr(at, 1)))
        ++at;
    return at;
}

/// One past the closing quote, or npos. quoted-string of RFC 9110, 5.6.4.
std::size_t quoted_end(std::string_view text, std::size_t at) noexcept
{
    for (++at; at < text.size(); ++at)
    {
        if (text[at] == '"')
            return at + 1;
        if (text[at] == '\\')
            ++at;
    }
    return std::string_view::npos;
}

/// chunk-ext: *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ).
bool sound_extensions(std::string_view text) noexcept
{
    if (!is_field_value(text))
        return false;
    std::size_t at = 0;
    while (at < text.size())
    {
        at = skip_blanks(text, at);
        if (at == text.size() || text[at] != ';')
            return false;
        at = skip_blanks(text, at + 1);
        const std::size_t name = at;
        at = token_end(text, at);
        if (at == name)
            return false;
        const std::size_t equals = skip_blanks(text, at);
        if (equals == text.size() || text[equals] != '=')
            continue;
        at = skip_blanks(text, equals + 1);
        const std::size_t value = at;
        at = at < text.size() && text[at] == '"' ? quoted_end(text, at) : token_end(text, at);
        if (at == std::string_view::npos || at == value)
            return false;
    }
    return true;
}

} // namespace

progress chunk_decoder::line(std::string_view body, std::size_t longest, std::string_view& out, refusal& why)
{
    const char* const begin = body.data() + read_;
    const char* const from = begin + scanned_;
    const std::size_t left = body.size() - read_;
    const void* const found = std::memchr(from, '\n', left - scanned_);
    const std::size_t size = found ? static_cast<std::size_t>(static_cast<const char*>(found) - begin) : left;
    // The one byte that may follow a CR is the LF. Looked for first, and no further than a line may go: so it
    // is the same fault when the line has come in part and when it is whole.
    const std::size_t looked_at = std::min(size, longest + 1);
    const void* const cr = looked_at > scanned_ ? std::memchr(from, '\r', looked_at - scanned_) : nullptr;
    if (cr && cr != begin + size - 1)
        return refused(why, status::bad_request, "a CR without its LF in the chunked coding");
    if (size > longest + 1)
        return refused(
            why, state_ == state::trailer ? status::request_header_fields_too_large : status::bad_request,
            "a line of the chunked coding is too long");
    if (!found)
    {
        scanned_ = cr ? size - 1 : size;
        return progress::partial;
    }
    if (size == 0 || begin[size - 1] != '\r')
        return refused(why, status::bad_request, "a line of the chunked coding has to end with CRLF");
    out = {begin, size - 1};
    scanned_ = 0;
    return progress::whole;
}

bool chunk_decoder::begin_chunk(std::string_view line, refusal& why)
{
    std::size_t size = 0;
    const auto [end, ec] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
    const auto digits = static_cast<std::size_t>(end - line.data());
    if (digits == 0 || digits > most_digits || ec != std::errc{} || size >> 63)
    {
        why = {status::bad_request, "malformed chunk size"};
        return false;
    }
    const std::string_view extensions = line.substr(digits);
    extensions_ += extensions.size();
    if (!sound_extensions(extensions) || extensions_ > most_extensions)
    {
        why = {status::bad_request, "malformed chunk extension"};
        return false;
    }
    if (size > longest_body_ - content_)
    {
        why = {status::payload_too_large, "the content is too large"};
        return false;
    }
    left_ = size;
    state_ = size > 0 ? state::data : state::trailer;
    return true;
}

progress chunk_decoder::decode(std::span<char> body, refusal& why)
{
    const std::string_view bytes(body.data(), body.size());
    for (;;)
    {
        std::string_view text;
        switch (state_)
        {
        case state::size_line:
        {
            const progress got = line(bytes, longest_size_line, text, why);
            if (got != progress::whole)
                return got;
            if (!begin_chunk(text, why))
                return progress::refused;
            read_ += text.size() + 2;
            break;
        }
        case state::data:
        {
            const std::size_t here = std::min(left_, body.size() - read_);
            if (content_ != read_)
                std::memmove(body.data() + content_, body.data() + read_, here);
            content_ += here;
            read_ += here;
            left_ -= here;
            if (left_ > 0)
                return progress::partial;
            state_ = state::data_end;
            break;
        }
        case state::data_end:
        {
            const std::string_view end = bytes.substr(read_, 2);
            if (end != std::string_view("\r\n").substr(0, end.size()))
                return refused(why, status::bad_request, "a chunk is longer than its size");
            if (end.size() < 2)
                return progress::partial;
            read_ += 2;
            state_ = state::size_line;
            break;
        }
        case state::trailer:
        {
            const progress got = line(bytes, limits_.line, text, why);
            if (got != progress::whole)
                return got;
            read_ += text.size() + 2;
            if (text.empty())
                return progress::whole;
            trailer_size_ += text.size() + 2;
            if (++trailer_fields_ > limits_.fields || trailer_size_ > limits_.head)
                return refused(why, status::request_header_fields_too_large, "the trailer is too large");
            known_field field{};
            if (!parse_field_line(text, field) || forbidden_in_trailer(field))
                return refused(why, status::bad_request, "malformed trailer field");
            break;
        }
        }
    }
}

} // namespace naru::http
