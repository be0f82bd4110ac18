#include "base/log_output.hpp"

#include <spdlog/details/log_msg.h>
#include <spdlog/pattern_formatter.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <ctime>
#include <functional>
#include <string_view>
#include <utility>

namespace naru
{

namespace
{

// How long poll(2) may take to see that the log gives up.
constexpr int look_every_ms = 50;

constexpr const char* json_pattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

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

/// The layout of a line, in spdlog's pattern language.
class line_layout
{
  public:
    line_layout(const log_options& options, const char* line_end)
        : formatter_(options.json ? json_pattern : options.pattern, spdlog::pattern_time_type::utc, line_end)
    {
    }

    void append(const waiting_line& line, spdlog::memory_buf_t& to)
    {
        const spdlog::string_view_t text(line.text.data(), line.text.size());
        spdlog::details::log_msg message(line.time, spdlog::source_loc(), "naru", level_of(line.level), text);
        message.thread_id = line.thread;
        formatter_.format(message, to);
    }

  private:
    spdlog::pattern_formatter formatter_;
};

class function_output final : public log_output
{
  public:
    explicit function_output(log_options options) : layout_(options, ""), to_(std::move(options.sink)) {}

    // The function may take any time for a line: each of them is progress.
    std::size_t lines_at_once() const noexcept override { return 1; }

    std::size_t write(std::span<const waiting_line> lines, const std::atomic<bool>& give_up) override
    {
        std::size_t written = 0;
        for (const waiting_line& line : lines)
            written += !give_up && pass_on(line);
        return written;
    }

  private:
    bool pass_on(const waiting_line& line)
    {
        text_.clear();
        layout_.append(line, text_);
        std::string_view text(text_.data(), text_.size());
        while (text.ends_with('\n') || text.ends_with('\r'))
            text.remove_suffix(1);
        to_(text);
        return true;
    }

    line_layout layout_;
    std::function<void(std::string_view)> to_;
    spdlog::memory_buf_t text_;
};

bool is_open(int descriptor) noexcept
{
    return ::fcntl(descriptor, F_GETFD) >= 0;
}

/// write(2) made it pending on this thread, which blocks it: a program that the thread starts would get it.
void discard_sigpipe() noexcept
{
    sigset_t pipe;
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    const timespec at_once{};
    while (::sigtimedwait(&pipe, nullptr, &at_once) < 0 && errno == EINTR)
    {
    }
}

class descriptor_output final : public log_output
{
  public:
    descriptor_output(int descriptor, const log_options& layout)
        : descriptor_(descriptor), open_(is_open(descriptor)), layout_(layout, "\n")
    {
    }

    // Closed when the server is made or when it starts: the number may belong to one of its sockets next, and
    // a client would read the log.
    void begin() override { open_ = open_ && is_open(descriptor_); }

    std::size_t lines_at_once() const noexcept override { return 32; }

    // Up to PIPE_BUF bytes, write(2) neither mixes with the lines of another process nor blocks on a pipe
    // that poll(2) found writable.
    std::size_t write(std::span<const waiting_line> lines, const std::atomic<bool>& give_up) override
    {
        if (!open_)
            return 0;
        std::size_t written = 0;
        std::size_t gathered = 0;
        text_.clear();
        for (const waiting_line& line : lines)
        {
            const std::size_t before = text_.size();
            layout_.append(line, text_);
            if (gathered > 0 && text_.size() > PIPE_BUF)
            {
                if (write_all({text_.data(), before}, give_up))
                    written += gathered;
                text_.clear();
                layout_.append(line, text_);
                gathered = 0;
            }
            ++gathered;
        }
        if (write_all({text_.data(), text_.size()}, give_up))
            written += gathered;
        return written;
    }

  private:
    bool write_all(std::string_view bytes, const std::atomic<bool>& give_up) noexcept
    {
        while (!bytes.empty())
        {
            if (!wait_for_room(give_up))
                return false;
            const ssize_t n =
                ::write(descriptor_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
            if (n > 0)
                bytes.remove_prefix(static_cast<std::size_t>(n));
            else if (n == 0 || (errno != EINTR && errno != EAGAIN))
                return failed(n == 0 ? EIO : errno);
        }
        return true;
    }

    /// Also true when only write(2) can say what is wrong.
    bool wait_for_room(const std::atomic<bool>& give_up) const noexcept
    {
        pollfd wait{descriptor_, POLLOUT, 0};
        while (!give_up)
            if (const int ready = ::poll(&wait, 1, look_every_ms); ready > 0 || (ready < 0 && errno != EINTR))
                return true;
        return false;
    }

    static bool failed(int error) noexcept
    {
        if (error == EPIPE)
            discard_sigpipe();
        return false;
    }

    int descriptor_;
    bool open_;
    line_layout layout_;
    spdlog::memory_buf_t text_;
};

} // namespace

std::unique_ptr<log_output> make_log_output(log_options options)
{
    if (options.sink)
        return std::make_unique<function_output>(std::move(options));
    return make_descriptor_output(STDERR_FILENO, options);
}

std::unique_ptr<log_output> make_descriptor_output(int descriptor, const log_options& layout)
{
    return std::make_unique<descriptor_output>(descriptor, layout);
}

} // namespace naru
