#include "wire.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace compare
{

namespace
{

// IPv4, TCP, and the timestamp option that Linux puts on every segment.
constexpr std::uint64_t headers = 20 + 20 + 12;

/// These files have lines in pairs: `Tcp: name name …`, `Tcp: value value …`.
std::uint64_t counter(const std::string& path, const std::string& group, const std::string& name)
{
    std::ifstream file(path);
    std::string names;
    std::string values;
    while (std::getline(file, names) && std::getline(file, values))
    {
        std::istringstream keys(names);
        std::istringstream numbers(values);
        std::string key;
        std::string number;
        keys >> key;
        numbers >> number;
        if (key != group + ":")
            continue;
        while (keys >> key && numbers >> number)
            if (key == name)
                return std::stoull(number);
    }
    throw std::runtime_error(path + " has no " + group + " " + name);
}

} // namespace

wire wire::now()
{
    const std::string snmp = "/proc/thread-self/net/snmp";
    wire out;
    out.segments_ = counter(snmp, "Tcp", "OutSegs");
    out.packets_ = counter(snmp, "Ip", "OutRequests");
    out.octets_ = counter("/proc/thread-self/net/netstat", "IpExt", "OutOctets");
    return out;
}

/// A large write leaves TCP as one packet, which a network card would cut into segments and loopback does
/// not: the segments are counted as cut, and the headers of all but the first are missing from the packet's
/// bytes.
std::uint64_t wire::bytes() const noexcept
{
    return octets_ + (segments_ > packets_ ? (segments_ - packets_) * headers : 0);
}

wire& wire::operator+=(const wire& more) noexcept
{
    segments_ += more.segments_;
    packets_ += more.packets_;
    octets_ += more.octets_;
    return *this;
}

wire operator-(const wire& later, const wire& earlier) noexcept
{
    wire out;
    out.segments_ = later.segments_ - earlier.segments_;
    out.packets_ = later.packets_ - earlier.packets_;
    out.octets_ = later.octets_ - earlier.octets_;
    return out;
}

} // namespace compare
