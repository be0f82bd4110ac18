#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace compare
{

/// What is to be compared.
struct options
{
    std::optional<unsigned> exchanges; ///< by each client on each way; unset: as many as are worth the time
    std::size_t bytes = 64;            ///< of each request and of each answer
    unsigned clients = 4;
    std::vector<std::chrono::milliseconds> round_trips{std::chrono::milliseconds(0),
                                                       std::chrono::milliseconds(20)};
    double push_seconds = 1.0; ///< how long messages come, for each way of getting them
    bool json = false;

    /// How many exchanges a client carries on a road of this round-trip time. Unset, 2,000 straight, and on a
    /// longer road those that opening a connection for each would carry in a second.
    unsigned exchanges_at(std::chrono::milliseconds round_trip) const;
};

/// What main() does after reading its arguments: go on, or end with this status.
struct command_line
{
    options chosen;
    std::optional<int> exit_status;
};

/// Prints the help on standard output, or one line about a bad argument on standard error.
command_line read_command_line(int argc, char** argv);

} // namespace compare
