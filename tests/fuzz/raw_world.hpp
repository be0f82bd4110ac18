#pragma once

#include "alarms.hpp"
#include "clients.hpp"
#include "script.hpp"

#include <naru/server/limits.hpp>
#include <naru/server/session.hpp>
#include <naru/server/session_ref.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace fuzz
{

/// What is known of one raw session: how far its handler has read what its client sent, and what it and
/// others have written. The handler writes a, b, c … z, a …; other threads send A, B, C … Z, A …; other
/// functions of the loop send 0, 1, 2 … 9, 0 …, so that a client sees what is lost, repeated or out of
/// order.
class raw_track
{
  public:
    /// The next `size` letters.
    std::string letters(std::size_t size) { return run_of('a', 26, written_, size); }
    std::string capitals(std::size_t size) { return run_of('A', 26, sent_, size); }
    std::string digits(std::size_t size) { return run_of('0', 10, posted_, size); }
    std::uint64_t mark() const noexcept { return written_; }
    /// The letters since `mark` were not accepted.
    void take_back(std::uint64_t mark) noexcept { written_ = mark; }
    /// The session ended during a write: not all of it needs to arrive.
    void cut() noexcept { cut_ = true; }
    /// Nothing is known of what was accepted.
    void doubt() noexcept { doubted_ = true; }

    /// The client has received these bytes.
    void received(std::string_view bytes);
    /// Everything has been received that was accepted.
    void require_all_received() const;

    /// The handler has read `text`, and `end` after it.
    void read(const clients::client& by, std::string_view text, std::string_view end);
    void read_line(const clients::client& by, std::string_view text);
    /// What is read from now on is not known to be the next.
    void lose_place() noexcept { placed_ = false; }

    naru::session* running = nullptr; // while the handler does
    naru::session_ref ref;
    bool reading_finished = false;

  private:
    static std::string run_of(char first, std::uint64_t period, std::uint64_t& at, std::size_t size);
    static void follow(char first, std::uint64_t period, std::uint64_t& at, char c);

    std::uint64_t written_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t posted_ = 0;
    std::uint64_t written_seen_ = 0;
    std::uint64_t sent_seen_ = 0;
    std::uint64_t posted_seen_ = 0;
    std::size_t place_ = 0;
    bool placed_ = true;
    bool cut_ = false;
    bool doubted_ = false;
};

/// All that the handlers of one server share.
struct raw_world
{
    script* choices = nullptr; // of the handlers
    const clients* peers = nullptr;
    alarms waiting;
    raw_track tracks[8];

    raw_track& track(const naru::session& of) { return tracks[of.id() - 1]; }
    const clients::client& peer(const naru::session& of) const { return peers->at(of.id() - 1); }
};

/// Small, usual, off and largest ones.
naru::limits choose_limits(script& by);

/// Does what the script says, and then reads to the end.
naru::task<> handle(naru::session& s, raw_world& world);

} // namespace fuzz
