#pragma once

#include <naru/server/close_reason.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace naru
{

class shard_post;

/// A name for a session that may outlive it: copy it, keep it, use it from any thread. It never dangles; what
/// is said to a session that has ended goes nowhere.
class session_ref
{
  public:
    session_ref() = default;

    std::uint64_t id() const noexcept { return id_; }

    /// As session::send(), on the session's own shard: at once when called there, else a moment later.
    void send(std::string text) const;

    /// As session::close(), likewise.
    void close(close_reason reason = close_reason::closed_by_us) const;

    friend bool operator==(const session_ref& a, const session_ref& b) noexcept { return a.id_ == b.id_; }

  private:
    friend class conversation;
    session_ref(std::shared_ptr<shard_post> shard, std::uint64_t id, std::uint32_t slot) noexcept;

    std::shared_ptr<shard_post> shard_;
    std::uint64_t id_ = 0;
    std::uint32_t slot_ = 0;
};

} // namespace naru
