#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace demo
{

/// One `name = value` of a configuration file.
struct config_entry
{
    std::size_t line = 0; ///< of the name, from 1
    std::string name;
    std::vector<std::string> values; ///< one, or those of an array
};

/// What is wrong with a configuration file, and in which line.
class config_fault : public std::runtime_error
{
  public:
    config_fault(std::size_t line, const std::string& what)
        : std::runtime_error("line " + std::to_string(line) + ": " + what)
    {
    }
};

/// Reads the part of TOML that options need: comments, bare names, and as values texts ("basic" and
/// 'literal'), whole numbers, true, false, and arrays of these over any number of lines. Throws config_fault
/// for whatever else stands there, and for a name that is set twice.
std::vector<config_entry> read_config(std::string_view text);

} // namespace demo
