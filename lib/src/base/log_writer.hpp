#pragma once

#include "base/log_output.hpp"

#include <functional>
#include <memory>
#include <string>

namespace naru
{

/// A bounded queue of lines and the thread that writes them. The thread exists from begin() on; until then
/// lines wait. write() never waits: when the queue is full, the oldest line is dropped.
///
/// It ends in bounded time whatever its output does: flush() and the destructor wait for an output that makes
/// no progress 1 s in all, for one that makes some 5 s in all, and then drop the rest. If the thread is
/// inside a call of the output that still has not returned, the thread is detached, and what it uses is kept
/// for the rest of the process.
///
/// Any thread, except that construction, begin() and destruction are not concurrent with anything else. In a
/// child of fork(2) whose parent called begin() there is no thread: all functions do nothing.
class log_writer
{
  public:
    /// The text of the line that tells of `count` dropped ones; empty when nothing shall tell of them.
    using notice = std::function<std::string(std::size_t count)>;

    explicit log_writer(std::unique_ptr<log_output> output, notice of_dropped_lines = {});
    ~log_writer();

    log_writer(const log_writer&) = delete;
    log_writer& operator=(const log_writer&) = delete;

    /// Starts the thread, with every signal blocked that another thread can take. Does nothing the second
    /// time. Throws naru::error when there can be no thread.
    void begin();

    void write(log_level level, std::string text) noexcept;

    /// Waits until every line is written that was given before the call.
    void flush() noexcept;

  private:
    class state;
    std::unique_ptr<state> state_;
};

} // namespace naru
