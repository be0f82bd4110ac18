#pragma once

#include "raw_case.hpp"
#include "room_case.hpp"

#include <vector>

/// The table of the demo's line protocol, by subject. Its rows come from `help`, from RFC 854 and 855
/// (telnet) and from RFC 1123, 3.3.1 (ends of lines).
namespace conformance
{

std::vector<raw_case> enter_key_cases();
std::vector<raw_case> text_cases();
std::vector<raw_case> telnet_command_cases();
std::vector<raw_case> telnet_option_cases();
std::vector<raw_case> command_cases();
std::vector<raw_case> name_cases();
std::vector<raw_case> stream_cases();
std::vector<raw_case> bound_cases();
std::vector<raw_case> half_close_cases();
std::vector<room_case> room_cases();

/// How the demo speaks.
manner demo_manner();

} // namespace conformance
