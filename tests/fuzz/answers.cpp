#include "answers.hpp"

#include "target.hpp"

#include <algorithm>
#include <charconv>

namespace fuzz
{

namespace
{

constexpr std::string_view version = "HTTP/1.1 ";

std::uint64_t number(std::string_view text)
{
    std::uint64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    require(error == std::errc() && end == text.data() + text.size(), "a number in an answer is one");
    return out;
}

} // namespace

void answers::received(std::string_view bytes)
{
    require(bytes.empty() || !closes_ || !unread_.empty(), "nothing follows the answer that closes");
    unread_.append(bytes);
    while (take_one())
        require(!closes_ || unread_.empty(), "nothing follows the answer that closes");
}

/// False when more bytes have to come first.
bool answers::take_one()
{
    const std::size_t begin = std::min(unread_.size(), version.size());
    require(unread_.compare(0, begin, version, 0, begin) == 0, "an answer begins with its version");
    const std::size_t end = unread_.find("\r\n\r\n");
    if (end == std::string::npos)
        return false;
    const std::string_view rest = std::string_view(unread_).substr(end + 4);
    read_head(std::string_view(unread_).substr(0, end + 2));
    std::size_t content = 0;
    if (length_ > 0 && !without_content_ && !rest.starts_with(version))
    {
        content = length_;
        if (rest.size() < length_ || version.starts_with(rest))
        {
            closes_ = false; // it is read again when there is more
            return false;
        }
    }
    unread_.erase(0, end + 4 + content);
    return !unread_.empty();
}

void answers::read_head(std::string_view head)
{
    has_length_ = closes_ = false;
    length_ = 0;
    const std::string_view line = head.substr(0, head.find("\r\n"));
    require(line.size() >= version.size() + 4 && line[version.size() + 3] == ' ',
            "a status line has three parts");
    const std::uint64_t status = number(line.substr(version.size(), 3));
    require(status >= 100 && status <= 999, "a status has three digits");
    without_content_ = status < 200 || status == 204 || status == 304;
    head.remove_prefix(line.size() + 2);
    while (!head.empty())
    {
        const std::string_view field = head.substr(0, head.find("\r\n"));
        const std::size_t colon = field.find(": ");
        require(colon != std::string_view::npos && colon > 0, "a field has a name and a value");
        require(
            std::all_of(field.begin(), field.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7f; }),
            "a field has no control characters");
        read_field(field.substr(0, colon), field.substr(colon + 2));
        head.remove_prefix(field.size() + 2);
    }
    require(without_content_ || has_length_, "an answer says how long it is");
}

void answers::read_field(std::string_view name, std::string_view value)
{
    if (name == "Content-Length")
    {
        require(!has_length_, "an answer has one length");
        has_length_ = true;
        length_ = number(value);
    }
    else if (name == "Connection")
        closes_ = value == "close";
    else if (name == "X-Call")
        in_order(number(value));
}

/// The same answer's head may be read more than once, while its content is still to come.
void answers::in_order(std::uint64_t call)
{
    require(call >= last_call_, "answers come in the order of their requests");
    last_call_ = call;
}

} // namespace fuzz
