#pragma once

#include <naru/base/cpp20.hpp>

#include <boost/system/error_code.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace naru
{

/// What Naru itself can report; what the kernel reports keeps its errno in Boost's system category.
enum class errc : std::uint8_t
{
    timed_out = 1,  ///< a deadline passed; equal to std::errc::timed_out as a condition
    cancelled,      ///< session::cancel()
    closed,         ///< the session was closed while, or before, the operation ran
    unexpected_end, ///< the peer finished in the middle of a message
    too_long,       ///< a line or message is over its limit
    busy,           ///< another operation of the same kind is under way on this session
    slow_consumer,  ///< the peer reads too slowly: the outbox is full
    bad_endpoint,   ///< a text that is not an endpoint
    not_a_socket,   ///< the path of a Unix endpoint exists and is something else
    already_in_use, ///< a Unix path where another server answers, or is starting
    refused_option, ///< the kernel does not take an option
    bad_route,      ///< a route pattern that cannot be, or that is there already
    bad_header,     ///< a header name or value that would split the message
    wrong_thread,   ///< called on a thread on which it must not be called
};

const boost::system::error_category& error_category() noexcept;
boost::system::error_code make_error_code(errc code) noexcept;

/// The one exception of Naru: what was tried (`operation`), where (`endpoint`), and why not (`code`).
/// Its text is one line that says all three: `listen tcp://0.0.0.0:80: bind: permission denied`.
class error : public std::runtime_error
{
  public:
    /// `step` names the part of the operation that failed (a system call, an option); it may be empty.
    error(boost::system::error_code code, std::string_view operation, std::string_view endpoint,
          std::string_view step = {});

    const boost::system::error_code& code() const noexcept { return code_; }
    const std::string& operation() const noexcept { return operation_; }
    const std::string& endpoint() const noexcept { return endpoint_; }

  private:
    boost::system::error_code code_;
    std::string operation_;
    std::string endpoint_;
};

/// The code of errno value `number`, for system calls made by hand.
boost::system::error_code from_errno(int number) noexcept;

} // namespace naru

template <>
struct boost::system::is_error_code_enum<naru::errc> : std::true_type
{
};
