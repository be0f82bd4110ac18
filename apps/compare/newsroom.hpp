#pragma once

#include <naru/base/task.hpp>
#include <naru/server/session.hpp>
#include <naru/server/session_ref.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace compare
{

/// What happens on the server without anybody asking: messages, numbered from 1, each a line that says when
/// it was made. Who has subscribed is told at once; others may ask. Any thread.
///
///     <number> <made: nanoseconds of the steady clock> <filling>\n
class newsroom
{
  public:
    /// Messages are at least `bytes` long, their end of line included.
    explicit newsroom(std::size_t bytes) : bytes_(bytes) {}

    /// Makes `count` messages at random moments of the next `span`, the same moments at every call, and
    /// returns when the last is made.
    void publish(unsigned count, std::chrono::duration<double> span);

    /// The messages after number `last`, in order.
    std::string since(std::uint64_t last) const;

    /// The number of the newest message.
    std::uint64_t newest() const;

    /// Serves one subscriber: says `ready`, and then every message as it is made, until the peer leaves.
    naru::task<> serve(naru::session& s);

  private:
    void add();

    const std::size_t bytes_;
    mutable std::mutex mutex_; // over what follows
    std::vector<std::string> messages_;
    std::vector<naru::session_ref> subscribers_;
};

/// One message as its reader sees it.
struct message
{
    std::uint64_t number = 0;
    std::chrono::steady_clock::time_point made;

    /// Throws std::runtime_error when `line` is none.
    static message parse(std::string_view line);
};

} // namespace compare
