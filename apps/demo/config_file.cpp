#include "config_file.hpp"

#include <algorithm>

namespace demo
{

namespace
{

constexpr std::string_view wanted_value =
    "a value is expected: a text in quotes, a whole number, true, false, or an array of these";

bool is_name_part(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool is_whole_number(std::string_view word) noexcept
{
    const std::size_t sign = word.starts_with('-') || word.starts_with('+') ? 1 : 0;
    return word.size() > sign && word.find_first_not_of("0123456789", sign) == std::string_view::npos;
}

/// Goes through the text once, from its beginning to its end.
class reader
{
  public:
    explicit reader(std::string_view text) : text_(text) {}

    std::vector<config_entry> all();

  private:
    config_entry entry();
    std::string value();
    std::vector<std::string> array();
    std::string text(char quote);
    std::string escaped();
    std::string_view word();

    bool ended() const noexcept { return at_ == text_.size(); }
    char next() const noexcept { return ended() ? '\0' : text_[at_]; }
    void skip_blanks() noexcept;
    void skip_comment() noexcept;
    void skip_lines() noexcept;
    void end_line();
    std::string here() const;
    [[noreturn]] void fail(const std::string& what) const { throw config_fault(line_, what); }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

std::vector<config_entry> reader::all()
{
    std::vector<config_entry> out;
    for (skip_lines(); !ended(); skip_lines())
    {
        config_entry one = entry();
        if (std::any_of(out.begin(), out.end(),
                        [&](const config_entry& each) { return each.name == one.name; }))
            throw config_fault(one.line, "'" + one.name + "' is set a second time");
        out.push_back(std::move(one));
    }
    return out;
}

config_entry reader::entry()
{
    if (next() == '[')
        fail("tables are not used here: write 'threads = 4' and the like, each on a line of its own");
    config_entry out;
    out.line = line_;
    out.name = word();
    if (out.name.empty())
        fail("the name of an option is expected");
    skip_blanks();
    if (next() != '=')
        fail("after '" + out.name + "' a '=' is expected");
    ++at_;
    skip_blanks();
    if (next() == '[')
        out.values = array();
    else
        out.values.push_back(value());
    end_line();
    return out;
}

std::string reader::value()
{
    if (next() == '"' || next() == '\'')
        return text(next());
    const std::string_view found = word();
    if (found != "true" && found != "false" && !is_whole_number(found))
        fail("after '=' " + std::string(wanted_value));
    return std::string(found);
}

std::vector<std::string> reader::array()
{
    const std::size_t began = line_;
    std::vector<std::string> out;
    ++at_;
    for (skip_lines(); next() != ']'; skip_lines())
    {
        if (ended())
            throw config_fault(began, "the array has no ']'");
        out.push_back(value());
        skip_lines();
        if (next() == ',')
            ++at_;
        else if (!ended() && next() != ']')
            fail("in an array ',' or ']' is expected, not " + here());
    }
    ++at_;
    return out;
}

std::string reader::text(char quote)
{
    std::string out;
    for (++at_; next() != quote; ++at_)
    {
        if (ended() || next() == '\n')
            fail(std::string("the text has no closing '") + quote + "'");
        if (next() == '\\' && quote == '"')
            out += escaped();
        else
            out += next();
    }
    ++at_;
    return out;
}

/// At the backslash; afterwards at the character behind it.
std::string reader::escaped()
{
    constexpr std::string_view names = "\"\\btnfr";
    constexpr std::string_view meanings = "\"\\\b\t\n\f\r";
    ++at_;
    const std::size_t found = names.find(next());
    if (ended() || found == std::string_view::npos)
        fail("\\" + std::string(1, next()) + R"( is not known in a text: use \" \\ \b \t \n \f or \r)");
    return std::string(1, meanings[found]);
}

std::string_view reader::word()
{
    const std::size_t begin = at_;
    while (!ended() && (is_name_part(next()) || (at_ == begin && next() == '+')))
        ++at_;
    return text_.substr(begin, at_ - begin);
}

void reader::skip_blanks() noexcept
{
    while (next() == ' ' || next() == '\t' || next() == '\r')
        ++at_;
}

void reader::skip_comment() noexcept
{
    if (next() == '#')
        at_ = std::min(text_.find('\n', at_), text_.size());
}

void reader::skip_lines() noexcept
{
    for (;;)
    {
        skip_blanks();
        skip_comment();
        if (next() != '\n')
            return;
        ++at_;
        ++line_;
    }
}

void reader::end_line()
{
    skip_blanks();
    skip_comment();
    if (!ended() && next() != '\n')
        fail("after the value the line goes on with " + here());
}

/// The character, when a terminal shows it as it is.
std::string reader::here() const
{
    return next() > ' ' && next() < 0x7f ? std::string("'") + next() + "'" : "a character of another kind";
}

} // namespace

std::vector<config_entry> read_config(std::string_view text)
{
    return reader(text).all();
}

} // namespace demo
