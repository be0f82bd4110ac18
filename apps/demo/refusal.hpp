#pragma once

#include <stdexcept>
#include <string>

namespace demo
{

/// What was asked cannot be done, and what would help. Both sides show its text to who asked: the telnet side
/// as a line, the HTTP side as a 400.
class refusal : public std::runtime_error
{
  public:
    explicit refusal(const std::string& what) : std::runtime_error(what) {}
};

} // namespace demo
