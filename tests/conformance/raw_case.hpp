#pragma once

#include <naru/server/close_reason.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conformance
{

/// What the connection does after the last of what was said.
enum class raw_ending
{
    stays,  ///< it takes more bytes and answers them, until the client finishes
    closes, ///< the server finishes, though the client has not
    ends,   ///< the client has finished after the row's bytes; so does the server
};

/// One course that a connection may take: all that is said on it, how it ends, and what the server calls
/// that.
struct course
{
    /// Where it has a `#`, any decimal digits do. It does not end with one.
    std::string said;
    raw_ending end;
    std::vector<naru::close_reason> reasons;
};

using courses = std::vector<course>;

/// More bytes, and what is to be said to them.
struct exchange
{
    std::string bytes;
    std::string said;
};

/// How a protocol speaks of itself, beside what it answers.
struct manner
{
    std::string greeting; ///< said to everybody before anything else
    exchange probe;       ///< shows that a connection still takes bytes, between two messages
    std::string farewell; ///< said to who finishes between two messages
};

/// One row of the table: these bytes on a new connection, and what may come of it. All else is a fault,
/// silence above all.
struct raw_case
{
    std::string name;
    std::string speaks; ///< which of the test's handlers is asked
    std::string bytes;
    courses allowed;
    /// Sent instead of the manner's probe, for a row that stops inside a message.
    std::optional<exchange> then = {};
};

/// This is said, and the connection stays.
courses stays(std::string said);
/// This is said, then the server closes.
courses closes(std::string said, naru::close_reason reason);
/// For a client that has finished: this is said, then the server closes too.
courses ends(std::string said, naru::close_reason reason = naru::close_reason::peer_closed);

courses any_course(std::initializer_list<courses> several);

/// True when `seen` is `pattern`, where a `#` in it may stand for any run of digits.
bool reads_as(std::string_view seen, std::string_view pattern);

/// Bytes with a NUL among them: the whole literal, without the one that C++ puts at its end.
template <std::size_t Size>
std::string literal(const char (&text)[Size])
{
    return {text, Size - 1};
}

} // namespace conformance
