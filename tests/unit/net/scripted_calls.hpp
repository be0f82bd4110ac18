#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace naru::testing
{

/// What the C library's functions of a test's thread do instead of what they do. It ends with its owner.
class scripted_calls
{
  public:
    scripted_calls();
    scripted_calls(const scripted_calls&) = delete;
    scripted_calls& operator=(const scripted_calls&) = delete;
    ~scripted_calls();

    /// getaddrinfo(3): the addresses of a host name, as numbers; `no_such_family` is an address of a family
    /// that the kernel does not have.
    std::map<std::string, std::vector<std::string>> names;
    static constexpr const char* no_such_family = "no such family";

    /// bind(2) to an IPv6 address: what the next calls fail with.
    std::deque<int> bind_ipv6_fails;
    int bind_calls = 0;

    /// connect(2): called after each call with its errno, 0 when it has succeeded.
    std::function<void(int error)> after_connect;
};

} // namespace naru::testing
