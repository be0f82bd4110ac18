#include "http_side.hpp"

#include "front_page.hpp"
#include "questions.hpp"
#include "refusal.hpp"
#include "session_list.hpp"

#include <naru/http/serve.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <utility>

namespace demo
{

namespace
{

namespace http = naru::http;

/// What a peer sent is given back as plain text, and no browser shall think it something else.
http::response plain_text(std::string body)
{
    http::response made = http::text(std::move(body));
    made.header("X-Content-Type-Options", "nosniff");
    return made;
}

http::response hello(questions& asked, std::string_view name)
{
    return plain_text(asked.hello(name) + "\n");
}

http::response room(questions& asked, std::string_view name)
{
    const rooms::picture seen = asked.who(name);
    boost::json::array members(seen.members.begin(), seen.members.end());
    boost::json::array messages;
    for (const rooms::message& each : seen.messages)
        messages.push_back({{"at", each.at}, {"from", each.from}, {"text", each.text}});
    return http::json({{"room", name}, {"members", std::move(members)}, {"messages", std::move(messages)}});
}

/// The body is the message as it is, `?from=` the speaker.
http::response say(questions& asked, const http::request& r)
{
    const std::string name = r.param("room");
    const std::size_t reached = asked.say(name, r.query("from").value_or("http"), r.body());
    return http::json({{"room", name}, {"reached", reached}}).code(http::status::created);
}

http::response health(const questions& asked)
{
    if (asked.going_down())
        return http::json({{"status", "going down"}}).code(http::status::service_unavailable);
    return http::json({{"status", "ok"}});
}

/// A handler with a refusal as its other answer: 400, and why.
template <class Handler>
auto or_refusal(Handler handler)
{
    return [handler = std::move(handler)](const http::request& r)
    {
        try
        {
            return handler(r);
        }
        catch (const refusal& why)
        {
            return plain_text(why.what() + std::string("\n")).code(http::status::bad_request);
        }
    };
}

naru::task<http::response> page(questions& asked, const http::request& r)
{
    const auto sessions = co_await asked.sessions();
    co_return front_page(r.host(), asked.stats(), sessions);
}

naru::task<http::response> session_list(questions& asked)
{
    const auto sessions = co_await asked.sessions();
    co_return http::json(listed(sessions));
}

} // namespace

naru::protocol http_side(questions& asked, bool one_shot)
{
    http::router site;
    site.get("/", [&asked](const http::request& r) { return page(asked, r); });
    for (const char* const path : {"/favicon.svg", "/favicon.ico"})
        site.get(path, [](const http::request&) { return favicon(); });
    site.get("/hello", or_refusal([&asked](const http::request& r)
                                  { return hello(asked, r.query("name").value_or("")); }));
    site.get("/hello/{name}",
             or_refusal([&asked](const http::request& r) { return hello(asked, r.param("name")); }));
    site.get("/time", [&asked](const http::request&) { return http::text(asked.time() + "\n"); });
    site.post("/echo", [](const http::request& r) { return plain_text(std::string(r.body())); });
    site.get("/rooms/{room}",
             or_refusal([&asked](const http::request& r) { return room(asked, r.param("room")); }));
    site.post("/rooms/{room}/messages",
              or_refusal([&asked](const http::request& r) { return say(asked, r); }));
    site.get("/sessions", [&asked](const http::request&) { return session_list(asked); });
    site.get("/healthz", [&asked](const http::request&) { return health(asked); });

    http::options options;
    options.one_shot = one_shot;
    return http::serve(std::move(site), options);
}

} // namespace demo
