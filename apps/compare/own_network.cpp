#include "own_network.hpp"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace compare
{

namespace
{

constexpr int ethernet_mtu = 1500;

bool bring_up_loopback() noexcept
{
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0)
        return false;
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_mtu = ethernet_mtu;
    bool done = ::ioctl(socket, SIOCSIFMTU, &request) == 0;
    request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
    done = done && ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
    ::close(socket);
    return done;
}

bool enter() noexcept
{
    // Root may have a network at once; others first become root of a user namespace of their own.
    if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return false;
    return bring_up_loopback();
}

} // namespace

bool enter_own_network() noexcept
{
    // There is no way back out of a namespace: some systems let one in and then refuse the rest. A child
    // tries first.
    const pid_t scout = ::fork();
    if (scout == 0)
        ::_exit(enter() ? 0 : 1);
    int status = 1;
    while (scout > 0 && ::waitpid(scout, &status, 0) < 0 && errno == EINTR)
        continue;
    return scout > 0 && status == 0 && enter();
}

} // namespace compare
