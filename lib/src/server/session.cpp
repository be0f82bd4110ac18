#include <naru/server/session.hpp>

#include "server/conversation.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace naru
{

// --- reading -------------------------------------------------------------------------------------

task<std::optional<std::string_view>> session::read_some(where at)
{
    self_.begin_read("read_some", at);
    if (!self_.input().empty() && !co_await has_suspended)
    {
        auto pass = self_.next_pass();
        co_await std::move(pass);
        self_.check_read();
    }
    input& in = self_.input();
    while (in.empty())
    {
        if (self_.input_over())
            co_return std::nullopt;
        auto more = self_.more();
        co_await std::move(more);
        self_.check_read();
    }
    const std::string_view all = in.unread();
    in.consume(all.size());
    co_return all;
}

task<std::optional<std::string_view>> session::read_exactly(std::size_t size, where at)
{
    self_.begin_read("read_exactly", at);
    if (!self_.input().empty() && !co_await has_suspended)
    {
        auto pass = self_.next_pass();
        co_await std::move(pass);
        self_.check_read();
    }
    const std::size_t limit = bounds().message;
    if (limit > 0 && size > limit)
        self_.fail_read(errc::too_long);
    input& in = self_.input();
    while (in.unread().size() < size)
    {
        if (self_.input_over())
        {
            if (in.empty())
                co_return std::nullopt;
            self_.fail_read(errc::unexpected_end);
        }
        auto more = self_.more();
        co_await std::move(more);
        self_.check_read();
    }
    const std::string_view message = in.unread().substr(0, size);
    in.consume(size);
    co_return message;
}

task<bool> session::read_into(std::span<char> room, where at)
{
    self_.begin_read("read_into", at);
    if (!self_.input().empty() && !co_await has_suspended)
    {
        auto pass = self_.next_pass();
        co_await std::move(pass);
        self_.check_read();
    }
    input& in = self_.input();
    std::size_t filled = 0;
    for (;;)
    {
        const std::string_view part = in.unread().substr(0, room.size() - filled);
        std::copy(part.begin(), part.end(), room.begin() + static_cast<std::ptrdiff_t>(filled));
        in.consume(part.size());
        filled += part.size();
        if (filled == room.size())
            co_return true;
        if (self_.input_over())
        {
            if (filled == 0)
                co_return false;
            self_.fail_read(errc::unexpected_end);
        }
        if (filled > 0)
            self_.part_taken();
        auto more = self_.more();
        co_await std::move(more);
        self_.check_read({room.data(), filled});
    }
}

namespace
{

struct found_line
{
    std::string_view text;
    std::size_t consumed;
};

/// The limit of a line, 0 being none; so that sums with it do not overflow.
std::size_t line_limit(const limits& bounds) noexcept
{
    constexpr std::size_t most = std::string_view::npos / 2;
    return bounds.line > 0 ? std::min(bounds.line, most) : most;
}

/// The first line of `bytes`, when its end lies at or after `from`.
std::optional<found_line> find_line(std::string_view bytes, std::size_t from)
{
    if (from >= bytes.size())
        return std::nullopt;
    const void* const at = std::memchr(bytes.data() + from, '\n', bytes.size() - from);
    if (!at)
        return std::nullopt;
    const auto end = static_cast<std::size_t>(static_cast<const char*>(at) - bytes.data());
    const bool crlf = end > 0 && bytes[end - 1] == '\r';
    return found_line{bytes.substr(0, crlf ? end - 1 : end), end + 1};
}

} // namespace

std::optional<std::string_view> session::try_read_line()
{
    self_.check_thread("try_read_line");
    input& in = self_.input();
    const auto line = find_line(in.unread(), 0);
    if (!line || (bounds().line > 0 && line->text.size() > bounds().line))
        return std::nullopt; // read_line() says what is wrong with it
    in.consume(line->consumed);
    return line->text;
}

task<std::optional<std::string_view>> session::read_line(where at)
{
    self_.begin_read("read_line", at);
    if (!self_.input().empty() && !co_await has_suspended)
    {
        auto pass = self_.next_pass();
        co_await std::move(pass);
        self_.check_read();
    }
    input& in = self_.input();
    const std::size_t limit = line_limit(bounds());
    std::size_t looked_at = 0;
    for (;;)
    {
        if (const auto line = find_line(in.unread(), looked_at))
        {
            if (line->text.size() > limit)
                self_.fail_read(errc::too_long);
            in.consume(line->consumed);
            co_return line->text;
        }
        looked_at = in.unread().size();
        if (looked_at > limit + 1) // the one more may be the CR of its end
            self_.fail_read(errc::too_long);
        if (self_.input_over())
        {
            if (in.empty())
                co_return std::nullopt;
            const std::string_view last = in.unread();
            if (last.size() > limit)
                self_.fail_read(errc::too_long);
            in.consume(last.size());
            co_return last;
        }
        auto more = self_.more();
        co_await std::move(more);
        self_.check_read();
    }
}

task<std::optional<std::string_view>> session::read_until(std::string_view delimiter, where at)
{
    self_.begin_read("read_until", at);
    if (!self_.input().empty() && !co_await has_suspended)
    {
        auto pass = self_.next_pass();
        co_await std::move(pass);
        self_.check_read();
    }
    input& in = self_.input();
    const std::size_t limit = line_limit(bounds());
    std::size_t looked_at = 0;
    for (;;)
    {
        const std::string_view bytes = in.unread();
        const std::size_t end = bytes.find(delimiter, looked_at);
        if (end != std::string_view::npos && end <= limit)
        {
            in.consume(end + delimiter.size());
            co_return bytes.substr(0, end);
        }
        if (end != std::string_view::npos || bytes.size() >= limit + delimiter.size())
            self_.fail_read(errc::too_long);
        looked_at = bytes.size() - std::min(bytes.size(), delimiter.size() - 1);
        if (self_.input_over())
        {
            if (in.empty())
                co_return std::nullopt;
            self_.fail_read(errc::unexpected_end);
        }
        auto more = self_.more();
        co_await std::move(more);
        self_.check_read();
    }
}

// --- writing -------------------------------------------------------------------------------------

namespace
{

/// The pieces by value, since a coroutine's parameters live as long as it does; as many as there are and no
/// more, since its frame takes the place that a read's frame has just left, if it fits.
template <std::size_t Count>
task<> write_few(conversation& self, std::array<std::string_view, Count> pieces, std::source_location at)
{
    self.begin_write("write");
    std::uint64_t mark = 0;
    if (self.queue(pieces, mark))
    {
        auto gone = self.gone(mark, "write", at);
        co_await std::move(gone);
    }
    self.check_write("write");
}

} // namespace

task<> session::write(std::string_view a, where at)
{
    return write_few<1>(self_, {a}, at);
}

task<> session::write(std::string_view a, std::string_view b, where at)
{
    return write_few<2>(self_, {a, b}, at);
}

task<> session::write(std::string_view a, std::string_view b, std::string_view c, where at)
{
    return write_few<3>(self_, {a, b, c}, at);
}

task<> session::write(std::string_view a, std::string_view b, std::string_view c, std::string_view d,
                      where at)
{
    return write_few<4>(self_, {a, b, c, d}, at);
}

task<> session::write(std::span<const std::string_view> pieces, where at)
{
    self_.begin_write("write");
    std::uint64_t mark = 0;
    if (self_.queue(pieces, mark))
    {
        auto gone = self_.gone(mark, "write", at);
        co_await std::move(gone);
    }
    self_.check_write("write");
}

bool session::send(std::string_view a, std::string_view b, std::string_view c)
{
    self_.check_thread("send");
    const std::array<std::string_view, 3> pieces{a, b, c};
    return self_.send(pieces);
}

namespace
{

task<> all_sent(conversation& self, const char* operation, std::source_location at)
{
    const std::uint64_t mark = self.appended_now();
    if (self.unsent(mark))
    {
        auto gone = self.gone(mark, operation, at);
        co_await std::move(gone);
    }
    self.check_write(operation);
}

} // namespace

task<> session::flush(where at)
{
    self_.begin_flush("flush");
    co_await all_sent(self_, "flush", at);
}

// --- ending --------------------------------------------------------------------------------------

task<> session::finish_writing(where at)
{
    self_.begin_flush("finish_writing");
    self_.finish_writing();
    co_await all_sent(self_, "finish_writing", at);
}

void session::finish_reading()
{
    self_.check_thread("finish_reading");
    self_.finish_reading();
}

void session::cancel()
{
    self_.check_thread("cancel");
    self_.cancel();
}

void session::close(close_reason reason)
{
    self_.check_thread("close");
    self_.close(reason);
}

session::released session::release()
{
    self_.check_thread("release");
    return self_.release();
}

// --- what is known -------------------------------------------------------------------------------

std::uint64_t session::id() const noexcept
{
    return self_.id();
}

endpoint session::peer() const
{
    return self_.peer().to_endpoint();
}

endpoint session::local() const
{
    return self_.local();
}

int session::descriptor() const noexcept
{
    return self_.stream().descriptor();
}

std::chrono::milliseconds session::age() const noexcept
{
    return self_.age();
}

std::uint64_t session::bytes_in() const noexcept
{
    return self_.bytes_in();
}

std::uint64_t session::bytes_out() const noexcept
{
    return self_.bytes_out();
}

bool session::draining() const noexcept
{
    return self_.draining();
}

session_info session::info() const
{
    self_.check_thread("info");
    return self_.info();
}

const limits& session::bounds() const noexcept
{
    return self_.bounds();
}

void session::bounds(const limits& changed)
{
    self_.check_thread("bounds");
    self_.bounds(changed);
}

session_ref session::ref() const
{
    self_.check_thread("ref");
    return self_.ref();
}

} // namespace naru
