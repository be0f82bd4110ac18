#include "base/event_log.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/locale/encoding_utf.hpp>

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <ctime>
#include <mutex>

namespace naru
{

namespace
{

constexpr std::size_t waiting_lines = 8192;

/// What is no UTF-8 is left out: a line has to be JSON whatever it tells of (RFC 8259, 8.1).
std::string quoted(std::string_view value)
{
    const std::string text = boost::locale::conv::utf_to_utf<char>(value.data(), value.data() + value.size());
    return boost::json::serialize(boost::json::string(text));
}

bool plain(std::string_view value) noexcept
{
    return !value.empty() && std::all_of(value.begin(), value.end(),
                                         [](unsigned char c) {
                                             return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
                                         });
}

spdlog::level::level_enum level_of(log_level level) noexcept
{
    switch (level)
    {
    case log_level::debug:
        return spdlog::level::debug;
    case log_level::info:
        return spdlog::level::info;
    case log_level::warning:
        return spdlog::level::warn;
    case log_level::error:
        return spdlog::level::err;
    case log_level::off:
        break;
    }
    return spdlog::level::off;
}

std::string_view name_of(log_level level) noexcept
{
    constexpr std::string_view names[]{"debug", "info", "warning", "error", "off"};
    return names[static_cast<int>(level)];
}

class function_sink final : public spdlog::sinks::base_sink<std::mutex>
{
  public:
    explicit function_sink(std::function<void(std::string_view)> to) : to_(std::move(to)) {}

  private:
    void sink_it_(const spdlog::details::log_msg& message) override
    {
        spdlog::memory_buf_t text;
        formatter_->format(message, text);
        std::string_view line(text.data(), text.size());
        while (line.ends_with('\n') || line.ends_with('\r'))
            line.remove_suffix(1);
        to_(line);
    }
    void flush_() override {}

    std::function<void(std::string_view)> to_;
};

std::string utc_now()
{
    const auto now = std::chrono::system_clock::now();
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    const auto millis =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[40];
    const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    std::snprintf(text + length, sizeof text - length, ".%03dZ", static_cast<int>(millis));
    return text;
}

} // namespace

bool parse_log_level(std::string_view text, log_level& level) noexcept
{
    for (const log_level candidate :
         {log_level::debug, log_level::info, log_level::warning, log_level::error, log_level::off})
        if (text == name_of(candidate))
        {
            level = candidate;
            return true;
        }
    return false;
}

log_line::log_line(bool json, std::string_view event) : json_(json)
{
    text_.reserve(256);
    if (json_)
        text_.append("\"event\":\"").append(event).append("\"");
    else
        text_.append(event);
}

log_line& log_line::add(std::string_view key, std::string_view value)
{
    return add_raw(key, json_ || !plain(value) ? quoted(value) : std::string(value));
}

log_line& log_line::add(std::string_view key, std::chrono::nanoseconds value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.6f", std::chrono::duration<double>(value).count());
    return add_raw(key, text);
}

log_line& log_line::add_raw(std::string_view key, std::string_view text)
{
    if (json_)
        text_.append(",\"").append(key).append("\":").append(text);
    else
        text_.append(" ").append(key).append("=").append(text);
    return *this;
}

class event_log::body
{
  public:
    explicit body(const log_options& options)
        : pool_(std::make_shared<spdlog::details::thread_pool>(waiting_lines, 1)),
          logger_(std::make_shared<spdlog::async_logger>("naru", sink_of(options), pool_,
                                                         spdlog::async_overflow_policy::overrun_oldest))
    {
        logger_->set_level(level_of(options.level));
        // Errors are seen at once; the rest when the writer's thread has nothing else to do.
        logger_->flush_on(spdlog::level::warn);
        logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
            options.json ? "%v" : options.pattern, spdlog::pattern_time_type::utc));
    }

    /// The writer's thread ends first, and with it all that it holds of the logger.
    ~body() { pool_.reset(); }

    void write(log_level level, std::string_view text)
    {
        logger_->log(level_of(level), spdlog::string_view_t(text.data(), text.size()));
    }

    /// Lines dropped since this was last asked, if there are any to tell of: once a second is enough, while
    /// they are dropped by the thousand, unless it is the last time.
    std::size_t newly_dropped(bool last_time)
    {
        const std::size_t all = pool_->overrun_counter();
        if (all == told_.load(std::memory_order_relaxed))
            return 0;
        const auto now = std::chrono::steady_clock::now().time_since_epoch();
        auto due = notice_due_.load(std::memory_order_relaxed);
        if ((now < due && !last_time) ||
            !notice_due_.compare_exchange_strong(due, now + std::chrono::seconds(1)))
            return 0;
        return all - told_.exchange(all, std::memory_order_relaxed);
    }

    void flush() { logger_->flush(); }

  private:
    static spdlog::sink_ptr sink_of(const log_options& options)
    {
        if (options.sink)
            return std::make_shared<function_sink>(options.sink);
        return std::make_shared<spdlog::sinks::stderr_sink_mt>();
    }

    std::shared_ptr<spdlog::details::thread_pool> pool_;
    std::shared_ptr<spdlog::async_logger> logger_;
    std::atomic<std::size_t> told_{0};
    std::atomic<std::chrono::steady_clock::duration> notice_due_{};
};

event_log::event_log(log_options options)
    : level_(options.level), json_(options.json),
      body_(options.level == log_level::off ? nullptr : std::make_unique<body>(options))
{
}

event_log::~event_log()
{
    if (body_)
        tell_of_dropped_lines(true);
}

void event_log::write(log_level level, const log_line& line)
{
    if (!wants(level) || !body_)
        return;
    tell_of_dropped_lines(false);
    put(level, line);
}

void event_log::tell_of_dropped_lines(bool last_time)
{
    const std::size_t dropped = body_->newly_dropped(last_time);
    if (dropped == 0 || !wants(log_level::warning))
        return;
    log_line notice = line("log_lines_dropped");
    notice.add("count", dropped);
    put(log_level::warning, notice);
}

void event_log::put(log_level level, const log_line& line)
{
    if (json_)
        body_->write(level, "{\"time\":\"" + utc_now() + "\",\"level\":\"" + std::string(name_of(level)) +
                                "\"," + line.text() + "}");
    else
        body_->write(level, line.text());
}

void event_log::flush()
{
    if (body_)
        body_->flush();
}

} // namespace naru
