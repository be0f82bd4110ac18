#pragma once

#include <naru/base/cpp20.hpp>

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

/// Sets `level` from its name: `debug`, `info`, `warning` (or `warn`), `error` or `off`. Returns false, and
/// leaves `level` as it was, when `text` is none of them; capitals and spaces are not ignored.
bool parse_log_level(std::string_view text, log_level& level) noexcept;

/// How a server logs.
///
/// **Thread.** Lines are written by a thread of their own, which begins when the server starts: a server may
/// be made before fork(2) and started in the child. Until then lines wait; a server that never starts writes
/// none. All signals are blocked in the thread, except those of its own faults (SIGSEGV and the like), so a
/// program's signal handlers run on its other threads.
///
/// **Full output.** A shard hands a line over and never waits. At most 8,192 lines or 4 MiB wait to be
/// written; then the oldest are dropped. A line `log_lines_dropped count=…` of level warning tells how many,
/// at most once a second.
///
/// **Standard error.** Text goes to descriptor 2 in calls of at most PIPE_BUF bytes, which a pipe does not
/// mix with the lines of other processes; longer lines take several. The descriptor's flags are not changed.
/// A line that cannot be written (the reader of the pipe has ended, the disk is full, the terminal has hung
/// up) counts as dropped, without SIGPIPE; the next line is tried again. If standard error is closed when the
/// server is made or when it starts, nothing is ever written to descriptor 2, which may belong to a socket by
/// then. Do not close it later: redirect it with dup2(2).
///
/// **The end.** `server::wait()` and `run()` return, and the server is destroyed, when the waiting lines are
/// written. They wait 1 s in all for an output that does not take any, and 5 s in all for a slow one; what
/// is left is dropped. Lines that wait when a program calls exit(3) are lost unless its server is destroyed,
/// as a static one is. A child of fork(2) has no log from a server that its parent started.
///
/// What a peer sent is escaped, in text and in JSON: control characters (C0, C1 and DEL) and Unicode's line
/// separators and invisible format characters are written as `\u009b`. Bytes that are no UTF-8 are left out.
struct log_options
{
    log_level level = log_level::info;

    /// One JSON object a line instead of `time level event key=value …`.
    bool json = false;

    /// Layout of a text line in spdlog's pattern language; ignored with `json`.
    std::string pattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";

    /// Where lines go instead of standard error. Called from the log's own thread, one line at a time, no
    /// newline. A line for which it throws counts as dropped.
    ///
    /// A call that has not returned about 1 s after the server's end began is not waited for: its thread,
    /// this function and what it owns then live until the process ends, and no further call is made. So let
    /// it own what it uses, by value or by std::shared_ptr. It may call exit(3).
    std::function<void(std::string_view line)> sink = {};
};

} // namespace naru
