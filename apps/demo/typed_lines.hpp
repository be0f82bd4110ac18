#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace demo
{

/// What was typed, cut into lines. Sans-IO.
///
/// A line ends with LF, CR LF, CR NUL (RFC 1123, 3.3.1) or CR alone: whatever the Enter key of a terminal
/// sends. Backspace and delete take a character back and ^U the line, as they do when the terminal itself
/// edits it; other control characters are dropped.
class typed_lines
{
  public:
    static constexpr char erase_all = '\x15'; // ^U

    /// Lines are at most `longest` bytes.
    explicit typed_lines(std::size_t longest) : longest_(longest) {}

    void add(std::string_view typed) { unread_ += typed; }

    struct line
    {
        std::string text;
        bool too_long = false; ///< then `text` is its beginning
    };

    /// The next whole line; nullopt until there is one.
    std::optional<line> next();

    /// Something of a line has come, and its end has not.
    bool in_line() const noexcept { return !line_.text.empty(); }

  private:
    void type(char c);
    void take_back();

    std::size_t longest_;
    std::string unread_;
    std::size_t at_ = 0;
    bool after_return_ = false;
    line line_;
};

} // namespace demo
