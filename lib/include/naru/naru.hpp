#pragma once

/// Naru: raw sockets and HTTP side by side in one process, each raw connection one coroutine. Start reading
/// here; the headers are listed from what a program uses first to what it uses last.
///
/// Not included here: `naru::testing`, with which a program tests its handlers. <naru/testing/loopback.hpp>
/// runs a server without sockets and threads, <naru/testing/memory_stream.hpp> is one end of a scripted
/// connection, <naru/testing/test_clock.hpp> is a clock that the test turns, and <naru/testing/relay.hpp>
/// delays a real connection.

#include <naru/server/server.hpp>  // the server: listen, run, drain
#include <naru/raw/raw.hpp>        // raw(handler): a socket as it is
#include <naru/server/session.hpp> // one connection, as a raw handler sees it
#include <naru/http/serve.hpp>     // http::serve(router), and its limits
#include <naru/http/router.hpp>    // selects the handler for a path
#include <naru/http/request.hpp>   // what an HTTP handler receives
#include <naru/http/response.hpp>  // what it returns
#include <naru/server/dial.hpp>    // connects to a server
#include <naru/base/error.hpp>     // the exception that it throws, and its codes
