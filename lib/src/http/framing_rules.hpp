#pragma once

#include "http/head.hpp"

#include <cstdint>
#include <optional>

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
    piece host; // empty in HTTP/1.0 without one, and when an empty one is served
};

/// What an empty Host means. RFC 9112, 3.2: a client sends it when its target has no authority, as over a
/// Unix socket. An http URI that is reached over TCP always has one (RFC 9110, 4.2.1).
enum class empty_host : std::uint8_t
{
    refused,
    served,
};

/// One strict verdict over version, Host, Content-Length, Transfer-Encoding, Connection and Expect. RFC
/// 9112, 3.2, 6 and 9.3: whatever two readers could understand differently is refused. `bytes` are those the
/// head was parsed from.
bool judge(std::string_view bytes, const request_head& head, std::uint64_t longest_body, verdict& out,
           refusal& why, empty_host when_empty = empty_host::refused);

/// 1*DIGIT below 2^63, RFC 9110, 8.6; nullopt for anything else.
std::optional<std::uint64_t> content_length(std::string_view text) noexcept;

/// uri-host [ ":" port ] with a host that is not empty, RFC 9110, 7.2. Stricter than the grammar: no comma,
/// no encoded NUL, no zone, no port above 65535.
bool is_authority(std::string_view text) noexcept;

/// Fields that must not come in a trailer, since they would change a meaning that has been acted on (RFC
/// 9110, 6.5.1).
bool forbidden_in_trailer(known_field field) noexcept;

} // namespace naru::http
