#include "base/event_log.hpp"

#include "base/log_writer.hpp"

#include <boost/locale/utf.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace naru
{

namespace
{

using code_point = boost::locale::utf::code_point;

struct code_points
{
    code_point first;
    code_point last;
};

/// What a terminal or a viewer obeys instead of showing it: ECMA-48's controls (C0, DEL, C1; U+009B is CSI),
/// and Unicode's separators of lines and its format characters, which reorder or hide text (UAX 9, UTS 39).
constexpr std::array<code_points, 11> obeyed{{{0x00, 0x1f},
                                              {0x7f, 0x9f},
                                              {0xad, 0xad},
                                              {0x61c, 0x61c},
                                              {0x180e, 0x180e},
                                              {0x200b, 0x200f},
                                              {0x2028, 0x202e},
                                              {0x2060, 0x206f},
                                              {0xfeff, 0xfeff},
                                              {0xfff9, 0xfffb},
                                              {0xe0000, 0xe007f}}};

bool is_obeyed(code_point c) noexcept
{
    return std::any_of(obeyed.begin(), obeyed.end(),
                       [c](const code_points& each) { return each.first <= c && c <= each.last; });
}

void append_unit(std::string& to, unsigned utf16)
{
    char text[8];
    std::snprintf(text, sizeof text, "\\u%04x", utf16 & 0xffffu);
    to.append(text);
}

/// As RFC 8259, 7 writes a code point: two UTF-16 units beyond the basic plane.
void append_escaped(std::string& to, code_point c)
{
    constexpr std::string_view named = "\b\t\n\f\r\"\\";
    constexpr std::string_view names = "btnfr\"\\";
    constexpr std::size_t none = std::string_view::npos;
    if (const std::size_t at = c < 0x80 ? named.find(static_cast<char>(c)) : none; at != none)
        to.append({'\\', names[at]});
    else if (c < 0x10000)
        append_unit(to, c);
    else
    {
        append_unit(to, 0xd800 + ((c - 0x10000) >> 10));
        append_unit(to, 0xdc00 + ((c - 0x10000) & 0x3ff));
    }
}

/// A JSON string. What is no UTF-8 is left out: a line has to be JSON whatever it tells of (RFC 8259, 8.1).
std::string quoted(std::string_view value)
{
    using utf8 = boost::locale::utf::utf_traits<char>;
    std::string text = "\"";
    text.reserve(value.size() + 2);
    const char* const end = value.data() + value.size();
    for (const char* at = value.data(); at != end;)
    {
        const char* next = at;
        const code_point c = utf8::decode(next, end);
        if (c == boost::locale::utf::illegal || c == boost::locale::utf::incomplete)
        {
            ++at; // not what decode() read: the next byte may begin a character
            continue;
        }
        if (c == '"' || c == '\\' || is_obeyed(c))
            append_escaped(text, c);
        else
            text.append(at, next);
        at = next;
    }
    text += '"';
    return text;
}

bool plain(std::string_view value) noexcept
{
    return !value.empty() && std::all_of(value.begin(), value.end(),
                                         [](unsigned char c) {
                                             return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
                                         });
}

std::string_view name_of(log_level level) noexcept
{
    constexpr std::string_view names[]{"debug", "info", "warning", "error", "off"};
    return names[static_cast<int>(level)];
}

} // namespace

bool parse_log_level(std::string_view text, log_level& level) noexcept
{
    if (text == "warn")
        text = name_of(log_level::warning);
    for (const log_level candidate :
         {log_level::debug, log_level::info, log_level::warning, log_level::error, log_level::off})
        if (text == name_of(candidate))
        {
            level = candidate;
            return true;
        }
    return false;
}

log_line::log_line(bool json, std::string_view event) : json_(json)
{
    text_.reserve(256);
    if (json_)
        text_.append("\"event\":\"").append(event).append("\"");
    else
        text_.append(event);
}

log_line& log_line::add(std::string_view key, std::string_view value)
{
    return add_raw(key, json_ || !plain(value) ? quoted(value) : std::string(value));
}

log_line& log_line::add(std::string_view key, std::chrono::duration<double> value)
{
    char text[320]; // the longest double has 309 digits before its point
    std::snprintf(text, sizeof text, "%.6f", value.count());
    std::string_view digits = text;
    digits.remove_suffix(digits.size() - 1 - digits.find_last_not_of('0'));
    if (digits.ends_with('.'))
        digits.remove_suffix(1);
    return add_raw(key, digits);
}

log_line& log_line::add_raw(std::string_view key, std::string_view text)
{
    if (json_)
        text_.append(",\"").append(key).append("\":").append(text);
    else
        text_.append(" ").append(key).append("=").append(text);
    return *this;
}

event_log::event_log(log_options options) : level_(options.level), json_(options.json)
{
    if (level_ == log_level::off)
        return;
    log_writer::notice notice;
    if (wants(log_level::warning))
        notice = [json = json_](std::size_t count)
        { return log_line(json, "log_lines_dropped").add("count", count).text(); };
    writer_ = std::make_unique<log_writer>(make_log_output(std::move(options)), std::move(notice));
}

event_log::~event_log() = default;

void event_log::begin()
{
    if (writer_)
        writer_->begin();
}

void event_log::write(log_level level, const log_line& line)
{
    if (writer_ && wants(level))
        writer_->write(level, line.text());
}

void event_log::flush() noexcept
{
    if (writer_)
        writer_->flush();
}

void event_log::end() noexcept
{
    writer_.reset();
}

} // namespace naru
