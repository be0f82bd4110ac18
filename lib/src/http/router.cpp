#include "http/head.hpp"
#include "http/route_tree.hpp"

#include <naru/base/error.hpp>

#include <boost/url/decode_view.hpp>
#include <boost/url/encoding_opts.hpp>
#include <boost/url/pct_string_view.hpp>

#include <algorithm>
#include <tuple>

namespace naru::http
{

namespace
{

[[noreturn]] void bad_route(std::string_view pattern, std::string_view why)
{
    throw error(errc::bad_route, "route", pattern, why);
}

struct segment
{
    enum class kind
    {
        literal,
        param,
        rest,
    };
    kind is;
    std::string_view text; // the literal, or the name
};

/// Why no request can ever match this literal segment; null when one can. What is looked at is what a
/// request's own path has passed (http/head).
const char* fault_in_literal(std::string_view text)
{
    if (text.find_first_of("?#") != std::string_view::npos)
        return "a pattern is a path: no query, no fragment";
    const auto view = boost::urls::make_pct_string_view({text.data(), text.size()});
    if (!view)
        return "a % begins two hex digits";
    const std::string decoded = percent_decoded(text, false);
    if (decoded.find('\0') != std::string::npos)
        return "a path has no NUL";
    if (decoded == "." || decoded == "..")
        return "requests with dot segments are refused";
    return nullptr;
}

/// The segments of a pattern. "/" has one empty literal, as "/a/" ends with one.
std::vector<segment> segments_of(std::string_view pattern)
{
    if (!pattern.starts_with('/'))
        bad_route(pattern, "a pattern begins with /");
    std::vector<segment> out;
    for (std::size_t begin = 1; begin <= pattern.size();)
    {
        const std::size_t end = std::min(pattern.find('/', begin), pattern.size());
        std::string_view text = pattern.substr(begin, end - begin);
        begin = end + 1;
        if (text.find_first_of("{}") == std::string_view::npos)
        {
            if (const char* const fault = fault_in_literal(text))
                bad_route(pattern, fault);
            out.push_back({segment::kind::literal, text});
            continue;
        }
        if (text.size() < 3 || text.front() != '{' || text.back() != '}')
            bad_route(pattern, "a parameter is a whole segment: /{name}");
        text = text.substr(1, text.size() - 2);
        const bool rest = text.ends_with("...");
        if (rest)
            text.remove_suffix(3);
        if (text.empty() || text.find_first_of("{}.") != std::string_view::npos)
            bad_route(pattern, "a parameter has a name without dots and braces");
        if (rest && end != pattern.size())
            bad_route(pattern, "{name...} stands only at the end");
        out.push_back({rest ? segment::kind::rest : segment::kind::param, text});
    }
    return out;
}

} // namespace

std::string percent_decoded(std::string_view text, bool plus_is_space)
{
    const auto view = boost::urls::make_pct_string_view({text.data(), text.size()});
    if (!view)
        return std::string(text);
    boost::urls::encoding_opts options;
    options.space_as_plus = plus_is_space;
    const boost::urls::decode_view decoded(*view, options);
    return std::string(decoded.begin(), decoded.end());
}

void router::tree::insert(routes& into, std::unique_ptr<route> made)
{
    if (const route* there = into.find(made->method, made->method_name))
        bad_route(made->pattern,
                  "there is " + there->pattern + " already, and nothing would tell them apart");
    // Sorted, so that Allow and lists do not depend on the order of registration.
    const auto key = [](const route& of) { return std::tie(of.method, of.method_name); };
    const auto at = std::upper_bound(into.sorted.begin(), into.sorted.end(), made,
                                     [key](const auto& a, const auto& b) { return key(*a) < key(*b); });
    if (made->method == verb::unknown &&
        std::find(methods_.begin(), methods_.end(), made->method_name) == methods_.end())
        methods_.push_back(made->method_name);
    into.sorted.insert(at, std::move(made));
}

void router::tree::add(std::unique_ptr<route> made)
{
    const std::string pattern = made->pattern;
    node* at = &root_;
    for (const segment& each : segments_of(pattern))
    {
        if (each.is != segment::kind::literal)
        {
            if (std::find(made->names.begin(), made->names.end(), each.text) != made->names.end())
                bad_route(pattern, "the same name twice");
            made->names.emplace_back(each.text);
        }
        switch (each.is)
        {
        case segment::kind::rest:
            insert(at->rest, std::move(made));
            return;
        case segment::kind::param:
            if (!at->param)
                at->param = std::make_unique<node>();
            at = at->param.get();
            break;
        case segment::kind::literal:
            at = &at->literals[percent_decoded(each.text)];
            break;
        }
    }
    if (made->names.empty() && pattern.find('%') == std::string::npos)
        literal_[pattern] = &at->here;
    insert(at->here, std::move(made));
}

router::tree::tree(const tree& other)
{
    std::vector<const route*> all;
    collect(other.root_, all);
    for (const route* each : all)
        add(std::make_unique<route>(each->method, each->method_name, each->pattern, each->handler));
}

/// One walk down the tree. Each node is reached by one way only, so a walk never visits more nodes than there
/// are.
template <class Accept>
struct router::tree::search
{
    std::string_view path;
    bool encoded;
    std::vector<std::string_view>& params;
    Accept& accept; // bool(routes that end here): whether that is it

    bool walk(const node& at, std::size_t begin)
    {
        if (begin > path.size())
            return accept(at.here);
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view segment = path.substr(begin, end - begin);

        const auto literal = encoded ? at.literals.find(percent_decoded(segment)) : at.literals.find(segment);
        if (literal != at.literals.end() && walk(literal->second, end + 1))
            return true;
        if (at.param && !segment.empty())
        {
            params.push_back(segment);
            if (walk(*at.param, end + 1))
                return true;
            params.pop_back();
        }
        if (!at.rest.sorted.empty())
        {
            params.push_back(path.substr(begin));
            if (accept(at.rest))
                return true;
            params.pop_back();
        }
        return false;
    }
};

namespace
{

/// An absolute target may have no path: http://host.
std::string_view path_or_root(std::string_view path) noexcept
{
    return path.empty() ? std::string_view("/") : path;
}

} // namespace

match router::tree::find(verb method, std::string_view path, bool encoded,
                         std::vector<std::string_view>& params, std::string_view name) const
{
    match out;
    params.clear();
    if (path == "*") // the whole site, which is no path (RFC 9110, 9.3.7)
        return out;
    const std::string_view whole = path_or_root(path);
    auto accept = [&](const routes& here)
    {
        out.path_known |= !here.sorted.empty();
        out.found = here.find(method, name);
        if (!out.found && method == verb::head)
            out.found = here.find(verb::get, {});
        return out.found != nullptr;
    };
    if (!encoded)
        if (const auto at = literal_.find(whole); at != literal_.end() && accept(*at->second))
            return out;
    search<decltype(accept)>{whole, encoded, params, accept}.walk(root_, 1);
    return out;
}

namespace
{

std::string allow_text(std::vector<std::string> names)
{
    if (std::find(names.begin(), names.end(), "GET") != names.end())
        names.emplace_back("HEAD");
    names.emplace_back("OPTIONS");
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::string text;
    for (const std::string& name : names)
        text.append(text.empty() ? "" : ", ").append(name);
    return text;
}

} // namespace

std::string router::tree::allowed(std::string_view path, bool encoded) const
{
    std::vector<std::string> methods;
    std::vector<std::string_view> params;
    auto collect_all = [&](const routes& here)
    {
        for (const auto& each : here.sorted)
            methods.push_back(each->method_name);
        return false;
    };
    search<decltype(collect_all)>{path_or_root(path), encoded, params, collect_all}.walk(root_, 1);
    return allow_text(std::move(methods));
}

std::string router::tree::allowed_anywhere() const
{
    std::vector<const route*> all;
    collect(root_, all);
    std::vector<std::string> methods;
    for (const route* each : all)
        methods.push_back(each->method_name);
    return allow_text(std::move(methods));
}

void router::tree::collect(const node& at, std::vector<const route*>& out)
{
    for (const auto& each : at.here.sorted)
        out.push_back(each.get());
    for (const auto& each : at.rest.sorted)
        out.push_back(each.get());
    for (const auto& [text, child] : at.literals)
        collect(child, out);
    if (at.param)
        collect(*at.param, out);
}

std::vector<std::string> router::tree::lines() const
{
    std::vector<const route*> all;
    collect(root_, all);
    std::vector<std::string> out;
    for (const route* each : all)
        out.push_back(each->method_name + " " + each->pattern);
    std::sort(out.begin(), out.end());
    return out;
}

router::router() : tree_(std::make_unique<tree>()) {}
router::router(const router& other) : tree_(std::make_unique<tree>(*other.tree_)) {}
router& router::operator=(const router& other)
{
    tree_ = std::make_unique<tree>(*other.tree_);
    return *this;
}
router::router(router&&) noexcept = default;
router& router::operator=(router&&) noexcept = default;
router::~router() = default;

void router::add(verb method, std::string_view pattern, route_handler handler)
{
    if (method == verb::unknown)
        bad_route(pattern, "verb::unknown is no method: name it, as in on(\"QUERY\", ...)");
    if (method == verb::connect)
        bad_route(pattern, "CONNECT is not served");
    const auto name = boost::beast::http::to_string(method);
    tree_->add(std::make_unique<route>(method, std::string_view(name.data(), name.size()),
                                       std::string(pattern), std::move(handler)));
}

void router::add(std::string_view method, std::string_view pattern, route_handler handler)
{
    if (!is_token(method))
        bad_route(pattern, "a method is a token (RFC 9110, 5.6.2)");
    const verb known = boost::beast::http::string_to_verb({method.data(), method.size()});
    if (known != verb::unknown)
        return add(known, pattern, std::move(handler));
    tree_->add(std::make_unique<route>(known, method, std::string(pattern), std::move(handler)));
}

std::vector<std::string> router::routes() const
{
    return tree_->lines();
}

} // namespace naru::http
