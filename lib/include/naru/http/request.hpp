#pragma once

#include <naru/net/endpoint.hpp>

#include <ostream> // which Boost 1.81's string_view forgets to include

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace naru::http
{

using boost::beast::http::field;
using boost::beast::http::verb;

class exchange;

/// A whole request, read where it lies: views are good until the handler has answered. A coroutine handler
/// may keep them over its suspensions.
///
/// What a handler sees has passed every check: one well-formed Host (HTTP/1.1), a path without dot segments,
/// one meaning of the length. RFC 9110, RFC 9112.
class request
{
  public:
    request(const request&) = delete;
    request& operator=(const request&) = delete;

    /// verb::unknown for a method that Beast has no name for, such as QUERY: see method_text().
    verb method() const noexcept;
    /// The method as it was sent; methods are case-sensitive.
    std::string_view method_text() const noexcept;

    /// As it came, path and query: `/hello/a%20b?x=1`.
    std::string_view target() const noexcept;
    /// The path of it, still percent-encoded.
    std::string_view path() const noexcept;
    /// What follows the `?`, still encoded; empty when there is none.
    std::string_view query() const noexcept;

    /// 10 or 11.
    unsigned version() const noexcept;

    /// The Host field, or the authority of an absolute target, which takes precedence (RFC 9112, 3.2.2); as
    /// it was sent, percent-encoding included. Empty in HTTP/1.0 without a Host, and on Unix listeners when
    /// the client sent an empty one (RFC 9112, 3.2); elsewhere an empty Host is refused with 400.
    std::string_view host() const noexcept;

    /// The part of the path that the route's `{name}` stands for, decoded. Throws std::out_of_range when the
    /// route has no such name: that is a fault of the program, not of the peer.
    std::string param(std::string_view name) const;

    /// The first value of `name` in the query, decoded, `+` as space; nullopt when it is not there.
    std::optional<std::string> query(std::string_view name) const;

    /// The first field of that name, without the white space around; names do not know case. nullopt without
    /// one.
    std::optional<std::string_view> header(std::string_view name) const noexcept;
    std::optional<std::string_view> header(field name) const noexcept;

    /// All fields in their order.
    std::size_t header_count() const noexcept;
    std::string_view header_name(std::size_t index) const noexcept;
    std::string_view header_value(std::size_t index) const noexcept;

    /// The content, whole and unchunked; empty without one.
    std::string_view body() const noexcept;

    endpoint peer() const;
    std::uint64_t session_id() const noexcept;

  private:
    friend class exchange;
    request() = default;
    ~request() = default;

    const exchange* self_ = nullptr;
};

} // namespace naru::http
