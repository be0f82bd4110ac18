#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in loopback(unsigned last_byte, unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl((127u << 24) | last_byte);
    return address;
}

static int connect_from(unsigned source, unsigned port)
{
    int yes = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
    {
        return -1;
    }
    // Without the option bind(2) would take a port for all destinations, not for this one alone.
    struct sockaddr_in from = loopback(source, 0);
    struct sockaddr_in to = loopback(1, port);
    if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes) != 0 ||
        bind(fd, (struct sockaddr*)&from, sizeof from) != 0 ||
        connect(fd, (struct sockaddr*)&to, sizeof to) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
    {
        int reason = errno;
        close(fd);
        errno = reason;
        return -1;
    }
    return fd;
}

int dial(unsigned port)
{
    static unsigned source = 1;
    int fd;
    while ((fd = connect_from(source, port)) < 0 && errno == EADDRNOTAVAIL && source < 254)
    {
        ++source;
    }
    return fd;
}
