#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace naru
{

enum class log_level
{
    debug,
    info,
    warning,
    error,
    off,
};

/// `debug`, `info`, `warning`, `error` or `off`; false when `text` is none of them.
bool parse_log_level(std::string_view text, log_level& level) noexcept;

/// How a server logs. Lines are written by a thread of their own: a shard hands them over and goes on. If
/// lines come faster than they can be written, the oldest waiting ones are dropped and the next line says how
/// many.
struct log_options
{
    log_level level = log_level::info;

    /// One JSON object a line instead of `time level event key=value …`.
    bool json = false;

    /// Layout of a text line in spdlog's pattern language; ignored with `json`.
    std::string pattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";

    /// Where lines go instead of standard error. Called from the log's own thread, one line at a time, no
    /// newline.
    std::function<void(std::string_view line)> sink = {};
};

} // namespace naru
