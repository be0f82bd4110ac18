#pragma once

#include "client.hpp"

#include <string_view>

namespace conformance
{

/// How the bytes of a row reach the server. What comes back may not depend on it.
enum class feed
{
    whole,    ///< one send
    bytewise, ///< a send for each byte; long rows in pieces of 61, a prime that meets every alignment
    cut,      ///< four sends, cut at places drawn from a seed that the row's bytes give
};

std::string_view name_of(feed how);

/// False when the server stopped taking bytes.
bool send_as(client& peer, std::string_view bytes, feed how);

} // namespace conformance
