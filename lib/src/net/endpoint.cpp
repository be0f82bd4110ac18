#include <naru/net/endpoint.hpp>

#include <naru/base/error.hpp>

#include <boost/asio/ip/address.hpp>

#include <sys/un.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace naru
{

namespace
{

// sun_path holds the terminating NUL of a path, or the leading NUL of an abstract name.
constexpr std::size_t longest_unix_name = sizeof(sockaddr_un::sun_path) - 1;

/// The text and how far it has been read; every fault is where it stands.
class reader
{
  public:
    explicit reader(std::string_view text) noexcept : text_(text) {}

    bool take(std::string_view prefix) noexcept
    {
        if (!rest().starts_with(prefix))
            return false;
        at_ += prefix.size();
        return true;
    }

    std::string_view take_until(std::string_view stops) noexcept
    {
        const std::size_t end = std::min(rest().find_first_of(stops), rest().size());
        const std::string_view taken = rest().substr(0, end);
        at_ += end;
        return taken;
    }

    std::string_view rest() const noexcept { return text_.substr(at_); }
    std::size_t position() const noexcept { return at_; }
    bool done() const noexcept { return at_ == text_.size(); }

    endpoint_fault fault(std::string what) const { return {at_, std::move(what)}; }
    static endpoint_fault fault_at(std::size_t position, std::string what)
    {
        return {position, std::move(what)};
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

/// RFC 1123, 2.1: letters, digits and hyphens between dots; an underscore is tolerated, as resolvers do.
std::optional<std::size_t> fault_in_host_name(std::string_view host) noexcept
{
    if (host.size() > 253)
        return 253;
    std::size_t label = 0;
    for (std::size_t i = 0; i < host.size(); ++i)
    {
        const auto c = static_cast<unsigned char>(host[i]);
        if (c == '.')
        {
            if (label == 0)
                return i;
            label = 0;
            continue;
        }
        if (!(std::isalnum(c) || c == '-' || c == '_') || ++label > 63)
            return i;
    }
    return std::nullopt;
}

bool looks_like_ipv4(std::string_view host) noexcept
{
    return host.find_first_not_of("0123456789.") == std::string_view::npos;
}

using result = boost::system::result<endpoint, endpoint_fault>;

} // namespace

endpoint endpoint::tcp(std::string host, std::uint16_t port)
{
    endpoint made;
    made.host_ = std::move(host);
    made.port_ = port;
    return made;
}

endpoint endpoint::unix_path(std::string path)
{
    endpoint made;
    made.kind_ = kind::unix_path;
    made.host_ = std::move(path);
    return made;
}

endpoint endpoint::unix_abstract(std::string name)
{
    endpoint made;
    made.kind_ = kind::unix_abstract;
    made.host_ = std::move(name);
    return made;
}

std::string endpoint::text() const
{
    switch (kind_)
    {
    case kind::unix_path:
        return "unix:" + host_;
    case kind::unix_abstract:
        return "unix:@" + host_;
    case kind::tcp:
        break;
    }
    const bool bracketed = host_.find(':') != std::string::npos;
    return "tcp://" + (bracketed ? "[" + host_ + "]" : host_) + ":" + std::to_string(port_);
}

namespace
{

/// host ":" port of a tcp endpoint.
boost::system::result<endpoint, endpoint_fault> parse_tcp(reader& in)
{
    std::string host;
    const std::size_t host_at = in.position();
    if (in.take("["))
    {
        const std::string_view inside = in.take_until("]");
        boost::system::error_code ec;
        boost::asio::ip::make_address_v6(std::string(inside), ec);
        if (ec || inside.find('\0') != std::string_view::npos) // inet_pton(3) stops at a NUL
            return reader::fault_at(host_at + 1, "not an IPv6 address");
        if (!in.take("]"))
            return in.fault("the ] that ends the IPv6 address is missing");
        host = inside;
    }
    else
    {
        const std::string_view name = in.take_until(":/?#");
        if (name.empty() && in.take("::"))
            return reader::fault_at(host_at, "an IPv6 address stands in brackets: [::1]");
        if (name.empty())
            return reader::fault_at(host_at, "the host is missing (every address: 0.0.0.0 or [::])");
        if (const auto at = fault_in_host_name(name))
            return reader::fault_at(host_at + *at, "not allowed in a host name");
        boost::system::error_code ec;
        if (looks_like_ipv4(name))
            boost::asio::ip::make_address_v4(std::string(name), ec);
        if (ec)
            return reader::fault_at(host_at, "not an IPv4 address");
        host = name;
    }

    if (!in.take(":"))
        return in.fault("the :port is missing (port 0 lets the kernel choose)");
    const std::size_t port_at = in.position();
    const std::string_view digits = in.take_until("?");
    unsigned port = 0;
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty())
        return reader::fault_at(port_at, "the port is missing");
    if (end != digits.data() + digits.size())
        return reader::fault_at(port_at + static_cast<std::size_t>(end - digits.data()),
                                "not a digit of a port");
    if (ec != std::errc{} || port > 65535)
        return reader::fault_at(port_at, "the port is over 65535");
    return endpoint::tcp(std::move(host), static_cast<std::uint16_t>(port));
}

boost::system::result<endpoint, endpoint_fault> parse_unix(reader& in)
{
    const bool abstract = in.take("@");
    const std::size_t at = in.position();
    const std::string_view name = in.take_until("?");
    if (name.empty())
        return in.fault(abstract ? "the abstract name is missing" : "the path is missing");
    if (name.find('\0') != std::string_view::npos)
        return reader::fault_at(at + name.find('\0'), "a NUL is not allowed in a path");
    if (name.size() > longest_unix_name)
        return reader::fault_at(at + longest_unix_name, "the path is too long for a Unix socket: at most " +
                                                            std::to_string(longest_unix_name) + " bytes");
    return abstract ? endpoint::unix_abstract(std::string(name)) : endpoint::unix_path(std::string(name));
}

} // namespace

boost::system::result<endpoint, endpoint_fault> endpoint::parse(std::string_view text)
{
    reader in(text);
    result made = [&]() -> result
    {
        if (in.take("tcp://"))
            return parse_tcp(in);
        if (in.take("unix:"))
            return parse_unix(in);
        return in.fault("an endpoint begins with tcp:// or unix:");
    }();
    if (!made)
        return made;

    if (in.take("?"))
    {
        do
        {
            const std::size_t at = in.position();
            const std::string_view option = in.take_until("&");
            unsigned mode = 0;
            const std::string_view octal =
                option.starts_with("mode=") ? option.substr(5) : std::string_view();
            const auto [end, ec] = std::from_chars(octal.data(), octal.data() + octal.size(), mode, 8);
            if (option == "v6only" && made->host_.find(':') != std::string::npos && made->is_tcp())
                made->v6only_ = true;
            else if (!octal.empty() && ec == std::errc{} && end == octal.data() + octal.size() &&
                     mode <= 0777 && made->kind_ == kind::unix_path)
                made->mode_ = mode;
            else
                return reader::fault_at(at, made->is_tcp() ? "the only option is v6only, of an IPv6 endpoint"
                                                           : "the only option is mode=OCTAL, of a path");
        } while (in.take("&"));
    }
    if (!in.done())
        return in.fault("nothing may follow here");
    return made;
}

endpoint endpoint::from(std::string_view text)
{
    result parsed = parse(text);
    if (!parsed)
        throw error(errc::bad_endpoint, "endpoint", text,
                    parsed.error().what + ", at character " + std::to_string(parsed.error().position + 1));
    return std::move(*parsed);
}

void throw_exception_from_error(const endpoint_fault& fault, const boost::source_location&)
{
    throw error(errc::bad_endpoint, "endpoint", {}, fault.what);
}

} // namespace naru
