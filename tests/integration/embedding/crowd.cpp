#include "crowd.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace embedding
{

namespace
{

constexpr std::chrono::seconds patience{60};

// The server's deadlines: none of them is to end what the test wants to see ended otherwise.
constexpr std::chrono::hours hours{10};

// Of a client's socket, so that little memory is needed to write more than it takes.
constexpr int receive_buffer = 4096;
constexpr std::size_t flood_size = 512 * 1024;

void check(bool went_well, const char* what)
{
    if (!went_well)
        throw std::runtime_error(what);
}

/// Each look takes a moment of its own; what is waited for comes from other threads.
template <class Condition>
void wait_until(Condition condition, const char* what)
{
    const auto due = std::chrono::steady_clock::now() + patience;
    while (!condition())
    {
        check(std::chrono::steady_clock::now() < due, what);
        std::this_thread::yield();
    }
}

} // namespace

// --- client -----------------------------------------------------------------------------------------

client::client(const naru::endpoint& to) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    const timeval deadline{patience.count(), 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(to.port());
    ::inet_pton(AF_INET, to.host().c_str(), &address.sin_addr);
    const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(socket_, generic, sizeof address) != 0)
        throw std::system_error(errno, std::generic_category(), "connect");
}

client::client(client&& from) noexcept : socket_(std::exchange(from.socket_, -1)) {}

client::~client()
{
    close();
}

void client::send(std::string_view bytes) const
{
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    check(sent == static_cast<ssize_t>(bytes.size()), "send");
}

std::string client::read(std::size_t size) const
{
    std::string all(size, '\0');
    const auto got = ::recv(socket_, all.data(), size, MSG_WAITALL);
    check(got == static_cast<ssize_t>(size), "the server has said less");
    return all;
}

std::string client::rest() const
{
    std::string all;
    char block[4096];
    ssize_t got = 0;
    while ((got = ::recv(socket_, block, sizeof block, 0)) > 0)
        all.append(block, static_cast<std::size_t>(got));
    check(got == 0 || errno == ECONNRESET, "the server has not ended this connection");
    return all;
}

void client::close()
{
    if (socket_ >= 0)
        ::close(std::exchange(socket_, -1));
}

// --- site -------------------------------------------------------------------------------------------

naru::protocol site::raw()
{
    naru::limits bounds;
    bounds.linger = bounds.linger_idle = bounds.read = bounds.write_stall = hours;
    return naru::raw([this](naru::session& s) { return serve(s); }, bounds);
}

naru::protocol site::http()
{
    naru::http::router routes;
    routes.get("/", [](const naru::http::request&) { return naru::http::text("here\n"); });
    routes.post("/", [](const naru::http::request& r) { return naru::http::text(std::string(r.body())); });
    routes.get("/gated", [this](const naru::http::request& r) { return gated(r); });
    naru::http::options options;
    options.linger = options.linger_idle = options.idle = hours;
    options.header_deadline = options.body_deadline = options.handler_deadline = hours;
    return naru::http::serve(std::move(routes), options);
}

naru::task<> site::serve(naru::session& s)
{
    while (const auto line = co_await s.read_line())
    {
        if (*line == "leave")
            co_return;
        if (*line == "timer")
        {
            ++in_handlers;
            co_await wait_for_ever();
        }
        if (*line == "deaf")
        {
            ++in_handlers;
            co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
            co_await wait_for_ever();
        }
        if (*line == "flood")
        {
            ++in_handlers;
            const std::string flood(flood_size, 'x');
            co_await s.write(flood);
        }
        co_await s.write(*line, "\n");
    }
}

naru::task<naru::http::response> site::gated(const naru::http::request& r)
{
    ++in_handlers;
    const bool for_ever = r.query("for") == "ever";
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor);
    while (for_ever || !gate_open)
    {
        timer.expires_after(std::chrono::milliseconds(5));
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
    co_return naru::http::text("let through\n");
}

naru::task<> site::wait_for_ever()
{
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor, std::chrono::hours(1));
    co_await timer.async_wait(boost::asio::use_awaitable);
}

// --- crowd ------------------------------------------------------------------------------------------

void wait_until_entered(const site& at, std::size_t handlers)
{
    wait_until([&] { return at.in_handlers == handlers; }, "handlers have not been entered");
}

crowd::crowd(naru::listener raw, naru::listener http, site& at, std::size_t each)
{
    constexpr std::string_view close = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    const struct
    {
        std::vector<client>& clients;
        const naru::listener& where;
        std::string_view says;
    } plan[kinds]{
        {idle_raw, raw, ""},
        {mid_line, raw, "half a li"},
        {in_timer, raw, "timer\n"},
        {not_reading, raw, "flood\n"},
        {lingering_raw, raw, "leave\n"},
        {idle_http, http, ""},
        {half_head, http, "GET / HTTP/1.1\r\nHost: a\r\nX-Ha"},
        {half_body, http, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nhalf"},
        {gated, http, "GET /gated HTTP/1.1\r\nHost: a\r\n\r\n"},
        {stuck, http, "GET /gated?for=ever HTTP/1.1\r\nHost: a\r\n\r\n"},
        {lingering_http, http, close},
    };
    std::size_t said = 0;
    for (const auto& kind : plan)
        for (std::size_t i = 0; i < each; ++i)
        {
            kind.clients.emplace_back(kind.where.local());
            kind.clients.back().send(kind.says);
            said += kind.says.size();
        }

    const auto heard = [&] { return raw.figures().bytes_in + http.figures().bytes_in == said; };
    wait_until(heard, "the server has not read what was sent");
    wait_until([&] { return raw.figures().open + http.figures().open == size(); }, "sessions have ended");
    wait_until_entered(at, 4 * each);
    for (const client& answered : lingering_http)
        check(answered.rest().ends_with("here\n"), "a request was not answered");
    for (const client& left : lingering_raw)
        check(left.rest().empty(), "somebody was answered who has left");
}

} // namespace embedding
