#include "net/scripted_calls.hpp"

#include <dlfcn.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace
{

thread_local naru::testing::scripted_calls* script = nullptr;

using getaddrinfo_call = int(const char*, const char*, const addrinfo*, addrinfo**);

getaddrinfo_call* real_getaddrinfo()
{
    static auto* const call = reinterpret_cast<getaddrinfo_call*>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    return call;
}

} // namespace

// These take the place of the C library's in this program.

extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** found)
{
    if (!script || !host || !script->names.contains(host))
        return real_getaddrinfo()(host, service, hints, found);
    *found = nullptr;
    addrinfo** end = found;
    for (const std::string& each : script->names[host])
    {
        const bool known = each != naru::testing::scripted_calls::no_such_family;
        const int failed = real_getaddrinfo()(known ? each.c_str() : "::1", service, hints, end);
        if (failed)
            return failed;
        if (!known)
            (*end)->ai_family = (*end)->ai_addr->sa_family = AF_IPX;
        while (*end)
            end = &(*end)->ai_next;
    }
    return 0;
}

extern "C" int bind(int socket, const sockaddr* to, socklen_t length)
{
    if (script && ++script->bind_calls && to->sa_family == AF_INET6 && !script->bind_ipv6_fails.empty())
    {
        errno = script->bind_ipv6_fails.front();
        script->bind_ipv6_fails.pop_front();
        return -1;
    }
    return static_cast<int>(::syscall(SYS_bind, socket, to, length));
}

extern "C" int connect(int socket, const sockaddr* to, socklen_t length)
{
    const int result = static_cast<int>(::syscall(SYS_connect, socket, to, length));
    const int error = result == 0 ? 0 : errno;
    if (script && script->after_connect)
        script->after_connect(error);
    errno = error;
    return result;
}

namespace naru::testing
{

scripted_calls::scripted_calls()
{
    script = this;
}

scripted_calls::~scripted_calls()
{
    script = nullptr;
}

} // namespace naru::testing
