#include "answer.hpp"

#include <algorithm>
#include <cstdint>

namespace conformance
{
namespace
{

constexpr std::string_view digits = "0123456789";
constexpr std::string_view token_characters =
    "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(std::string_view left, std::string_view right)
{
    return std::ranges::equal(left, right, {}, lower, lower);
}

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    return first == text.npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_field_text(std::string_view text)
{
    return std::ranges::all_of(text, [](unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7f); });
}

/// `HTTP/1.1 200 OK`; the reason may be empty, the space before it not (RFC 9112, 4).
int read_status(std::string_view line)
{
    if (line.size() < 13 || !line.starts_with("HTTP/1.1 ") || line[12] != ' ' || !is_field_text(line) ||
        line.substr(9, 3).find_first_not_of(digits) != line.npos || line[9] == '0')
    {
        throw bad_answer("status line: " + std::string(line));
    }
    return (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
}

std::pair<std::string, std::string> read_field(std::string_view line)
{
    const auto colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == line.npos || name.empty() || name.find_first_not_of(token_characters) != name.npos ||
        !is_field_text(line))
    {
        throw bad_answer("field line: " + std::string(line));
    }
    return {std::string(name), std::string(trimmed(line.substr(colon + 1)))};
}

/// Bytes of content after the head. Naru knows the length of all that it sends, so Content-Length is there
/// wherever content may be, and Transfer-Encoding nowhere.
std::size_t read_length(const answer& head, bool to_head)
{
    std::optional<std::size_t> length;
    for (const auto& [name, value] : head.fields)
    {
        if (same(name, "Transfer-Encoding"))
        {
            throw bad_answer("Transfer-Encoding in an answer");
        }
        if (same(name, "Content-Length"))
        {
            if (length || value.empty() || value.size() > 9 || value.find_first_not_of(digits) != value.npos)
            {
                throw bad_answer("Content-Length: " + value);
            }
            length = std::stoul(value);
        }
    }
    const bool without_content = head.status < 200 || head.status == 204;
    if (without_content && length)
    {
        throw bad_answer("Content-Length in an answer that cannot have content"); // RFC 9110, 8.6
    }
    if (without_content || head.status == 304 || (to_head && length))
    {
        return 0;
    }
    if (!length)
    {
        throw bad_answer("no Content-Length");
    }
    return *length;
}

} // namespace

bool answer::has(std::string_view name) const
{
    return std::ranges::any_of(fields, [name](const auto& field) { return same(field.first, name); });
}

bool answer::has_member(std::string_view name, std::string_view member) const
{
    for (const auto& [field_name, value] : fields)
    {
        if (!same(field_name, name))
        {
            continue;
        }
        std::string_view left = value;
        while (!left.empty())
        {
            const auto comma = std::min(left.find(','), left.size());
            if (same(trimmed(left.substr(0, comma)), member))
            {
                return true;
            }
            left.remove_prefix(std::min(comma + 1, left.size()));
        }
    }
    return false;
}

std::optional<answer> answer_reader::next(bool to_head)
{
    const auto head_end = bytes_.find("\r\n\r\n");
    if (head_end == bytes_.npos)
    {
        return std::nullopt;
    }

    answer read;
    std::string_view head = std::string_view(bytes_).substr(0, head_end);
    auto line_end = std::min(head.find("\r\n"), head.size());
    read.status = read_status(head.substr(0, line_end));
    while (line_end < head.size())
    {
        head.remove_prefix(line_end + 2);
        line_end = std::min(head.find("\r\n"), head.size());
        read.fields.push_back(read_field(head.substr(0, line_end)));
    }

    const std::size_t length = read_length(read, to_head);
    const std::size_t content = head_end + 4;
    if (bytes_.size() - content < length)
    {
        return std::nullopt;
    }
    read.body = bytes_.substr(content, length);
    bytes_.erase(0, content + length);
    return read;
}

} // namespace conformance
