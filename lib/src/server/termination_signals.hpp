#pragma once

#include <functional>
#include <memory>

namespace naru
{

/// SIGINT and SIGTERM, for as long as this exists. What the process did with them before is restored
/// afterwards. A signal that the process ignores stays ignored: a shell starts background jobs so.
class termination_signals
{
  public:
    /// Calls `heard` for each signal, on a thread of its own, so that a busy shard does not delay it.
    explicit termination_signals(std::function<void()> heard);
    termination_signals(const termination_signals&) = delete;
    termination_signals& operator=(const termination_signals&) = delete;
    ~termination_signals();

  private:
    class state;
    std::unique_ptr<state> state_;
};

} // namespace naru
