#pragma once

#include <string>

namespace demo
{

/// `2026-11-24T22:53:07.250Z`, ISO 8601.
std::string utc_now();

} // namespace demo
