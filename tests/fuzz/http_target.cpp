#include "target.hpp"

#include "alarms.hpp"
#include "answers.hpp"
#include "clients.hpp"
#include "script.hpp"

#include <naru/http/serve.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace fuzz
{

namespace
{

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;
using namespace std::string_view_literals;
using naru::task;
using namespace naru::http;

constexpr std::string_view words[] = {
    "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n"sv,
    "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"sv,
    "GET /large HTTP/1.1\r\nHost: a\r\n\r\n"sv,
    "GET /f/a%20b?q=1+2&q=%41 HTTP/1.1\r\nHost: [::1]:80\r\nX: y\r\n\r\n"sv,
    "HEAD /wait HTTP/1.1\r\nHost: a\r\n\r\n"sv,
    "POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"sv,
    "POST /plain HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"sv,
    "POST /wait HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"sv,
    "POST /plain HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 60000\r\n\r\n"sv,
    "QUERY /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"sv,
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"sv,
    "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"sv,
    "DELETE /plain HTTP/1.1\r\nHost: a\r\n\r\n"sv,
    "GET http://b:1/plain?%00 HTTP/1.1\r\nHost: a\r\n\r\n"sv,
    "PUT /none HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"sv,
    "5\r\nhello\r\n"sv,
    "a;x=\"y\"\r\n0123456789\r\n"sv,
    "0\r\nX: y\r\n\r\n"sv,
    "Connection: close\r\n"sv,
    "Connection: keep-alive, X\r\n"sv,
    "Content-Length: 10\r\n"sv,
    "Transfer-Encoding: gzip, chunked\r\n"sv,
    "GET /wait HTTP/1.1\r\n"sv,
    "Host: a\r\n"sv,
    "\r\n"sv,
    "\r\n\r\n"sv,
    "hello"sv,
    "%2e%2e/%2f"sv,
};

/// What all handlers of one server share.
struct http_world
{
    script* choices = nullptr; // of the handlers
    alarms waiting;
    std::uint64_t calls = 0;
};

/// Everything that a request shows, summed up: its views have to show the same until it is answered.
std::uint64_t looked_at(const request& r)
{
    std::uint64_t sum = r.version() + r.session_id();
    const auto add = [&sum](std::string_view text) { sum = sum * 31 + std::hash<std::string_view>()(text); };
    add(r.method_text());
    add(r.target());
    add(r.path());
    add(r.query());
    add(r.host());
    add(r.body());
    for (std::size_t i = 0; i < r.header_count(); ++i)
    {
        require(!r.header_name(i).empty(), "a field has a name");
        require(r.header_value(i).find_first_of("\r\n\0"sv) == std::string_view::npos, "a value is one line");
        require(r.header(r.header_name(i)).has_value(), "a field is found by its name");
        add(r.header_name(i));
        add(r.header_value(i));
    }
    add(r.query("q").value_or("none"));
    add(r.header("x").value_or("none"));
    add(r.peer().text());
    require(r.version() == 10 || r.version() == 11, "a version is 1.0 or 1.1");
    require(r.target().starts_with("/") || r.target().find("://") != std::string_view::npos,
            "a target is a path");
    return sum;
}

response answer(const request& r, http_world& world)
{
    constexpr status codes[] = {
        status::ok,        status::created,   status::no_content,   status::reset_content,
        status::not_found, status::continue_, status::not_modified, status::bad_gateway};
    constexpr std::size_t sizes[] = {20, 0, 1, 8000, 9000, 40'000, 90'000};
    script& choices = *world.choices;
    const std::size_t choice = choices.below(256);
    if (choice == 255)
        throw std::runtime_error("as the script says");
    if (choice == 254)
        throw 1;
    response out = bytes(std::string(choices.one_of(sizes), 'x'));
    out.header("X-Call", std::to_string(world.calls)).header("X-Sum", std::to_string(looked_at(r)));
    if (choice >= 128)
        out.code(choices.one_of(codes));
    if (choice % 16 == 1)
        out.close();
    return out;
}

response at_once(const request& r, http_world& world)
{
    ++world.calls;
    return answer(r, world);
}

task<> wait_somehow(http_world& world, std::size_t how)
{
    auto executor = co_await asio::this_coro::executor;
    switch (how)
    {
    case 0:
        co_await world.waiting.wait();
        break;
    case 1:
        co_await asio::post(executor, asio::use_awaitable);
        break;
    case 2:
    {
        asio::steady_timer timer(executor);
        timer.expires_after(0s);
        co_await timer.async_wait(asio::use_awaitable);
        break;
    }
    case 3:
    {
        auto group = world.waiting.wait() || world.waiting.wait();
        co_await std::move(group);
        break;
    }
    case 4:
    {
        auto group = world.waiting.wait() && wait_somehow(world, 1);
        co_await std::move(group);
        break;
    }
    default:
        break;
    }
}

task<response> later(const request& r, http_world& world)
{
    const std::uint64_t call = ++world.calls;
    const std::uint64_t before = looked_at(r);
    for (int count = 0; count < 8; ++count)
    {
        const std::size_t how = world.choices->below(16);
        if (how == 0)
            break;
        try
        {
            co_await wait_somehow(world, how % 8);
        }
        catch (const boost::system::system_error&)
        {
            if (how < 8) // else it goes on although it was cancelled
                throw;
        }
        require(looked_at(r) == before, "a request stays as it was until it is answered");
    }
    response out = answer(r, world);
    out.header("X-Later", std::to_string(call));
    co_return out;
}

router make_site(http_world& world)
{
    const auto plain = [&world](const request& r) { return at_once(r, world); };
    const auto coroutine = [&world](const request& r) { return later(r, world); };
    const auto named = [&world](const request& r)
    {
        response out = at_once(r, world);
        out.header("X-Name", r.param("name")); // which throws at control characters
        return out;
    };
    router site;
    for (const char* const method : {"GET", "POST", "PUT", "QUERY"})
        site.on(method, "/plain", plain).on(method, "/wait", coroutine).on(method, "/f/{name}", named);
    site.get("/", plain).get("/large", coroutine).get("/all/{rest...}", coroutine);
    return site;
}

options choose_options(script& by)
{
    constexpr std::chrono::milliseconds longest = std::chrono::milliseconds::max();
    constexpr std::chrono::milliseconds times[] = {30s, 0ms, 1ms, 100ms, 5s, 600s, longest, -1ms};
    constexpr std::size_t bodies[] = {1024 * 1024, 0, 1, 5, 5000, SIZE_MAX};
    constexpr std::size_t heads[] = {32 * 1024, 0, 20, 60, 300, SIZE_MAX};
    constexpr std::size_t highs[] = {64 * 1024, 0, 1, 100, 10'000, SIZE_MAX};
    constexpr std::size_t rates[] = {240, 0, 1, 100'000, SIZE_MAX};

    options out;
    const std::size_t changed = by.below(256);
    if (changed & 1)
        out.body = by.one_of(bodies);
    if (changed & 2)
    {
        out.line = by.one_of(heads);
        out.head = by.one_of(heads);
        out.fields = by.below(4);
    }
    if (changed & 4)
    {
        out.outbox_high = by.one_of(highs);
        out.outbox_low = by.one_of(highs);
    }
    if (changed & 8)
    {
        out.header_deadline = by.one_of(times);
        out.body_deadline = by.one_of(times);
        out.body_rate = by.one_of(rates);
    }
    if (changed & 16)
    {
        out.handler_deadline = by.one_of(times);
        out.idle = by.one_of(times);
    }
    if (changed & 32)
    {
        out.write_stall = by.one_of(times);
        out.write_rate = by.one_of(rates);
    }
    if (changed & 64)
    {
        out.linger = by.one_of(times);
        out.linger_idle = by.one_of(times);
    }
    out.one_shot = (changed & 128) && by.below(2) == 0;
    return out;
}

} // namespace

void http_session(std::string_view input)
{
    script steps(input, script::from::front);
    script choices(input, script::from::back);
    http_world world;
    world.choices = &choices;
    std::array<answers, 8> seen_by;

    naru::testing::loopback_options options;
    const std::size_t end = steps.below(256);
    // The lines of the log are written by a thread, which costs more than all the rest.
    options.level = end % 64 == 63 ? naru::log_level::info : naru::log_level::off;
    constexpr std::size_t memories[] = {512 * 1024 * 1024, 0, 100'000, 1};
    options.memory = memories[end / 64];
    std::optional<naru::testing::loopback> server(std::in_place,
                                                  serve(make_site(world), choose_options(steps)), options);

    clients::hooks seen;
    seen.received = [&seen_by](std::size_t index, std::string_view bytes) { seen_by[index].received(bytes); };
    seen.outside = [&](std::size_t) { world.waiting.ring(steps.below(16)); };
    seen.ring_all = [&world] { world.waiting.ring_all(); };
    clients peers(*server, steps, words, std::move(seen));
    peers.play();
    switch (end % 4)
    {
    case 0:
    case 1:
        peers.end_in_order();
        break;
    case 2:
        peers.end_by_stop();
        break;
    default: // whatever is under way
        break;
    }
    if (options.level == naru::log_level::info)
        for (const std::string& line : server->log())
            require(line.find_first_of("\r\n\x1b\x7f"sv) == std::string::npos,
                    "a line of the log is plain text");
    server.reset();
}

} // namespace fuzz
