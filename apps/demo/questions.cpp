#include "questions.hpp"

#include "printable.hpp"
#include "refusal.hpp"
#include "utc.hpp"

#include <naru/server/server.hpp>

#include <algorithm>

namespace demo
{

namespace
{

bool is_letter_or_digit(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_ascii(char c) noexcept
{
    return static_cast<unsigned char>(c) < 0x80;
}

std::string_view trimmed(std::string_view text) noexcept
{
    const std::size_t begin = text.find_first_not_of(' ');
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

std::string checked_text(std::string_view text)
{
    std::string clean = printable(text);
    const std::string_view inside = trimmed(clean);
    if (inside.empty())
        throw refusal("there is nothing to say");
    if (inside.size() > questions::longest_text)
        throw refusal("a message is at most " + std::to_string(questions::longest_text) + " bytes long");
    return std::string(inside);
}

} // namespace

void questions::show(std::string kind, naru::listener at)
{
    listeners_.push_back({std::move(kind), std::move(at)});
}

std::string questions::hello(std::string_view name) const
{
    return "hello, " + (name.empty() ? std::string("world") : questions::name(name));
}

std::string questions::time() const
{
    return utc_now();
}

std::string questions::echo(std::string_view text) const
{
    return printable(text);
}

std::string questions::name(std::string_view wanted)
{
    const std::string clean = printable(wanted);
    const std::string_view inside = trimmed(clean);
    const bool allowed = std::all_of(inside.begin(), inside.end(),
                                     [](char c)
                                     {
                                         return !is_ascii(c) || is_letter_or_digit(c) ||
                                                std::string_view(" -_.'").find(c) != std::string_view::npos;
                                     });
    if (inside.empty() || characters(inside) > longest_name || !allowed)
        throw refusal("a name is 1 to " + std::to_string(longest_name) +
                      " characters: letters, digits, spaces and - _ . '");
    return std::string(inside);
}

std::string questions::room(std::string_view wanted)
{
    const bool allowed = std::all_of(wanted.begin(), wanted.end(),
                                     [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
    if (wanted.empty() || wanted.size() > longest_room || !allowed)
        throw refusal("a room's name is 1 to " + std::to_string(longest_room) +
                      " characters: letters a to z, digits and - _");
    return std::string(wanted);
}

rooms::seat questions::join(std::string_view room, std::string_view name, const naru::session_ref& who)
{
    return rooms_.join(questions::room(room), questions::name(name), who);
}

std::size_t questions::say(std::string_view room, std::string_view from, std::string_view text)
{
    return rooms_.say(questions::room(room), questions::name(from), checked_text(text));
}

rooms::picture questions::who(std::string_view room) const
{
    auto seen = rooms_.look(questions::room(room));
    return seen ? std::move(*seen) : rooms::picture();
}

std::vector<questions::listener_stats> questions::stats() const
{
    std::vector<listener_stats> all;
    for (const shown& each : listeners_)
        all.push_back({each.kind, each.at.local().text(), each.at.figures()});
    return all;
}

naru::task<std::vector<naru::session_info>> questions::sessions() const
{
    return server_.sessions();
}

bool questions::going_down() const noexcept
{
    return server_.draining();
}

} // namespace demo
