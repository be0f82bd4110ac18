#include "typed_lines.hpp"

#include <utility>

namespace demo
{

std::optional<typed_lines::line> typed_lines::next()
{
    while (at_ < unread_.size())
    {
        const char c = unread_[at_++];
        const bool second_half = std::exchange(after_return_, c == '\r') && c == '\n';
        if (c == '\r' || (c == '\n' && !second_half))
            return std::exchange(line_, {});
        type(c);
    }
    unread_.clear();
    at_ = 0;
    return std::nullopt;
}

void typed_lines::type(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\b' || byte == 0x7f)
        take_back();
    else if (c == erase_all)
        line_ = {};
    else if (c == '\t')
        type(' ');
    else if (byte < ' ')
        return;
    else if (line_.text.size() < longest_)
        line_.text += c;
    else
        line_.too_long = true;
}

/// A character of UTF-8 ends with its continuation bytes, 10xxxxxx.
void typed_lines::take_back()
{
    bool continuation = true;
    while (continuation && !line_.text.empty())
    {
        continuation = (static_cast<unsigned char>(line_.text.back()) & 0xc0) == 0x80;
        line_.text.pop_back();
    }
}

} // namespace demo
