#include <naru/base/error.hpp>

#include <boost/system/errc.hpp>
#include <boost/system/system_category.hpp>

#include <cctype>

namespace naru
{

namespace
{

class category final : public boost::system::error_category
{
  public:
    const char* name() const noexcept override { return "naru"; }

    std::string message(int value) const override
    {
        switch (static_cast<errc>(value))
        {
        case errc::timed_out:
            return "timed out";
        case errc::cancelled:
            return "cancelled";
        case errc::closed:
            return "the session is closed";
        case errc::unexpected_end:
            return "the peer finished in the middle of a message";
        case errc::too_long:
            return "longer than the limit allows";
        case errc::busy:
            return "another operation of this kind is under way";
        case errc::slow_consumer:
            return "the peer reads too slowly";
        case errc::bad_endpoint:
            return "not an endpoint";
        case errc::not_a_socket:
            return "the path exists and is not a socket";
        case errc::already_in_use:
            return "another process answers there";
        case errc::refused_option:
            return "the kernel refuses this option";
        case errc::bad_route:
            return "not a possible route";
        case errc::bad_header:
            return "not allowed in a header";
        case errc::wrong_thread:
            return "called on the wrong thread";
        }
        return "unknown error";
    }

    boost::system::error_condition default_error_condition(int value) const noexcept override
    {
        namespace generic = boost::system::errc;
        switch (static_cast<errc>(value))
        {
        case errc::timed_out:
            return generic::make_error_condition(generic::timed_out);
        case errc::cancelled:
        case errc::closed:
            return generic::make_error_condition(generic::operation_canceled);
        case errc::too_long:
            return generic::make_error_condition(generic::message_size);
        case errc::already_in_use:
            return generic::make_error_condition(generic::address_in_use);
        default:
            return boost::system::error_condition(value, *this);
        }
    }
};

/// `listen tcp://0.0.0.0:80: bind: permission denied`; the kernel's texts begin with a capital, ours go on.
std::string one_line(const boost::system::error_code& code, std::string_view operation,
                     std::string_view endpoint, std::string_view step)
{
    std::string text(operation);
    if (!endpoint.empty())
        text.append(" ").append(endpoint);
    text.append(": ");
    if (!step.empty())
        text.append(step).append(": ");
    std::string message = code.message();
    if (message.size() > 1 && std::islower(static_cast<unsigned char>(message[1])))
        message[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(message[0])));
    return text.append(message);
}

} // namespace

const boost::system::error_category& error_category() noexcept
{
    static const category instance;
    return instance;
}

boost::system::error_code make_error_code(errc code) noexcept
{
    return {static_cast<int>(code), error_category()};
}

boost::system::error_code from_errno(int number) noexcept
{
    return {number, boost::system::system_category()};
}

error::error(boost::system::error_code code, std::string_view operation, std::string_view endpoint,
             std::string_view step)
    : std::runtime_error(one_line(code, operation, endpoint, step)), code_(code), operation_(operation),
      endpoint_(endpoint)
{
}

} // namespace naru
