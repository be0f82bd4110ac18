// The floor's echo: what came goes back, and nothing more is read until all of it has gone.
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static bool blocked(ssize_t result)
{
    return result < 0 && (errno == EAGAIN || errno == EINTR);
}

static bool send_kept(struct connection* c)
{
    ssize_t sent = send(c->fd, c->kept + (c->kept_size - c->owed), c->owed, MSG_NOSIGNAL);
    if (sent < 0)
    {
        return blocked(sent);
    }
    c->owed -= (size_t)sent;
    if (c->owed != 0)
    {
        return true;
    }
    keep(c, NULL, 0);
    return wait_for(c, EPOLLIN);
}

bool echo_ready(struct connection* c)
{
    if (c->owed != 0)
    {
        return send_kept(c);
    }

    ssize_t got = recv(c->fd, block, block_size, 0);
    if (got <= 0)
    {
        return blocked(got);
    }
    ssize_t sent = send(c->fd, block, (size_t)got, MSG_NOSIGNAL);
    if (sent == got)
    {
        return true;
    }
    if (sent < 0 && !blocked(sent))
    {
        return false;
    }

    size_t gone = sent < 0 ? 0 : (size_t)sent;
    c->owed = (size_t)got - gone;
    keep(c, block + gone, c->owed);
    return wait_for(c, EPOLLOUT);
}
