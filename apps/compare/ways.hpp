#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

namespace naru
{
class endpoint;
}

namespace compare
{

struct addresses;

/// The ways on which the same exchange is carried.
enum class way
{
    one_shot_http, ///< a connection for each request, which the server closes after its answer
    kept_http,     ///< one connection, request after request
    raw_tcp,       ///< one TCP connection, line after line
    raw_unix,      ///< the same on a Unix socket
};

inline constexpr std::array all_ways{way::one_shot_http, way::kept_http, way::raw_tcp, way::raw_unix};

/// `one_shot_http`, and `one-shot HTTP`.
std::string_view name_of(way which) noexcept;
std::string_view title_of(way which) noexcept;

const naru::endpoint& address_of(way which, const addresses& all) noexcept;

/// One client on one way. It opens what it needs at its first exchange.
class exchanger
{
  public:
    virtual ~exchanger() = default;

    /// Sends the payload and reads it back, whole. Throws when what comes back is something else.
    virtual void exchange() = 0;

    /// Connections so far.
    virtual unsigned opened() const noexcept = 0;
};

/// A client that exchanges `bytes` bytes, one of them an end of line on the raw ways.
std::unique_ptr<exchanger> make_exchanger(way which, const naru::endpoint& to, std::size_t bytes);

} // namespace compare
