// The floor's HTTP: counts requests, sends that many copies of one answer.
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

// As long as Naru's answer to the same request, so that both move the same bytes.
#define ANSWER                                                                                               \
    "HTTP/1.1 200 OK\r\n"                                                                                    \
    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"                                                                \
    "Content-Type: text/plain; charset=utf-8\r\n"                                                            \
    "Content-Length: 13\r\n"                                                                                 \
    "\r\n"                                                                                                   \
    "Hello, World!"
#define FOUR_TIMES(text) text text text text

// Many in a row, so that a burst of requests is answered by one send without a copy.
static const char answers[] = FOUR_TIMES(FOUR_TIMES(FOUR_TIMES(ANSWER)));

enum
{
    answer_size = sizeof ANSWER - 1,
    answers_size = sizeof answers - 1
};

// All answers are alike, so what is owed is a number, and the number says where in an answer the next byte
// lies.
static bool send_answers(struct connection* c)
{
    while (c->owed != 0)
    {
        size_t begin = (answer_size - c->owed % answer_size) % answer_size;
        size_t size = answers_size - begin < c->owed ? answers_size - begin : c->owed;
        ssize_t sent = send(c->fd, answers + begin, size, MSG_NOSIGNAL);
        if (sent < 0)
        {
            return (errno == EAGAIN || errno == EINTR) && wait_for(c, EPOLLOUT);
        }
        c->owed -= (size_t)sent;
    }
    return true;
}

// Counts the "\r\n\r\n" between the two and gives the end of the last one. Looks at the place where the last
// byte of the four would be, and so at every fourth byte of a line only: 6 to 15 ns a request, where
// memmem(3) takes 23.
static const char* count_requests(const char* begin, const char* end, size_t* count)
{
    const char* done = begin;
    for (const char* at = begin + 3; at < end;)
    {
        if (*at == '\n' && memcmp(at - 3, "\r\n\r\n", 4) == 0)
        {
            done = at + 1;
            ++*count;
            at += 4;
        }
        else
        {
            at += *at == '\n' ? 2 : *at == '\r' ? 1 : 4;
        }
    }
    return done;
}

bool http_ready(struct connection* c)
{
    if (c->owed != 0)
    {
        return send_answers(c) && (c->owed != 0 || wait_for(c, EPOLLIN));
    }

    if (c->kept_size != 0)
    {
        memcpy(block, c->kept, c->kept_size);
    }
    ssize_t got = recv(c->fd, block + c->kept_size, block_size - c->kept_size, 0);
    if (got <= 0)
    {
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    }

    const char* end = block + c->kept_size + got;
    size_t requests = 0;
    const char* rest = count_requests(block, end, &requests);
    if (end - rest == block_size)
    {
        return false; // no request is that long
    }
    if (rest != end || c->kept_size != 0)
    {
        keep(c, rest, (size_t)(end - rest));
    }
    c->owed = requests * answer_size;
    return send_answers(c);
}
