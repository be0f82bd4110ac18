#include <naru/http/request.hpp>

#include "http/exchange.hpp"
#include "server/session_core.hpp"

#include <algorithm>

namespace naru::http
{

verb request::method() const noexcept
{
    return self_->head().method;
}

std::string_view request::method_text() const noexcept
{
    return self_->text(self_->head().method_text);
}

std::string_view request::target() const noexcept
{
    return self_->text(self_->head().target);
}

std::string_view request::path() const noexcept
{
    const std::string_view path = self_->path();
    return path.empty() ? std::string_view("/") : path;
}

std::string_view request::query() const noexcept
{
    return self_->text(self_->head().query);
}

unsigned request::version() const noexcept
{
    return self_->head().version;
}

std::string_view request::host() const noexcept
{
    return self_->text(self_->judged().host);
}

std::string request::param(std::string_view name) const
{
    return percent_decoded(self_->param(name));
}

std::optional<std::string> request::query(std::string_view name) const
{
    std::string_view rest = query();
    while (!rest.empty())
    {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        if (percent_decoded(pair.substr(0, equals), true) == name)
            return percent_decoded(pair.substr(std::min(equals + 1, pair.size())), true);
    }
    return std::nullopt;
}

std::optional<std::string_view> request::header(std::string_view name) const noexcept
{
    for (const field_line& each : self_->head().fields)
        if (equals_ignoring_case(self_->text(each.name), name))
            return self_->text(each.value);
    return std::nullopt;
}

std::optional<std::string_view> request::header(field name) const noexcept
{
    const auto text = boost::beast::http::to_string(name);
    return header(std::string_view(text.data(), text.size()));
}

std::size_t request::header_count() const noexcept
{
    return self_->head().fields.size();
}

std::string_view request::header_name(std::size_t index) const noexcept
{
    return self_->text(self_->head().fields[index].name);
}

std::string_view request::header_value(std::size_t index) const noexcept
{
    return self_->text(self_->head().fields[index].value);
}

std::string_view request::body() const noexcept
{
    return self_->body();
}

endpoint request::peer() const
{
    return self_->of().peer().to_endpoint();
}

std::uint64_t request::session_id() const noexcept
{
    return self_->of().id();
}

} // namespace naru::http
