#define _GNU_SOURCE
#include "answers.h"
#include "histogram.h"
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum
{
    block_size = 64 * 1024,
    spread = 4096,      // connections' contents begin at so many different places of one text
    patience_ms = 2000, // how long an answer may be missing
    sampled_reads = 64  // the content of every so many-th echo is compared
};

struct peer
{
    int fd;         // -1: given up
    size_t unsent;  // of the burst
    size_t missing; // http: answers; echo: bytes
    uint64_t sent_at;
    const char* burst;
    char* kept; // http: the beginning of an answer
    size_t kept_size;
};

static struct plan plan;
static struct peer* peers;
static size_t request_size;
static size_t burst_size;
static char block[block_size];
static int epoll_fd;

// Of the run that is under way.
static struct outcome seen;
static struct histogram latencies;
static uint64_t ends_at;
static size_t busy; // peers with something still to be sent or answered
static uint64_t reads;

static void die(const char* what)
{
    perror(what);
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void* allocate(size_t size)
{
    void* memory = calloc(1, size);
    if (memory == NULL)
    {
        die("bench-load: calloc");
    }
    return memory;
}

static void watch(struct peer* p, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = p};
    if (epoll_ctl(epoll_fd, operation, p->fd, &event) != 0)
    {
        die("bench-load: epoll_ctl");
    }
}

// Requests in a row, of which a burst is any `depth` that follow each other: all alike, or `variety`
// different ones that take turns.
static char* make_requests(void)
{
    static const char same[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    static const char numbered[] = "GET /?n=%04zu HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    char request[sizeof numbered + 16];
    request_size = plan.variety > 1 ? sizeof numbered - 2 : sizeof same - 1; // %04zu becomes four digits
    burst_size = plan.depth * request_size;
    size_t count = plan.depth + plan.variety;
    char* text = allocate(count * request_size + 1);
    for (size_t i = 0; i < count; ++i)
    {
        snprintf(request, sizeof request, numbered, i % plan.variety);
        memcpy(text + i * request_size, plan.variety > 1 ? request : same, request_size);
    }
    return text;
}

// Echo: noise, another part of it for each connection, so that an answer that has strayed to the wrong
// connection or place is seen.
static char* make_text(void)
{
    if (plan.http)
    {
        return make_requests();
    }
    burst_size = plan.depth * plan.size;
    char* text = allocate(burst_size + spread);
    uint32_t noise = 1;
    for (size_t i = 0; i < burst_size + spread; ++i)
    {
        noise = noise * 1664525u + 1013904223u;
        text[i] = (char)(noise >> 24);
    }
    return text;
}

void traffic_open(const struct plan* what)
{
    plan = *what;
    const char* text = make_text();
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    peers = allocate(plan.connections * sizeof *peers);
    for (size_t i = 0; i < plan.connections; ++i)
    {
        struct peer* p = &peers[i];
        p->fd = dial(plan.port);
        if (p->fd < 0)
        {
            die("bench-load: connect");
        }
        p->burst = plan.http ? text + i % plan.variety * request_size : text + i * 61 % spread;
        watch(p, EPOLL_CTL_ADD, EPOLLIN);
    }
}

// Whatever the burst still lacked is lost with the connection.
static void give_up(struct peer* p)
{
    seen.errors += plan.http ? p->missing : (p->missing + plan.size - 1) / plan.size;
    busy -= p->missing != 0;
    p->missing = 0;
    close(p->fd);
    p->fd = -1;
}

static void push(struct peer* p, bool was_blocked)
{
    ssize_t sent = send(p->fd, p->burst + (burst_size - p->unsent), p->unsent, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
    {
        give_up(p);
        return;
    }
    p->unsent -= sent < 0 ? 0 : (size_t)sent;
    if ((p->unsent != 0) != was_blocked)
    {
        watch(p, EPOLL_CTL_MOD, p->unsent != 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }
}

static void begin_burst(struct peer* p, uint64_t now)
{
    p->sent_at = now;
    p->unsent = burst_size;
    p->missing = plan.http ? plan.depth : burst_size;
    push(p, false);
}

// How many exchanges the bytes in the block complete; -1 when they are wrong.
static long check_http(struct peer* p, size_t size)
{
    const char* rest;
    const char* end = block + size;
    long answers = take_answers(block, end, &rest);
    if (answers < 0 || (size_t)answers > p->missing)
    {
        return -1;
    }
    p->missing -= (size_t)answers;
    size_t kept = (size_t)(end - rest);
    if (kept != 0 || p->kept_size != 0)
    {
        free(p->kept);
        p->kept = kept == 0 ? NULL : memcpy(allocate(kept), rest, kept);
        p->kept_size = kept;
    }
    return answers;
}

static long check_echo(struct peer* p, size_t size)
{
    size_t before = burst_size - p->missing;
    if (size > p->missing || (reads++ % sampled_reads == 0 && memcmp(block, p->burst + before, size) != 0))
    {
        fputs("bench-load: the echo is not what was sent\n", stderr);
        return -1;
    }
    p->missing -= size;
    return (long)((before + size) / plan.size - before / plan.size);
}

static void pull(struct peer* p)
{
    if (p->kept_size != 0)
    {
        memcpy(block, p->kept, p->kept_size);
    }
    ssize_t got = recv(p->fd, block + p->kept_size, block_size - p->kept_size, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
    {
        return;
    }
    uint64_t now = now_ns();
    size_t size = p->kept_size + (size_t)(got > 0 ? got : 0);
    bool was_busy = p->missing != 0;
    long exchanges = got <= 0 ? -1 : plan.http ? check_http(p, size) : check_echo(p, size);
    if (exchanges < 0)
    {
        seen.errors += !was_busy; // an unasked end or byte is an error too
        give_up(p);
        return;
    }
    seen.bytes += (uint64_t)got;
    seen.exchanges += (uint64_t)exchanges;
    histogram_record(&latencies, now - p->sent_at, (uint64_t)exchanges);
    if (was_busy && p->missing == 0)
    {
        if (now < ends_at)
        {
            begin_burst(p, now);
        }
        else
        {
            --busy;
        }
    }
}

static void serve_events(void)
{
    struct epoll_event events[512];
    int count = epoll_wait(epoll_fd, events, 512, patience_ms);
    if (count == 0)
    {
        fprintf(stderr, "bench-load: %zu connections have no answer\n", busy);
        for (size_t i = 0; i < plan.connections; ++i)
        {
            if (peers[i].missing != 0)
            {
                give_up(&peers[i]);
            }
        }
    }
    for (int i = 0; i < count; ++i)
    {
        struct peer* p = events[i].data.ptr;
        if (events[i].events & EPOLLOUT)
        {
            push(p, true);
        }
        if (p->fd >= 0 && (events[i].events & ~(uint32_t)EPOLLOUT))
        {
            pull(p);
        }
    }
}

struct outcome traffic_run(double seconds)
{
    memset(&seen, 0, sizeof seen);
    histogram_clear(&latencies);
    uint64_t began_at = now_ns();
    ends_at = began_at + (uint64_t)(seconds * 1e9);
    busy = 0;
    for (size_t i = 0; i < plan.connections; ++i)
    {
        if (peers[i].fd >= 0)
        {
            ++busy;
            begin_burst(&peers[i], now_ns());
        }
    }
    while (busy != 0)
    {
        serve_events();
    }
    seen.seconds = (double)(now_ns() - began_at) / 1e9;
    seen.p50_ns = histogram_value_at(&latencies, 0.50);
    seen.p99_ns = histogram_value_at(&latencies, 0.99);
    return seen;
}
