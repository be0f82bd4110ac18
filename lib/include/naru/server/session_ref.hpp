#pragma once

#include <naru/server/close_reason.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace naru
{

class session_name;

/// A name for a session, which may outlive it. It may be copied, and used from any thread. send() and close()
/// do nothing when the session has ended.
class session_ref
{
  public:
    session_ref() = default;

    /// 0 for a reference to no session.
    std::uint64_t id() const noexcept;

    /// As session::send(), on the session's own shard: at once when called there, else a moment later. When
    /// the shard is busy, text waits for it; more than limits::outbox_full bytes of it end the session as a
    /// slow consumer.
    void send(std::string text) const;

    /// As session::close(), at once or a moment later in the same way.
    void close(close_reason reason = close_reason::closed_by_us) const;

    /// The same session, of the same server.
    friend bool operator==(const session_ref& a, const session_ref& b) noexcept { return a.name_ == b.name_; }

  private:
    friend class conversation;
    explicit session_ref(std::shared_ptr<session_name> name) noexcept;

    std::shared_ptr<session_name> name_;
};

} // namespace naru
