// bench-libuv-echo PORT: an echo on libuv as a user writes it who has read its manual: one read buffer for
// all, a write tried at once, a request only for what did not go out.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <uv.h>

static char block[64 * 1024];

// What a peer has not taken yet. It is not read from meanwhile, so there is one of these a connection at
// most.
struct rest
{
    uv_write_t request;
    char bytes[];
};

static void must(int result, const char* what)
{
    if (result < 0)
    {
        fprintf(stderr, "bench-libuv-echo: %s: %s\n", what, uv_strerror(result));
        exit(1);
    }
}

static void free_connection(uv_handle_t* handle)
{
    free(handle);
}

static void hang_up(uv_stream_t* stream)
{
    if (!uv_is_closing((uv_handle_t*)stream))
    {
        uv_close((uv_handle_t*)stream, free_connection);
    }
}

static void lend_block(uv_handle_t* handle, size_t suggested, uv_buf_t* buffer)
{
    (void)handle;
    (void)suggested;
    *buffer = uv_buf_init(block, sizeof block);
}

static void echo(uv_stream_t* stream, ssize_t got, const uv_buf_t* buffer);

static void rest_written(uv_write_t* request, int result)
{
    uv_stream_t* stream = request->handle;
    free(request->data);
    if (result < 0 || uv_read_start(stream, lend_block, echo) < 0)
    {
        hang_up(stream);
    }
}

static void write_rest(uv_stream_t* stream, const char* bytes, size_t size)
{
    struct rest* rest = malloc(sizeof *rest + size);
    must(rest == NULL ? UV_ENOMEM : 0, "malloc");
    memcpy(rest->bytes, bytes, size);
    rest->request.data = rest;
    uv_buf_t buffer = uv_buf_init(rest->bytes, (unsigned)size);
    uv_read_stop(stream);
    must(uv_write(&rest->request, stream, &buffer, 1, rest_written), "write");
}

static void echo(uv_stream_t* stream, ssize_t got, const uv_buf_t* buffer)
{
    if (got < 0)
    {
        hang_up(stream);
    }
    if (got <= 0)
    {
        return;
    }
    uv_buf_t all = uv_buf_init(buffer->base, (unsigned)got);
    int sent = uv_try_write(stream, &all, 1);
    if (sent < 0 && sent != UV_EAGAIN)
    {
        hang_up(stream);
        return;
    }
    size_t gone = sent < 0 ? 0 : (size_t)sent;
    if (gone < (size_t)got)
    {
        write_rest(stream, buffer->base + gone, (size_t)got - gone);
    }
}

static void welcome(uv_stream_t* listener, int result)
{
    must(result, "connection");
    uv_tcp_t* peer = malloc(sizeof *peer);
    must(peer == NULL ? UV_ENOMEM : 0, "malloc");
    must(uv_tcp_init(listener->loop, peer), "tcp");
    uv_stream_t* stream = (uv_stream_t*)peer;
    must(uv_accept(listener, stream), "accept");
    uv_tcp_nodelay(peer, 1); // fails when the peer has reset already; the first read will tell
    if (uv_read_start(stream, lend_block, echo) < 0)
    {
        hang_up(stream);
    }
}

int main(int argc, char** argv)
{
    if (argc != 2)
    {
        fputs("usage: bench-libuv-echo PORT\n", stderr);
        return 2;
    }
    struct rlimit descriptors;
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);

    uv_loop_t* loop = uv_default_loop();
    uv_tcp_t listener;
    struct sockaddr_in address;
    int size = sizeof address;
    must(uv_tcp_init(loop, &listener), "tcp");
    must(uv_ip4_addr("127.0.0.1", atoi(argv[1]), &address), "address");
    must(uv_tcp_bind(&listener, (struct sockaddr*)&address, 0), "bind");
    must(uv_listen((uv_stream_t*)&listener, 4096, welcome), "listen");
    must(uv_tcp_getsockname(&listener, (struct sockaddr*)&address, &size), "getsockname");
    printf("listening echo tcp://127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
    return uv_run(loop, UV_RUN_DEFAULT);
}
