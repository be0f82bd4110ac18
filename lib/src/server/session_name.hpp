#pragma once

#include "server/mailbox.hpp"

#include <naru/server/close_reason.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace naru
{

/// What all references to one session share. It outlives the session. Any thread.
///
/// Texts from other threads are gathered here and delivered together, so that a busy shard holds one letter a
/// session, and no more than its limit.
class session_name : public std::enable_shared_from_this<session_name>
{
  public:
    /// `most`: limits::outbox_full.
    session_name(std::shared_ptr<mailbox> to, std::uint64_t id, std::uint32_t slot, std::size_t most)
        : mail_(std::move(to)), id_(id), slot_(slot), most_(most)
    {
    }

    std::uint64_t id() const noexcept { return id_; }
    void limit(std::size_t most) noexcept { most_ = most; }

    void send(std::string text);
    void close(close_reason reason);

  private:
    bool gather(std::string_view text);
    void deliver(shard& here);

    const std::shared_ptr<mailbox> mail_;
    const std::uint64_t id_;
    const std::uint32_t slot_;
    std::atomic<std::size_t> most_;

    std::mutex mutex_; // over what follows
    std::string gathered_;
    bool posted_ = false;
    bool over_ = false; // more was sent than the limit allows
};

} // namespace naru
