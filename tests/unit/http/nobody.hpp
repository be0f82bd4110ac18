#pragma once

#include "server/session_core.hpp"

#include <cstddef>

namespace naru::http
{

/// Whose requests they are when nobody asks: an exchange keeps the address of its session, and looks behind
/// it only for `request::peer()` and `session_id()`.
inline const session_core& nobody() noexcept
{
    alignas(session_core) static std::byte place[sizeof(session_core)];
    return reinterpret_cast<const session_core&>(place);
}

} // namespace naru::http
