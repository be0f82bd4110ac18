#pragma once

#include "http/head.hpp"

#include <cstdint>

namespace naru::http
{

enum class framing : std::uint8_t
{
    none,    ///< no content
    length,  ///< Content-Length bytes
    chunked, ///< RFC 9112, 7.1
};

/// What a head says about its message and connection, decided once.
struct verdict
{
    framing content = framing::none;
    std::uint64_t length = 0;
    bool keep_alive = true;
    bool expects_continue = false;
    piece host; // empty in HTTP/1.0 without one
};

/// One strict verdict over version, Host, Content-Length, Transfer-Encoding, Connection and Expect. RFC
/// 9112, 3.2, 6 and 9.3: whatever two readers could understand differently is refused. `bytes` are those the
/// head was parsed from.
bool judge(std::string_view bytes, const request_head& head, std::uint64_t longest_body, verdict& out,
           refusal& why);

/// uri-host [ ":" port ] with a host that is not empty, RFC 9110, 7.2.
bool is_authority(std::string_view text) noexcept;

/// Fields that must not come in a trailer, since they would change a meaning that has been acted on (RFC
/// 9110, 6.5.1).
bool forbidden_in_trailer(known_field field) noexcept;

} // namespace naru::http
