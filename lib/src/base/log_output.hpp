#pragma once

#include <naru/base/log.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace naru
{

/// One line of the log that has not been written yet.
struct waiting_line
{
    log_level level = log_level::info;
    std::chrono::system_clock::time_point time;
    std::size_t thread = 0; // gettid(2) of the thread that logged it
    std::string text;
};

/// Where the lines of one log are written. Used by the writer's thread, except for begin().
class log_output
{
  public:
    virtual ~log_output() = default;

    /// Called once, before the writer's thread starts.
    virtual void begin() {}

    /// The most lines that one call of write() should be given.
    virtual std::size_t lines_at_once() const noexcept = 0;

    /// Writes `lines` in order and returns how many of them were written. Waits for as long as the output
    /// takes, but returns soon after `give_up` has become true.
    virtual std::size_t write(std::span<const waiting_line> lines, const std::atomic<bool>& give_up) = 0;
};

/// Standard error, or `options.sink`.
std::unique_ptr<log_output> make_log_output(log_options options);

/// An open descriptor of any kind, which stays the caller's. Its flags are not changed: they are shared with
/// every process that has it open. The calling thread blocks SIGPIPE.
std::unique_ptr<log_output> make_descriptor_output(int descriptor, const log_options& layout);

} // namespace naru
