#pragma once

#include <boost/asio/awaitable.hpp>

namespace naru
{

/// A coroutine of Naru: Asio's own `awaitable`, so whatever Asio-based library can be awaited inside a
/// handler, and a handler can be spawned by whatever runs Asio. Lazy: it starts when it is awaited or
/// spawned.
template <class T = void>
using task = boost::asio::awaitable<T>;

} // namespace naru
