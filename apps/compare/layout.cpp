#include "layout.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace compare
{

namespace
{

/// Three digits, as many of them after the point as that leaves.
std::string three_digits(double value)
{
    const double size = std::abs(value);
    char out[64];
    std::snprintf(out, sizeof out, "%.*f", size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2, value);
    return out;
}

} // namespace

std::string table::text() const
{
    std::vector<std::size_t> widths;
    for (const row& cells : rows_)
    {
        widths.resize(std::max(widths.size(), cells.size()));
        for (std::size_t i = 0; i < cells.size(); ++i)
            widths[i] = std::max(widths[i], cells[i].size());
    }
    std::string out;
    for (const row& cells : rows_)
    {
        for (std::size_t i = 0; i < cells.size(); ++i)
        {
            const std::string filling(widths[i] - cells[i].size(), ' ');
            out += i == 0 ? "  " + cells[i] + filling : "  " + filling + cells[i];
        }
        out.erase(out.find_last_not_of(' ') + 1);
        out += '\n';
    }
    return out;
}

std::string duration_text(microseconds value)
{
    const double count = value.count();
    if (count >= 999'500)
        return three_digits(count / 1e6) + " s";
    if (count >= 999.5)
        return three_digits(count / 1e3) + " ms";
    return three_digits(count) + " us";
}

std::string number_text(double value)
{
    return value >= 999.5 ? count_text(static_cast<std::uint64_t>(std::llround(value))) : three_digits(value);
}

std::string count_text(std::uint64_t value)
{
    std::string out = std::to_string(value);
    for (std::size_t at = out.size(); at > 3;)
        out.insert(at -= 3, 1, ',');
    return out;
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent)
{
    std::string out;
    std::size_t column = 0;
    while (!text.empty())
    {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (column > 0 && column + 1 + end > width)
        {
            out += '\n' + std::string(indent, ' ');
            column = indent;
        }
        else if (column > 0)
        {
            out += ' ';
            ++column;
        }
        out += text.substr(0, end);
        column += end;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out + '\n';
}

} // namespace compare
