// bench-load: so many connections, on each a burst of so many messages, and the next burst when all of the
// last one has been answered. One thread, and as few system calls as the servers need themselves, since it is
// measured beside them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan
{
    bool http; // or echo
    unsigned port;
    size_t connections;
    size_t depth;   // messages in a burst
    size_t size;    // bytes of one message; echo only
    size_t variety; // different requests that take turns; HTTP only
};

struct outcome
{
    uint64_t exchanges; // answered and found right
    uint64_t errors;    // wrong, cut off, or not answered within two seconds of the end
    uint64_t bytes;     // received
    double seconds;
    uint64_t p50_ns;
    uint64_t p99_ns;
};

// Opens every connection. Ends the program, with the reason, when one cannot be had.
void traffic_open(const struct plan* plan);

// One burst on every connection, then further ones for as long as `seconds` have not passed. Returns when all
// that was sent has been answered, so that the server has worked for exactly what is counted.
struct outcome traffic_run(double seconds);

// A connected, non-blocking socket to 127.0.0.1:port, or -1 with errno. Takes further source addresses of
// 127.0.0.0/8 when the ports of one are used up.
int dial(unsigned port);
