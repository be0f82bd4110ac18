#include "http/answer.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

namespace naru::http
{

namespace
{

// Of everything that is not the handler's: status line, Date, Content-Length, Connection, the names of
// fields.
constexpr std::size_t own_fields_size = 256;

char* append(char* to, std::string_view text) noexcept
{
    std::memcpy(to, text.data(), text.size());
    return to + text.size();
}

/// A literal's size is known, and its copy a few moves instead of a call.
template <std::size_t Size>
char* append(char* to, const char (&literal)[Size]) noexcept
{
    std::memcpy(to, literal, Size - 1);
    return to + Size - 1;
}

std::vector<std::string> make_status_lines()
{
    std::vector<std::string> lines(1000);
    for (unsigned code = 100; code < 1000; ++code)
    {
        const auto reason = boost::beast::http::obsolete_reason(static_cast<status>(code));
        lines[code] = "HTTP/1.1 " + std::to_string(code) + " ";
        if (reason != "<unknown-status>")
            lines[code].append(reason.data(), reason.size());
        lines[code] += "\r\n";
    }
    return lines;
}

const std::vector<std::string> status_lines = make_status_lines();

std::string_view status_line(status code) noexcept
{
    const auto number = static_cast<unsigned>(code);
    return status_lines[number >= 100 && number < 1000 ? number : 500];
}

void two_digits(char* to, int value) noexcept
{
    to[0] = static_cast<char>('0' + value / 10);
    to[1] = static_cast<char>('0' + value % 10);
}

} // namespace

void date_field::renew(time_point now) noexcept
{
    using namespace std::chrono;
    const auto wall = system_clock::now();
    good_until_ = now + (floor<seconds>(wall) + seconds(1) - wall);

    static constexpr char days[] = "SunMonTueWedThuFriSat";
    static constexpr char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const std::time_t stamp = system_clock::to_time_t(floor<seconds>(wall));
    std::tm at{};
    ::gmtime_r(&stamp, &at);
    std::memcpy(text_, "Date: Tue, 24 Nov 2026 22:00:00 GMT\r\n", sizeof text_);
    std::memcpy(text_ + 6, days + 3 * at.tm_wday, 3);
    two_digits(text_ + 11, at.tm_mday);
    std::memcpy(text_ + 14, months + 3 * at.tm_mon, 3);
    const int year = at.tm_year + 1900;
    two_digits(text_ + 18, year / 100);
    two_digits(text_ + 20, year % 100);
    two_digits(text_ + 23, at.tm_hour);
    two_digits(text_ + 26, at.tm_min);
    two_digits(text_ + 29, at.tm_sec);
}

bool has_content(status code) noexcept
{
    const auto number = static_cast<unsigned>(code);
    return number >= 200 && code != status::no_content && code != status::not_modified;
}

std::size_t answer_head_size(const response& from) noexcept
{
    std::size_t size = own_fields_size + from.type().size();
    for (const auto& [name, value] : from.headers())
        size += name.size() + value.size() + 4;
    return size;
}

char* write_answer_head(char* to, const response& from, const answer_context& context,
                        const date_field& date) noexcept
{
    to = from.code() == status::ok ? append(to, "HTTP/1.1 200 OK\r\n") : append(to, status_line(from.code()));
    std::memcpy(to, date.bytes(), date_field::length);
    to += date_field::length;
    if (has_content(from.code()))
    {
        if (const std::string_view type = from.type(); !type.empty())
        {
            to = append(to, "Content-Type: ");
            to = append(to, type);
            to = append(to, "\r\n");
        }
        to = append(to, "Content-Length: ");
        to = std::to_chars(to, to + 20, from.body().size()).ptr;
        to = append(to, "\r\n");
    }
    for (const auto& [name, value] : from.headers())
    {
        to = append(to, name);
        to = append(to, ": ");
        to = append(to, value);
        to = append(to, "\r\n");
    }
    if (context.close)
        to = append(to, "Connection: close\r\n");
    else if (context.say_keep_alive)
        to = append(to, "Connection: keep-alive\r\n");
    return append(to, "\r\n");
}

} // namespace naru::http
