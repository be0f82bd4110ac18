#pragma once

#include <naru/base/cpp20.hpp>

#include <chrono>

namespace naru
{

using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

/// Where the time comes from. A shard asks once a turn, not once a byte, so what it knows is a little coarse.
/// The one clock of production is `clock::system()`; `testing::test_clock` stands still until a test turns
/// it.
class clock
{
  public:
    virtual ~clock() = default;

    /// Monotonic time. Called from every shard's thread.
    virtual time_point now() const noexcept = 0;

    /// Whether a timer of the operating system can be trusted to tell when a deadline has come.
    /// A clock that is turned by hand says no, and whoever turns it also runs what is due.
    virtual bool runs_by_itself() const noexcept = 0;

    static const clock& system() noexcept;
};

} // namespace naru
