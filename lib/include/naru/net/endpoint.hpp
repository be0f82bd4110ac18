#pragma once

#include <naru/base/cpp20.hpp>

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace naru
{

/// What is wrong with a text that should have been an endpoint, and where.
struct endpoint_fault
{
    std::size_t position = 0; ///< offset in bytes into the text, from 0
    std::string what;         ///< a phrase: "the port is over 65535"
};

/// Where to listen or connect, written as a URL:
///
///     tcp://127.0.0.1:9190    tcp://[::1]:0    tcp://localhost:8080    tcp://[::]:80?v6only
///     unix:/run/naru.sock     unix:/run/naru.sock?mode=0660            unix:@abstract
///
/// A value; parsing touches neither network nor file system (a host name is looked up when it is used). A
/// host name means all of its addresses: a server listens on each, on one port; a client tries them in their
/// order.
class endpoint
{
  public:
    enum class kind : std::uint8_t
    {
        tcp,
        unix_path,
        unix_abstract,
    };

    /// The one parser. `text` must be whole: no spaces around, nothing left over.
    static boost::system::result<endpoint, endpoint_fault> parse(std::string_view text);

    /// The same, throwing `naru::error` (errc::bad_endpoint) whose text names fault and position.
    static endpoint from(std::string_view text);

    static endpoint tcp(std::string host, std::uint16_t port);
    static endpoint unix_path(std::string path);
    static endpoint unix_abstract(std::string name);

    kind type() const noexcept { return kind_; }
    bool is_tcp() const noexcept { return kind_ == kind::tcp; }

    /// TCP: address or host name, without brackets. Unix: path, or name without the `@`.
    const std::string& host() const noexcept { return host_; }
    const std::string& path() const noexcept { return host_; }
    std::uint16_t port() const noexcept { return port_; }

    /// `?v6only`: an IPv6 endpoint that takes no IPv4 connections.
    bool v6only() const noexcept { return v6only_; }
    /// `?mode=0660`: permissions of the file of a Unix endpoint.
    std::optional<unsigned> mode() const noexcept { return mode_; }

    /// The endpoint as it is written, without options: `tcp://[::1]:80`.
    std::string text() const;

    friend bool operator==(const endpoint&, const endpoint&) = default;

  private:
    kind kind_ = kind::tcp;
    bool v6only_ = false;
    std::uint16_t port_ = 0;
    std::optional<unsigned> mode_;
    std::string host_;
};

[[noreturn]] void throw_exception_from_error(const endpoint_fault& fault, const boost::source_location&);

} // namespace naru
