#pragma once

#include "raw_case.hpp"

#include <naru/raw/raw.hpp>

#include <string>
#include <vector>

namespace conformance
{

/// A handler that says what one of the session's reads gives, and how it is spoken to.
struct raw_handler
{
    std::string name;
    naru::handler serve;
    naru::limits bounds;
    manner spoken;
};

inline constexpr std::size_t line_limit = 16;
inline constexpr std::size_t message_limit = 8;
inline constexpr std::size_t large_read = 100'000;

/// What the rows of the raw table speak to. Each says `[MESSAGE]` and LF for every message, `end` when the
/// peer has finished between two, and the name of the error that ends it otherwise.
///
///     line         read_line
///     batch        read_line, and try_read_line for what is there already
///     until_dashes read_until("--")
///     until_aab    read_until("aab"), which begins like itself
///     until_dot    read_until(CRLF . CRLF)
///     until_nul    read_until(NUL)
///     exactly      a digit, then so many bytes by read_exactly
///     into         a digit, then so many bytes by read_into; `L` for 100,000 of them, of which it says a sum
///     some         read_some, given back as it is
///     mixed        a letter, then what it stands for:
///                      l  read_line       x  read_exactly(3)  i  read_into(3)  u  read_until(";")
///                      b  lines are at most 4 bytes from now on
///                      q  the handler returns        e  the handler throws
///                      c  flush() and close()        r  finish_reading()
std::vector<raw_handler> raw_handlers();

/// What `into` says of `L` and these bytes.
std::string sum_of(std::string_view bytes);

} // namespace conformance
