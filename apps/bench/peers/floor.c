// bench-floor --http PORT --echo PORT: the loop. What is said on a connection is in floor_http.c and
// floor_echo.c.
#define _GNU_SOURCE
#include "floor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

char block[block_size];

static int epoll_fd;

static void die(const char* what)
{
    perror(what);
    exit(1);
}

static void watch(struct connection* c, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(epoll_fd, operation, c->fd, &event) != 0)
    {
        die("bench-floor: epoll_ctl");
    }
}

bool wait_for(struct connection* c, uint32_t events)
{
    watch(c, EPOLL_CTL_MOD, events);
    return true;
}

void keep(struct connection* c, const char* from, size_t size)
{
    char* copy = NULL;
    if (size != 0)
    {
        copy = malloc(size);
        if (copy == NULL)
        {
            die("bench-floor: malloc");
        }
        memcpy(copy, from, size);
    }
    free(c->kept);
    c->kept = copy;
    c->kept_size = size;
}

static struct connection* connection_of(int fd, bool speaks_http)
{
    struct connection* c = calloc(1, sizeof *c);
    if (c == NULL)
    {
        die("bench-floor: calloc");
    }
    c->fd = fd;
    c->speaks_http = speaks_http;
    watch(c, EPOLL_CTL_ADD, EPOLLIN);
    return c;
}

static struct connection* listen_on(const char* port, bool speaks_http)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    int yes = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(fd, (struct sockaddr*)&address, size) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, (struct sockaddr*)&address, &size) != 0)
    {
        die("bench-floor: listen");
    }
    printf("listening %s tcp://127.0.0.1:%u\n", speaks_http ? "http" : "echo", ntohs(address.sin_port));
    return connection_of(fd, speaks_http);
}

static void accept_all(const struct connection* listener)
{
    int fd;
    while ((fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
    {
        // Fails when the peer has reset already; the first read will tell.
        int yes = 1;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        connection_of(fd, listener->speaks_http);
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
    {
        die("bench-floor: accept"); // level-triggered: to go on would be to spin
    }
}

static void serve(struct connection* c)
{
    if (!(c->speaks_http ? http_ready(c) : echo_ready(c)))
    {
        close(c->fd); // takes it out of the epoll set as well
        free(c->kept);
        free(c);
    }
}

int main(int argc, char** argv)
{
    struct connection* listeners[2] = {NULL, NULL};
    struct rlimit descriptors;
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);

    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 1; i + 1 < argc; i += 2)
    {
        bool http = strcmp(argv[i], "--http") == 0;
        if (http || strcmp(argv[i], "--echo") == 0)
        {
            listeners[http] = listen_on(argv[i + 1], http);
        }
    }
    if (listeners[0] == NULL && listeners[1] == NULL)
    {
        fputs("usage: bench-floor [--http PORT] [--echo PORT]\n", stderr);
        return 2;
    }
    fflush(stdout);

    struct epoll_event events[512];
    for (;;)
    {
        int count = epoll_wait(epoll_fd, events, 512, -1);
        for (int i = 0; i < count; ++i)
        {
            struct connection* c = events[i].data.ptr;
            if (c == listeners[0] || c == listeners[1])
            {
                accept_all(c);
            }
            else
            {
                serve(c);
            }
        }
    }
}
