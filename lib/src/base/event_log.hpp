#pragma once

#include <naru/base/log.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace naru
{

class log_writer;

/// One line of the log: an event and its fields, as text (`session id=7 reason=peer_closed`) or as JSON. What
/// a terminal obeys (control characters of C0 and C1, DEL, the line separators and the format characters of
/// Unicode) is written as `\u009b`, so that a peer can neither forge a line nor command a terminal.
class log_line
{
  public:
    log_line(bool json, std::string_view event);

    log_line& add(std::string_view key, std::string_view value);
    log_line& add(std::string_view key, const char* value) { return add(key, std::string_view(value)); }
    template <std::integral Number>
    log_line& add(std::string_view key, Number value)
    {
        return add_raw(key, std::to_string(value));
    }
    /// In seconds, to the microsecond, without zeros at the end: 0.004, 1.5, 30.
    log_line& add(std::string_view key, std::chrono::duration<double> value);

    const std::string& text() const noexcept { return text_; }

  private:
    log_line& add_raw(std::string_view key, std::string_view text);

    bool json_;
    std::string text_;
};

/// The log of one server. Any thread; construction, begin() and destruction are not concurrent with anything
/// else. flush() and the destructor end in bounded time, see log_options.
class event_log
{
  public:
    explicit event_log(log_options options);
    ~event_log();

    /// Starts the thread that writes: lines that were given before are written now. Does nothing the second
    /// time. Throws naru::error when no thread can be created.
    void begin();

    bool wants(log_level level) const noexcept { return level >= level_; }

    /// A line to be filled and given to write(). Ask wants() first: building a line costs more than asking.
    log_line line(std::string_view event) const { return log_line(json_, event); }
    void write(log_level level, const log_line& line);

    /// Waits until what was given before is written, or the output does not take it.
    void flush() noexcept;

    /// As the destructor: writes what waits, in bounded time, and takes no line from then on.
    void end() noexcept;

  private:
    log_level level_;
    bool json_;
    std::unique_ptr<log_writer> writer_; // none when the level is off
};

} // namespace naru
