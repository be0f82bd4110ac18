// The floor: what the kernel alone costs. One thread, one level-triggered epoll loop, fixed answers, and not
// one system call more than an exchange needs. Every other server is measured as a share of this one.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    block_size = 64 * 1024
};

// What every read goes into. A connection owns memory only while it holds half a request or an unsent rest.
extern char block[block_size];

struct connection
{
    int fd;
    bool speaks_http;
    size_t owed; // bytes that the peer is still to be sent
    char* kept;  // http: the beginning of a request; echo: the bytes owed
    size_t kept_size;
};

// Serve one readiness event. False: the connection is over and is to be closed.
bool http_ready(struct connection* c);
bool echo_ready(struct connection* c);

// Waits for EPOLLOUT while bytes are owed, for EPOLLIN otherwise: a peer that does not read is not read from.
// Always true, to be returned.
bool wait_for(struct connection* c, uint32_t events);

// Replaces what the connection keeps by a copy of `size` bytes at `from`, which may lie inside it; 0 frees.
void keep(struct connection* c, const char* from, size_t size);
