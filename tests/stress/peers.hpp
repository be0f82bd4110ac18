#pragma once

#include "duration.hpp"

#include <naru/net/endpoint.hpp>

namespace naru::stress
{

/// Connects to `to` and behaves as peers do, well or badly: says something whole or cut at any byte, reads
/// all of it or some or nothing, and ends by a close, a half-close or a reset. Ends within a second.
void meet(const endpoint& to, dice& with);

} // namespace naru::stress
