#pragma once

#include "http/head.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace naru::http
{

/// Takes the chunked coding (RFC 9112, 7.1) out of a body where it lies: content moves to the front. Sans-IO;
/// strict: hex digits, checked extensions, CRLF where CRLF belongs. Trailer fields are checked and dropped.
class chunk_decoder
{
  public:
    void begin(std::size_t longest_body, const head_limits& trailer_limits) noexcept
    {
        *this = {};
        longest_body_ = longest_body;
        limits_ = trailer_limits;
    }

    /// `body` begins with the first byte after the head and holds all that has come, with what earlier calls
    /// left in it, untouched. Afterwards content() bytes of it are content; when whole, consumed() bytes
    /// belong to the message.
    progress decode(std::span<char> body, refusal& why);

    /// Bytes between the content and what has not been understood: size lines and the like. gap_closed() says
    /// that they have been taken out of the body.
    std::size_t gap() const noexcept { return read_ - content_; }
    void gap_closed() noexcept { read_ = content_; }

    std::size_t content() const noexcept { return content_; }
    std::size_t consumed() const noexcept { return read_; }

  private:
    enum class state : std::uint8_t
    {
        size_line,
        data,
        data_end,
        trailer,
    };

    /// The next line, ended by CRLF; partial when it is not whole.
    progress line(std::string_view body, std::size_t longest, std::string_view& out, refusal& why);
    bool begin_chunk(std::string_view line, refusal& why);

    state state_ = state::size_line;
    std::size_t read_ = 0;    // bytes of the body that have been understood
    std::size_t content_ = 0; // bytes of content, at the front
    std::size_t left_ = 0;    // of the chunk under way
    std::size_t scanned_ = 0; // bytes from read_ on in which no line ends
    std::size_t extensions_ = 0;
    std::size_t trailer_size_ = 0;
    std::size_t trailer_fields_ = 0;
    std::size_t longest_body_ = 0;
    head_limits limits_{};
};

} // namespace naru::http
