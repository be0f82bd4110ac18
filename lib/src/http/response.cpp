#include <naru/http/response.hpp>

#include "http/head.hpp"

#include <naru/base/error.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace naru::http
{

namespace
{

/// Fields that say how the message is framed, or that Naru knows better.
bool written_by_naru(std::string_view name) noexcept
{
    for (const std::string_view own :
         {"content-length", "transfer-encoding", "connection", "date", "keep-alive"})
        if (equals_ignoring_case(name, own))
            return true;
    return false;
}

void check_value(std::string_view name, std::string_view value)
{
    if (!is_field_value(value))
        throw error(errc::bad_header, "response", {},
                    "a control character in the value of " + std::string(name));
}

} // namespace

response& response::code(status value) & noexcept
{
    code_ = value;
    return *this;
}

response& response::header(std::string_view name, std::string_view value) &
{
    if (!is_token(name))
        throw error(errc::bad_header, "response", {}, "the name of a field is not a token");
    if (written_by_naru(name))
        throw error(errc::bad_header, "response", {}, std::string(name) + " is written by Naru");
    if (equals_ignoring_case(name, "content-type"))
        return type(value);
    check_value(name, value);
    headers_.emplace_back(name, value);
    return *this;
}

response& response::header(boost::beast::http::field name, std::string_view value) &
{
    const auto text = boost::beast::http::to_string(name);
    return header(std::string_view(text.data(), text.size()), value);
}

response& response::type(std::string_view media_type) &
{
    check_value("Content-Type", media_type);
    own_type_ = media_type;
    fixed_type_ = {};
    return *this;
}

response& response::body(std::string bytes) & noexcept
{
    body_ = std::move(bytes);
    return *this;
}

response& response::close() & noexcept
{
    close_ = true;
    return *this;
}

response text(std::string body)
{
    response made;
    made.fixed_type_ = "text/plain; charset=utf-8";
    made.body_ = std::move(body);
    return made;
}

response html(std::string body)
{
    response made;
    made.fixed_type_ = "text/html; charset=utf-8";
    made.body_ = std::move(body);
    return made;
}

response json(const boost::json::value& value)
{
    response made;
    made.fixed_type_ = "application/json";
    made.body_ = boost::json::serialize(value);
    return made;
}

response bytes(std::string body, std::string_view media_type)
{
    response made;
    made.type(media_type);
    made.body_ = std::move(body);
    return made;
}

response plain(status code)
{
    const auto reason = boost::beast::http::obsolete_reason(code);
    response made = text(std::to_string(static_cast<unsigned>(code)) + " " +
                         std::string(reason.data(), reason.size()) + "\n");
    made.code(code);
    return made;
}

std::string escape_html(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (const char c : text)
        switch (c)
        {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    return out;
}

} // namespace naru::http
