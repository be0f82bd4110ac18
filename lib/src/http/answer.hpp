#pragma once

#include <naru/base/clock.hpp>
#include <naru/http/response.hpp>

#include <cstddef>
#include <string_view>

namespace naru::http
{

/// The Date field (RFC 9110, 6.6.1), written anew once a second.
class date_field
{
  public:
    static constexpr std::size_t length = sizeof("Date: Tue, 24 Nov 2026 22:00:00 GMT\r\n") - 1;

    void look_at(time_point now) noexcept
    {
        if (now >= good_until_)
            renew(now);
    }

    /// `Date: Tue, 24 Nov 2026 22:00:00 GMT\r\n`, `length` bytes.
    const char* bytes() const noexcept { return text_; }

  private:
    void renew(time_point now) noexcept;

    char text_[length];
    time_point good_until_ = time_point::min();
};

/// What an answer says beside the handler's response.
struct answer_context
{
    bool head_only = false;      ///< to HEAD: the fields without the content
    bool close = false;          ///< the connection ends after it
    bool say_keep_alive = false; ///< HTTP/1.0 asked for it and has to be told
};

/// The most bytes that write_answer_head() can need.
std::size_t answer_head_size(const response& from) noexcept;

/// Status line and fields, up to and with the empty line. Returns one past the last byte.
char* write_answer_head(char* to, const response& from, const answer_context& context,
                        const date_field& date) noexcept;

/// Whether a response of that status has content at all (RFC 9110, 6.4.1).
bool has_content(status code) noexcept;

} // namespace naru::http
