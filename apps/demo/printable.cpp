#include "printable.hpp"

#include <algorithm>

namespace demo
{

namespace
{

struct decoded
{
    char32_t value = 0;
    std::size_t size = 0; // 0: not UTF-8
};

/// The first character of `text`, which is not empty. RFC 3629: the shortest form only, no surrogates.
decoded decode(std::string_view text) noexcept
{
    const auto at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = at(0);
    if (first < 0x80)
        return {first, 1};
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < size)
        return {};
    char32_t value = first & (0x7fu >> size);
    for (std::size_t i = 1; i < size; ++i)
    {
        if ((at(i) & 0xc0) != 0x80)
            return {};
        value = value << 6 | (at(i) & 0x3fu);
    }
    constexpr char32_t smallest[]{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    return value < smallest[size] || value > 0x10ffff || surrogate ? decoded{} : decoded{value, size};
}

bool is_break(char32_t c) noexcept
{
    return (c >= '\t' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool is_shown(char32_t c) noexcept
{
    const bool control = c < 0x20 || (c >= 0x7f && c <= 0x9f);
    const bool direction = c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
                           (c >= 0x2066 && c <= 0x2069);
    return !control && !direction && c != 0xfeff;
}

} // namespace

std::string printable(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty())
    {
        const decoded c = decode(text);
        if (c.size == 0)
            out += "\xef\xbf\xbd";
        else if (is_break(c.value))
            out += ' ';
        else if (is_shown(c.value))
            out += text.substr(0, c.size);
        text.remove_prefix(std::max<std::size_t>(1, c.size));
    }
    return out;
}

std::size_t characters(std::string_view text) noexcept
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

} // namespace demo
