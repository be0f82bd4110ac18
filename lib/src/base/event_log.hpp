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

/// One line of the log: an event and its fields, as text (`session id=7 reason=peer_closed`) or as JSON.
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
    /// In seconds.
    log_line& add(std::string_view key, std::chrono::nanoseconds value);

    const std::string& text() const noexcept { return text_; }

  private:
    log_line& add_raw(std::string_view key, std::string_view text);

    bool json_;
    std::string text_;
};

/// The log of one server: spdlog's asynchronous logger, behind a wall. Any thread.
class event_log
{
  public:
    explicit event_log(log_options options);
    ~event_log();

    bool wants(log_level level) const noexcept { return level >= level_; }

    /// A line to be filled and given to write(). Ask wants() first: building a line costs more than asking.
    log_line line(std::string_view event) const { return log_line(json_, event); }
    void write(log_level level, const log_line& line);

    void flush();

  private:
    void tell_of_dropped_lines(bool last_time);
    void put(log_level level, const log_line& line);

    class body;
    log_level level_;
    bool json_;
    std::unique_ptr<body> body_;
};

} // namespace naru
