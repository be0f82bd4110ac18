#pragma once

#include "questions.hpp"

#include <naru/server/session.hpp>

#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace demo
{

/// Somebody who came by telnet: a name, a place in a room, and commands, a line each. Lives in the session's
/// coroutine, so that the place is given back whichever way that ends.
class visitor
{
  public:
    visitor(naru::session& session, questions& asked);

    struct outcome
    {
        std::string answer = {};           ///< lines, ended by CR LF; may be empty
        unsigned stream = 0;               ///< speak so many times,
        std::chrono::milliseconds pace{0}; ///< this far apart
        bool goodbye = false;
    };

    /// Does what `line` says; a line that makes no sense is told what would.
    outcome obey(std::string_view line);

    static constexpr std::size_t longest_line = questions::longest_text + 100; ///< a command and a message

  private:
    struct command
    {
        std::string_view name;
        std::string_view usage;
        std::string_view says;
        outcome (visitor::*run)(std::string_view argument);
    };
    static const std::array<command, 10> commands;

    outcome help(std::string_view);
    outcome hello(std::string_view name);
    outcome time(std::string_view);
    outcome echo(std::string_view text);
    outcome stream(std::string_view numbers);
    outcome join(std::string_view room);
    outcome say(std::string_view text);
    outcome who(std::string_view);
    outcome stats(std::string_view);
    outcome quit(std::string_view);

    const std::string& own_room() const;

    naru::session& session_;
    questions& asked_;
    std::string name_;
    rooms::seat seat_;
};

} // namespace demo
