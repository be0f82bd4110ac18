#include "servers.hpp"

#include <naru/naru.hpp>

#include <boost/asio/io_context.hpp>

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <thread>

namespace compare
{

namespace
{

naru::task<> echo(naru::session& s)
{
    while (auto line = co_await s.read_line())
        co_await s.write(*line, "\n");
}

naru::http::response echo_body(const naru::http::request& r)
{
    return naru::http::bytes(std::string(r.body()));
}

naru::http::response tell(const newsroom& news, const naru::http::request& r)
{
    const std::string after = r.query("after").value_or("");
    std::uint64_t last = 0;
    const auto parsed = std::from_chars(after.data(), after.data() + after.size(), last);
    if (parsed.ec != std::errc() || parsed.ptr != after.data() + after.size())
        return naru::http::plain(naru::http::status::bad_request);
    return naru::http::text(news.since(last));
}

naru::server_options quiet()
{
    naru::server_options options;
    options.log.level = naru::log_level::warning;
    return options;
}

} // namespace

// The event loop is ours and not the server's, because then its thread is ours too, and we can ask for its
// clock.
class servers::state
{
  public:
    explicit state(std::size_t bytes);
    ~state();

    newsroom news;
    boost::asio::io_context loop{1};
    naru::server server{loop, quiet()};
    addresses at;
    std::thread thread;
    clockid_t clock{};

  private:
    naru::endpoint listen(const std::string& where, naru::protocol speaks);
};

servers::state::state(std::size_t bytes) : news(bytes)
{
    naru::http::router site;
    site.post("/echo", echo_body);
    site.get("/news", [this](const naru::http::request& r) { return tell(news, r); });

    naru::limits bounds;
    bounds.line = std::max(bounds.line, bytes);
    bounds.outbox_full = 0; // messages may be as large as that

    const std::string any_port = "tcp://127.0.0.1:0";
    at.one_shot_http = listen(any_port, naru::http::serve(site, {.one_shot = true, .access_log = false}));
    at.kept_http = listen(any_port, naru::http::serve(site, {.access_log = false}));
    at.raw_tcp = listen(any_port, naru::raw(echo, bounds));
    at.raw_unix = listen("unix:@naru-compare-" + std::to_string(::getpid()), naru::raw(echo, bounds));
    at.news = listen(any_port, naru::raw([this](naru::session& s) { return news.serve(s); }, bounds));

    server.start();
    thread = std::thread([this] { loop.run(); });
    ::pthread_getcpuclockid(thread.native_handle(), &clock);
}

servers::state::~state()
{
    server.stop();
    thread.join();
}

naru::endpoint servers::state::listen(const std::string& where, naru::protocol speaks)
{
    return server.listen(where, std::move(speaks)).local();
}

servers::servers(std::size_t bytes) : state_(std::make_unique<state>(bytes)) {}

servers::~servers() = default;

const addresses& servers::at() const noexcept
{
    return state_->at;
}

newsroom& servers::newsdesk() noexcept
{
    return state_->news;
}

std::chrono::nanoseconds servers::cpu() const
{
    timespec used{};
    ::clock_gettime(state_->clock, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

} // namespace compare
