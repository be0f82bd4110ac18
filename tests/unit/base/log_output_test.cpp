#include "base/log_output.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <climits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace
{

using naru::log_level;
using naru::log_options;
using naru::waiting_line;

const log_options bare{.pattern = "%v"};

class two_ends
{
  public:
    explicit two_ends(int type)
    {
        if (::socketpair(AF_UNIX, type, 0, ends_) != 0)
            throw std::runtime_error("socketpair");
    }
    ~two_ends()
    {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    int writer() const noexcept { return ends_[0]; }

    std::string read() const
    {
        std::string text(65536, '\0');
        const ssize_t n = ::recv(ends_[1], text.data(), text.size(), MSG_DONTWAIT);
        text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
        return text;
    }

  private:
    int ends_[2]{-1, -1};
};

waiting_line line_of(std::string text, log_level level = log_level::info)
{
    using namespace std::chrono;
    return {level, system_clock::time_point(sys_days(year(2024) / 2 / 29)) + hours(13) + milliseconds(7), 42,
            std::move(text)};
}

std::size_t write(naru::log_output& to, const std::vector<waiting_line>& lines, bool give_up = false)
{
    const std::atomic<bool> flag{give_up};
    return to.write(lines, flag);
}

TEST(DescriptorOutput, writes_lines_in_their_layout)
{
    const std::pair<log_options, const char*> table[] = {
        {{}, "2024-02-29T13:00:00.007Z warning a=1\n"},
        {{.pattern = "<%l> %v %t %n"}, "<warning> a=1 42 naru\n"},
        {{.json = true, .pattern = "ignored"},
         "{\"time\":\"2024-02-29T13:00:00.007Z\",\"level\":\"warning\",a=1}\n"},
    };
    for (const auto& [options, written] : table)
    {
        const two_ends ends(SOCK_STREAM);
        const auto output = naru::make_descriptor_output(ends.writer(), options);
        EXPECT_EQ(write(*output, {line_of("a=1", log_level::warning)}), 1u);
        EXPECT_EQ(ends.read(), written);
    }
}

TEST(DescriptorOutput, gathers_whole_lines_into_calls_that_a_pipe_does_not_mix_with_others)
{
    const two_ends ends(SOCK_SEQPACKET); // keeps apart what each call wrote
    const auto output = naru::make_descriptor_output(ends.writer(), bare);
    std::vector<waiting_line> lines;
    std::string all;
    for (int i = 0; i < 32; ++i)
    {
        lines.push_back(line_of("line " + std::to_string(i) + std::string(300, '.')));
        all += lines.back().text + "\n";
    }
    ASSERT_EQ(write(*output, lines), lines.size());
    std::string read;
    int calls = 0;
    for (std::string text = ends.read(); !text.empty(); text = ends.read(), ++calls)
    {
        EXPECT_LE(text.size(), static_cast<std::size_t>(PIPE_BUF));
        EXPECT_TRUE(text.ends_with('\n'));
        read += text;
    }
    EXPECT_EQ(read, all);
    EXPECT_EQ(calls, 3);
}

TEST(DescriptorOutput, cuts_a_longer_line_into_such_calls)
{
    const two_ends ends(SOCK_SEQPACKET);
    const auto output = naru::make_descriptor_output(ends.writer(), bare);
    const std::string text(2 * PIPE_BUF + 5, 'x');
    ASSERT_EQ(write(*output, {line_of("before"), line_of(text), line_of("after")}), 3u);
    std::vector<std::size_t> sizes;
    for (std::string piece = ends.read(); !piece.empty(); piece = ends.read())
        sizes.push_back(piece.size());
    EXPECT_EQ(sizes, (std::vector<std::size_t>{7, PIPE_BUF, PIPE_BUF, 6, 6}));
}

TEST(DescriptorOutput, leaves_the_flags_of_its_descriptor_as_they_are)
{
    const two_ends ends(SOCK_STREAM);
    for (const int flags : {0, O_NONBLOCK})
    {
        ASSERT_EQ(::fcntl(ends.writer(), F_SETFL, flags), 0);
        const auto output = naru::make_descriptor_output(ends.writer(), bare);
        output->begin();
        EXPECT_EQ(write(*output, {line_of("x")}), 1u);
        EXPECT_EQ(::fcntl(ends.writer(), F_GETFL) & O_NONBLOCK, flags);
    }
}

TEST(DescriptorOutput, counts_what_a_full_device_refuses_as_not_written)
{
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    ASSERT_GE(full, 0);
    const auto output = naru::make_descriptor_output(full, bare);
    EXPECT_EQ(write(*output, {line_of("x"), line_of("y")}), 0u);
    ::close(full);
}

/// A descriptor's number after it has been closed and given to something else.
class reused_number
{
  public:
    explicit reused_number(const two_ends& other)
        : number_(::fcntl(other.writer(), F_DUPFD_CLOEXEC, 0)), other_(other)
    {
        ::close(number_);
    }
    ~reused_number() { ::close(number_); }
    int number() const noexcept { return number_; }
    void open() const { ASSERT_EQ(::dup2(other_.writer(), number_), number_); }

  private:
    int number_;
    const two_ends& other_;
};

TEST(DescriptorOutput, that_was_closed_when_it_was_made_is_not_written_to_when_its_number_is_reused)
{
    const two_ends client(SOCK_STREAM);
    const reused_number later(client);
    const auto output = naru::make_descriptor_output(later.number(), bare);
    later.open();
    output->begin();
    EXPECT_EQ(write(*output, {line_of("secret")}), 0u);
    EXPECT_EQ(client.read(), "");
}

TEST(DescriptorOutput, that_was_closed_when_its_thread_began_is_not_written_to_when_its_number_is_reused)
{
    const two_ends client(SOCK_STREAM);
    const reused_number later(client);
    later.open();
    const auto output = naru::make_descriptor_output(later.number(), bare);
    ::close(later.number());
    output->begin();
    later.open();
    EXPECT_EQ(write(*output, {line_of("secret")}), 0u);
    EXPECT_EQ(client.read(), "");
}

TEST(DescriptorOutput, does_not_wait_for_room_when_the_log_gives_up)
{
    const two_ends ends(SOCK_STREAM);
    const std::string filling(65536, 'x');
    while (::send(ends.writer(), filling.data(), filling.size(), MSG_DONTWAIT) > 0)
    {
    }
    const auto output = naru::make_descriptor_output(ends.writer(), bare);
    EXPECT_EQ(write(*output, {line_of("x")}, true), 0u);
}

TEST(FunctionOutput, calls_its_function_for_each_line_without_a_newline)
{
    std::vector<std::string> lines;
    const auto output = naru::make_log_output(
        {.pattern = "%l %v\r\n", .sink = [&lines](std::string_view line) { lines.emplace_back(line); }});
    EXPECT_EQ(output->lines_at_once(), 1u);
    EXPECT_EQ(write(*output, {line_of("x", log_level::error), line_of("y")}), 2u);
    EXPECT_EQ(write(*output, {line_of("z")}, true), 0u);
    EXPECT_EQ(lines, (std::vector<std::string>{"error x", "info y"}));
}

} // namespace
