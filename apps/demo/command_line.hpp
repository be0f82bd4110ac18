#pragma once

#include <naru/base/log.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace demo
{

/// What naru-demo was told to do.
struct wishes
{
    std::vector<std::string> raw{"tcp://127.0.0.1:9190"};
    std::vector<std::string> http{"tcp://127.0.0.1:8080"};
    unsigned threads = 2;
    naru::log_level log_level = naru::log_level::info;
    bool log_json = false;
    bool one_shot = false;
    std::chrono::seconds drain{10};
    std::chrono::seconds idle{600};
};

/// Reads command line and configuration file. nullopt when there is nothing left to do but to end with
/// `status`: help and version are on standard output, or what is wrong, in one line, on standard error
/// (status 2).
std::optional<wishes> read_command_line(int argc, char** argv, int& status);

} // namespace demo
