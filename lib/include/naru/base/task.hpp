#pragma once

#include <naru/base/cpp20.hpp>

#include <boost/asio/awaitable.hpp>
#include <naru/base/build_check.hpp>

namespace naru
{

/// A coroutine of Naru: Asio's own `awaitable`, so any Asio-based library can be awaited inside a handler,
/// and a handler can be spawned by anything that runs Asio. Lazy: it starts when it is awaited or spawned.
///
/// **Traps.** g++ 12 compiles some expressions around co_await wrongly, without a warning, at every level of
/// optimisation: it destroys an object twice, and the program aborts or its memory is corrupted. The object
/// is a temporary that has no constructor of its own and owns something: a lambda with captures, or a struct
/// made with braces. Give it a name in a statement before:
///
///     co_await s.write(co_await run([text = std::string(*line)] { return work(text); }), "\n"); // wrong
///
///     const auto job = [text = std::string(*line)] { return work(text); };
///     const std::string result = co_await run(job);
///     co_await s.write(result, "\n"); // right
///
/// Wrong in the same way: `co_await f({.host = name})` and `co_await f({})` where the parameter is a struct,
/// a default argument `= {}` of a function that is awaited, `point{co_await x()}`, and `?:` beside co_await.
/// Right: strings and containers made by their constructors, captures of references alone, and functions that
/// take their values as arguments.
///
/// `coroutine_traps.py FILE-OR-DIRECTORY…` finds these expressions. It lies in `share/naru` of an
/// installation and in `cmake/lint` of the source. Clang, and g++ 14, compile them rightly.
template <class T = void>
using task = boost::asio::awaitable<T>;

} // namespace naru
