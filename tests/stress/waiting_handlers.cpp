#include "waiting_handlers.hpp"

#include <naru/raw/raw.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <string>
#include <thread>

namespace naru::stress
{

namespace
{

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::size_t remembered = 64;

task<> sleep(std::chrono::milliseconds time)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    auto fired = timer.async_wait(asio::use_awaitable);
    co_await std::move(fired);
}

task<> read_one(session& s)
{
    co_await s.read_line();
}

} // namespace

task<> waiting_handlers::wait(wait_for kind)
{
    if (kind == wait_for::pool)
    {
        const auto work = []() -> task<>
        {
            std::this_thread::sleep_for(1ms);
            co_return;
        };
        auto there = asio::co_spawn(pool_, work, asio::use_awaitable);
        co_await std::move(there);
    }
    else
    {
        const std::chrono::milliseconds time = kind == wait_for::long_timer ? 1h : 2ms;
        co_await sleep(time);
    }
}

task<> waiting_handlers::serve(session& s, wait_for kind)
{
    note(s.ref());
    switch (kind)
    {
    case wait_for::peer:
        while (const auto line = co_await s.read_line())
            co_await s.write(*line, "\n");
        break;
    case wait_for::write:
    {
        const std::string large(300'000, 'w');
        co_await s.write(large);
        co_await s.finish_writing();
        break;
    }
    case wait_for::group:
    {
        using namespace asio::experimental::awaitable_operators;
        auto either = read_one(s) || sleep(3ms);
        co_await std::move(either);
        break;
    }
    default:
        co_await wait(kind);
        co_await s.write("waited\n");
    }
}

protocol waiting_handlers::raw(wait_for kind)
{
    limits bounds;
    bounds.linger = 20ms;
    return naru::raw([this, kind](session& s) { return serve(s, kind); }, bounds);
}

protocol waiting_handlers::http()
{
    http::router site;
    site.get("/", [](const http::request&) { return http::text("hello\n"); });
    site.post("/", [](const http::request& r) { return http::text(std::string(r.body())); });
    const auto add = [this, &site](const char* path, wait_for kind)
    {
        site.get(path,
                 [this, kind](const http::request&) -> task<http::response>
                 {
                     co_await wait(kind);
                     co_return http::text("waited\n");
                 });
    };
    add("/timer", wait_for::timer);
    add("/long", wait_for::long_timer);
    add("/pool", wait_for::pool);
    http::options options;
    options.linger = 20ms;
    options.handler_deadline = 30ms;
    options.access_log = false;
    return http::serve(std::move(site), options);
}

void waiting_handlers::note(const session_ref& of)
{
    const std::lock_guard lock(mutex_);
    if (sessions_.size() < remembered)
        sessions_.push_back(of);
    else
        sessions_[next_++ % remembered] = of;
}

session_ref waiting_handlers::any_session(std::size_t number)
{
    const std::lock_guard lock(mutex_);
    return sessions_.empty() ? session_ref() : sessions_[number % sessions_.size()];
}

} // namespace naru::stress
