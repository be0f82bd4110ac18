// A handler that waits for a timer, and one that works on another thread. example-waiting [ENDPOINT]

#include <naru/naru.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <string_view>

namespace asio = boost::asio;

// Waits without holding a thread: the timer is on the event loop of the session.
naru::task<> wait(std::chrono::milliseconds duration)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, duration);
    co_await timer.async_wait(asio::use_awaitable);
}

std::string sorted(std::string text) // stands for work that blocks, or computes for long
{
    std::sort(text.begin(), text.end());
    return text;
}

// The session waits; its event loop serves others; a thread of the pool works. The result arrives on the
// session's own thread.
naru::task<std::string> sort_on(asio::thread_pool& pool, const std::string& text)
{
    const auto work = [&text]() -> naru::task<std::string> { co_return sorted(text); };
    co_return co_await asio::co_spawn(pool, work, asio::use_awaitable);
}

naru::task<> serve(naru::session& s, asio::thread_pool& pool)
{
    while (const auto line = co_await s.read_line())
    {
        const std::string text(*line); // the view is good until the next read only
        co_await wait(std::chrono::milliseconds(10));
        const std::string result = co_await sort_on(pool, text);
        co_await s.write(result, "\r\n");
    }
}

constexpr std::string_view usage = "usage: example-waiting [ENDPOINT]: sorts the letters of every line, on "
                                   "tcp://127.0.0.1:9191 by default\n";

int main(int argc, char** argv)
try
{
    const bool help = argc == 2 && std::string_view(argv[1]) == "--help";
    if (help || argc > 2)
    {
        (help ? std::cout : std::cerr) << usage;
        return help ? 0 : 2;
    }

    asio::thread_pool pool(2); // before the server, whose sessions use it
    naru::server server;
    const auto at = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9191",
                                  naru::raw([&pool](naru::session& s) { return serve(s, pool); }));
    std::cout << "listening raw " << at.local().text() << std::endl;
    return server.run();
}
catch (const naru::error& e) // a port in use, a bad endpoint: one line that says what, where and why
{
    std::cerr << "example-waiting: " << e.what() << "\n";
    return e.code() == naru::errc::bad_endpoint ? 2 : 1;
}
