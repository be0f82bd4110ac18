#pragma once

#include <naru/base/task.hpp>
#include <naru/http/request.hpp>
#include <naru/http/response.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace naru::http
{

/// A handler answers a request at once (a plain function), or later (a coroutine). It may be a lambda with
/// captures: the router owns it, and the listener the router.
using plain_handler = std::function<response(const request&)>;
using coroutine_handler = std::function<task<response>(const request&)>;
using route_handler = std::variant<plain_handler, coroutine_handler>;

/// Which handler answers which request. Patterns are made of
///
///     /literal           this text (compared after percent-decoding)
///     /{name}            one segment, not empty
///     /{name...}         all that is left, may be empty; only at the end
///
/// What is more specific wins, whatever the order in which routes were added: literal before {name} before
/// {name...}, segment by segment. GET also answers HEAD; OPTIONS and 405 with Allow answer themselves, unless
/// a route says otherwise. `/a` and `/a/` are two paths.
///
/// Methods that Beast has no verb for are routed by name: `site.on("QUERY", "/search", find)`. A method that
/// no route of the site names and Beast does not know is refused with 501 (RFC 9110, 9.1 and 15.6.2); one
/// that is known gets 404 on an unknown path and 405 on a path that is served by others. CONNECT is always
/// 501.
///
/// Throws `naru::error` (errc::bad_route, the pattern in its text) when a pattern is not one, when a method
/// is no token (RFC 9110, 5.6.2) or is CONNECT, or when two routes could not be told apart. Filled by one
/// thread; after that read by all shards.
class router
{
  public:
    router();
    router(router&&) noexcept;
    router& operator=(router&&) noexcept;
    router(const router& other);
    router& operator=(const router& other);
    ~router();

    template <class Handler>
    router& get(std::string_view pattern, Handler handler)
    {
        return on(verb::get, pattern, std::move(handler));
    }
    template <class Handler>
    router& post(std::string_view pattern, Handler handler)
    {
        return on(verb::post, pattern, std::move(handler));
    }
    template <class Handler>
    router& put(std::string_view pattern, Handler handler)
    {
        return on(verb::put, pattern, std::move(handler));
    }
    template <class Handler>
    router& del(std::string_view pattern, Handler handler)
    {
        return on(verb::delete_, pattern, std::move(handler));
    }

    template <class Handler>
    router& on(verb method, std::string_view pattern, Handler handler)
    {
        add(method, pattern, wrap(std::move(handler)));
        return *this;
    }

    /// `method` as it is sent: `GET`, `QUERY`. Case-sensitive.
    template <class Handler>
    router& on(std::string_view method, std::string_view pattern, Handler handler)
    {
        add(method, pattern, wrap(std::move(handler)));
        return *this;
    }

    /// The routes as `GET /hello/{name}`, a line each, sorted.
    std::vector<std::string> routes() const;

    class tree;
    const tree& read() const noexcept { return *tree_; }

  private:
    template <class Handler>
    static route_handler wrap(Handler handler)
    {
        constexpr bool plain = std::is_invocable_r_v<response, Handler&, const request&>;
        constexpr bool coroutine = std::is_invocable_r_v<task<response>, Handler&, const request&>;
        static_assert(plain || coroutine,
                      "an HTTP handler takes const request& and gives a response or a task<response>");
        if constexpr (coroutine)
            return coroutine_handler(std::move(handler));
        else if constexpr (plain)
            return plain_handler(std::move(handler));
    }

    void add(verb method, std::string_view pattern, route_handler handler);
    void add(std::string_view method, std::string_view pattern, route_handler handler);

    std::unique_ptr<tree> tree_;
};

} // namespace naru::http
