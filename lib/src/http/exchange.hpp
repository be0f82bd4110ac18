#pragma once

#include "http/chunk_decoder.hpp"
#include "http/framing_rules.hpp"
#include "http/head.hpp"
#include "http/route_tree.hpp"

#include <naru/http/request.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace naru
{
class session_core;
}

namespace naru::http
{

/// One request on its way: from its first byte until it is answered. What stands behind `request`. Sans-IO:
/// it is shown the bytes that have come, all from its beginning, and says how far it is. Reused from request
/// to request.
class exchange
{
  public:
    struct bounds
    {
        head_limits head;
        std::size_t body;
        empty_host when_empty = empty_host::refused;
    };

    /// Another request begins, of this session.
    void begin(const session_core& of) noexcept;

    /// `bytes` are all that have come since begin(), where they now lie; what an earlier call was shown comes
    /// first, and is not changed by anybody else.
    progress advance(std::span<char> bytes, const bounds& limits);

    /// Of a message that is not whole: bytes that hold nothing any more, and where they begin. Without taking
    /// them out now and then, a body of one-byte chunks would cost twenty times its limit.
    std::size_t gap_at() const noexcept { return head_.size + chunks_.content(); }
    std::size_t gap() const noexcept
    {
        return stage_ == stage::body && verdict_.content == framing::chunked ? chunks_.gap() : 0;
    }
    void gap_closed() noexcept { chunks_.gap_closed(); }

    /// The bytes have been moved.
    void rebase(const char* bytes) noexcept { base_ = bytes; }

    bool has_head() const noexcept { return stage_ == stage::body || stage_ == stage::whole; }
    /// Also of a head that is not whole, or is refused further down than its first line.
    bool asks_for_head_only() const noexcept
    {
        return stage_ != stage::nothing && head_.method == verb::head;
    }
    const request_head& head() const noexcept { return head_; }
    const verdict& judged() const noexcept { return verdict_; }
    const refusal& refused() const noexcept { return refusal_; }
    /// How long the message is going to be, when its head says it; 0 when that is not known yet.
    std::size_t expected() const noexcept
    {
        return has_head() && verdict_.content == framing::length ? head_.size + verdict_.length : 0;
    }
    /// Of the message, when it is whole.
    std::size_t size() const noexcept { return size_; }
    /// Of a message that is not whole, or is refused: its length as the head says it. nullopt when the head
    /// is not whole or does not say it.
    std::optional<std::uint64_t> announced_size() const noexcept;

    std::string_view text(piece of) const noexcept { return of.of(base_); }
    std::string_view path() const noexcept { return text(head_.path); }
    std::string_view body() const noexcept { return {base_ + head_.size, body_size_}; }

    /// Finds the route; once, when the head is there.
    const match& look_up(const router::tree& routes);
    const match& matched() const noexcept { return match_; }
    std::string_view param(std::string_view name) const;

    const session_core& of() const noexcept { return *session_; }
    const http::request& face() const noexcept { return face_; }

    bool told_to_continue = false;

  private:
    enum class stage : std::uint8_t
    {
        nothing, // no byte has been read; what is known is of the request before
        head,
        body,
        whole,
    };

    bool says_the_same_again(std::string_view bytes) const noexcept;
    progress read_head(std::string_view bytes, const bounds& limits);

    stage stage_ = stage::nothing;
    bool looked_up_ = false; // match_ is of this head
    std::string
        remembered_; // the bytes of the last head that was sound; head_, verdict_ and match_ are of it
    const char* base_ = nullptr;
    const session_core* session_ = nullptr;
    head_position position_;
    request_head head_;
    verdict verdict_;
    refusal refusal_;
    chunk_decoder chunks_;
    std::size_t body_size_ = 0;
    std::size_t size_ = 0;
    match match_;
    std::vector<piece> params_;
    std::vector<std::string_view> found_params_;
    http::request face_;
};

} // namespace naru::http
