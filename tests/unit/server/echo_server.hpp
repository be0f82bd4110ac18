#pragma once

#include "net/plain_socket.hpp"

#include <naru/server/server.hpp>
#include <naru/server/session.hpp>

#include <string>
#include <string_view>

namespace naru::testing
{

/// Options of a server that says nothing.
inline server_options quiet(unsigned threads = 1)
{
    server_options options;
    options.threads = threads;
    options.log.level = log_level::off;
    return options;
}

inline task<> echo(session& s)
{
    while (auto line = co_await s.read_line())
        co_await s.write(*line, "\n");
}

/// Sends a line, and gives what comes for it.
inline std::string ask(plain_socket& over, std::string_view line)
{
    over.send(std::string(line) + "\n");
    return over.receive(line.size() + 1);
}

} // namespace naru::testing
