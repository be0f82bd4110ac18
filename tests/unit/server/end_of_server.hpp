#pragma once

#include <chrono>
#include <future>
#include <string_view>

namespace naru::testing
{

inline constexpr std::string_view anywhere = "tcp://127.0.0.1:0";

/// Set on one thread and waited for on others.
class signal_flag
{
  public:
    void set() { promise_.set_value(); }
    void wait() const { future_.wait(); }

  private:
    std::promise<void> promise_;
    std::shared_future<void> future_ = promise_.get_future().share();
};

/// What the end of a server may take at most when something does not end by itself: twice two seconds, on a
/// busy machine.
inline constexpr std::chrono::seconds bounded{15};

class stopwatch
{
  public:
    auto read() const { return std::chrono::steady_clock::now() - began_; }

  private:
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

} // namespace naru::testing
