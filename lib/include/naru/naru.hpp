#pragma once

/// Naru: raw sockets and HTTP side by side in one process, each raw connection one coroutine. Start reading
/// here; the headers go from what a program touches first to what it touches last.

#include <naru/server/server.hpp>  // the server: listen, run, drain
#include <naru/raw/raw.hpp>        // raw(handler): a socket as it is
#include <naru/server/session.hpp> // what a raw handler talks to
#include <naru/http/serve.hpp>     // http::serve(router), and its limits
#include <naru/http/router.hpp>    // which handler answers which path
#include <naru/http/request.hpp>   // what an HTTP handler is asked
#include <naru/http/response.hpp>  // what it answers
#include <naru/server/dial.hpp>    // the client's half of a conversation
#include <naru/base/error.hpp>     // how it all fails
