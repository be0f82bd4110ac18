#pragma once

#include <naru/base/cpp20.hpp>

#include <ostream> // which Boost 1.81's string_view forgets to include

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/json/fwd.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace naru::http
{

using boost::beast::http::status;

/// What a handler answers: a status, fields, a body. Each setter gives the response back, so that
/// `return text("made").code(status::created);` is a handler's last line. Naru adds Date, Content-Length and
/// Connection; a handler that wants the connection closed says so with close().
class response
{
  public:
    response() = default;
    explicit response(status code) : code_(code) {}

    status code() const noexcept { return code_; }
    response& code(status value) & noexcept;
    response code(status value) && noexcept { return std::move(code(value)); }

    /// Adds a field. Throws `naru::error` (errc::bad_header) when `name` is no token, when `value` has a
    /// control character in it, CR and LF above all, or when the field is one that Naru writes itself
    /// (Content-Length, Transfer-Encoding, Connection, Date).
    response& header(std::string_view name, std::string_view value) &;
    response& header(boost::beast::http::field name, std::string_view value) &;
    response header(std::string_view name, std::string_view value) &&
    {
        return std::move(header(name, value));
    }
    response header(boost::beast::http::field name, std::string_view value) &&
    {
        return std::move(header(name, value));
    }

    /// `text/html; charset=utf-8`; the same rules. Empty: no such field.
    response& type(std::string_view media_type) &;
    response type(std::string_view media_type) && { return std::move(type(media_type)); }
    std::string_view type() const noexcept
    {
        return fixed_type_.empty() ? std::string_view(own_type_) : fixed_type_;
    }

    response& body(std::string bytes) & noexcept;
    response body(std::string bytes) && noexcept { return std::move(body(std::move(bytes))); }
    const std::string& body() const noexcept { return body_; }
    /// Takes the body out.
    std::string take_body() noexcept { return std::move(body_); }

    /// Ends the connection after this answer.
    response& close() & noexcept;
    response close() && noexcept { return std::move(close()); }
    bool closes() const noexcept { return close_; }

    const std::vector<std::pair<std::string, std::string>>& headers() const noexcept { return headers_; }

  private:
    friend response text(std::string);
    friend response html(std::string);
    friend response json(const boost::json::value&);
    friend response bytes(std::string, std::string_view);

    status code_ = status::ok;
    bool close_ = false;
    std::string_view fixed_type_; // of a literal; or else own_type_
    std::string own_type_;
    std::string body_;
    std::vector<std::pair<std::string, std::string>> headers_;
};

/// 200 with `text/plain; charset=utf-8`.
response text(std::string body);
/// 200 with `text/html; charset=utf-8`. What comes from outside must have been escaped: escape_html().
response html(std::string body);
/// 200 with `application/json`. To make a value include <boost/json/value.hpp>.
response json(const boost::json::value& value);
/// 200 with a media type of the caller's.
response bytes(std::string body, std::string_view media_type = "application/octet-stream");
/// `code` with its reason as a line of plain text: what errors answer.
response plain(status code);

/// `&`, `<`, `>`, `"` and `'` as character references.
std::string escape_html(std::string_view text);

} // namespace naru::http
