#pragma once

#include <naru/http/router.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace naru::http
{

/// One method of one pattern.
struct route
{
    route(verb method, std::string_view name, std::string pattern, route_handler handler)
        : method(method), method_name(name), pattern(std::move(pattern)), handler(std::move(handler))
    {
    }

    verb method;
    std::string method_name; // `GET`
    std::string pattern;
    std::vector<std::string> names; // of its parameters, in order
    route_handler handler;

    /// Whether the coroutine has been seen to suspend: then its request is copied before it begins, which
    /// costs what the request is long, and not the shard's block.
    mutable std::atomic<bool> suspends{false};
};

/// What a path and method lead to.
struct match
{
    const route* found = nullptr;
    bool path_known = false; // some method is served there
};

/// The routes as a tree of path segments; the first child that leads to the method wins, most specific first.
class router::tree
{
  public:
    tree() = default;
    tree(const tree& other);
    tree& operator=(const tree&) = delete;

    void add(std::unique_ptr<route> made);

    /// Fills `params` with what the parameters of the route stand for, still encoded. `path` begins with a
    /// slash, and `encoded` says whether there is a % in it. HEAD finds GET.
    /// `name` is looked at when `method` is verb::unknown.
    match find(verb method, std::string_view path, bool encoded, std::vector<std::string_view>& params,
               std::string_view name = {}) const;

    /// The methods that `path` has, as an Allow field says it: with HEAD beside GET, and OPTIONS.
    std::string allowed(std::string_view path, bool encoded) const;
    /// Of the whole site, for OPTIONS *.
    std::string allowed_anywhere() const;

    std::vector<std::string> lines() const;
    /// The names of the methods that are no verb of Beast's, each once.
    std::span<const std::string> methods() const noexcept { return methods_; }

  private:
    /// Those of one place, by method. Few: a walk beats a lookup.
    struct routes
    {
        std::vector<std::unique_ptr<route>> sorted;

        const route* find(verb method, std::string_view name) const noexcept
        {
            for (const auto& each : sorted)
                if (each->method == method && (method != verb::unknown || each->method_name == name))
                    return each.get();
            return nullptr;
        }
    };

    struct node
    {
        std::map<std::string, node, std::less<>> literals;
        std::unique_ptr<node> param;
        routes here;
        routes rest; // {name...} from here on
    };

    struct text_hash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept
        {
            return std::hash<std::string_view>{}(text);
        }
    };

    template <class Accept>
    struct search;
    void insert(routes& into, std::unique_ptr<route> made);
    static void collect(const node& at, std::vector<const route*>& out);

    node root_;
    std::vector<std::string> methods_;

    /// Paths without parameters, whole: what is most specific can be looked up at once.
    std::unordered_map<std::string, const routes*, text_hash, std::equal_to<>> literal_;
};

/// Percent-decoded; what is malformed stays as it is (request heads with such paths are refused before).
std::string percent_decoded(std::string_view text, bool plus_is_space = false);

} // namespace naru::http
