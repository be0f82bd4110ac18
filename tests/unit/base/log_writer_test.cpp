#include "base/log_writer.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using naru::log_level;
using naru::log_options;
using naru::log_writer;

using steady = std::chrono::steady_clock;

// What must not hang ends the process instead, and fails the test.
constexpr unsigned hang_seconds = 60;

// What ends in bounded time has this long on a busy machine under a sanitizer. The bound itself is 1 s or 5
// s.
constexpr auto bounded = 20s;

const log_options bare{.pattern = "%v"};

class pipe_ends
{
  public:
    pipe_ends()
    {
        if (::pipe2(ends_, O_CLOEXEC) != 0)
            throw std::runtime_error("pipe2");
    }
    ~pipe_ends()
    {
        close_reader();
        close_writer();
    }
    pipe_ends(const pipe_ends&) = delete;
    pipe_ends& operator=(const pipe_ends&) = delete;

    int writer() const noexcept { return ends_[1]; }
    void close_reader() { close(ends_[0]); }
    void close_writer() { close(ends_[1]); }

    std::string read(std::size_t most = 65536) const
    {
        std::string text(most, '\0');
        const ssize_t n = ::read(ends_[0], text.data(), text.size());
        text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
        return text;
    }

    std::string read_to_end() const
    {
        std::string all;
        for (std::string some = read(); !some.empty(); some = read())
            all += some;
        return all;
    }

  private:
    static void close(int& end)
    {
        if (end >= 0)
            ::close(end);
        end = -1;
    }

    int ends_[2]{-1, -1};
};

std::unique_ptr<naru::log_output> output_to(int descriptor)
{
    return naru::make_descriptor_output(descriptor, bare);
}

std::unique_ptr<naru::log_output> output_to(std::function<void(std::string_view)> sink)
{
    return naru::make_log_output({.pattern = "%v", .sink = std::move(sink)});
}

std::string dropped(std::size_t count)
{
    return "dropped " + std::to_string(count);
}

/// A function that lines are given to, which blocks while the gate is closed. The log may outlive a test with
/// it.
class gate
{
  public:
    void operator()(std::string_view line)
    {
        std::unique_lock lock(mutex_);
        lines_.emplace_back(line);
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
    }

    void open()
    {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

    std::vector<std::string> wait_for(std::size_t lines)
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return lines_.size() >= lines; });
        return lines_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
    bool open_ = false;
};

std::unique_ptr<naru::log_output> output_to(const std::shared_ptr<gate>& to)
{
    return output_to([to](std::string_view line) { (*to)(line); });
}

/// How `child` ends in a process of its own: its exit status, or minus the signal that ended it.
template <class Child>
int fork_and_wait(Child child)
{
    const pid_t pid = ::fork();
    if (pid == 0)
    {
        ::alarm(hang_seconds);
        child();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// Fork tests start from a process of one thread, whatever ran before them.
class LogWriterInAnotherProcess : public testing::Test
{
  protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST(LogWriter, has_no_thread_until_it_begins)
{
    const auto threads = []
    {
        const std::filesystem::directory_iterator all("/proc/self/task");
        return std::distance(begin(all), end(all));
    };
    // The thread sanitizer begins a thread of its own beside a process's first.
    std::promise<void> counted;
    std::jthread first([until = counted.get_future()] { until.wait(); });
    const auto before = threads();
    std::vector<std::string> lines;
    log_writer log(output_to([&lines](std::string_view line) { lines.emplace_back(line); }));
    log.write(log_level::info, "x");
    EXPECT_EQ(threads(), before);
    EXPECT_TRUE(lines.empty());
    log.begin();
    EXPECT_EQ(threads(), before + 1);
    counted.set_value();
    log.flush();
    EXPECT_EQ(lines, std::vector<std::string>{"x"});
}

TEST(LogWriter, that_never_begins_ends_at_once_and_writes_nothing)
{
    bool called = false;
    {
        log_writer log(output_to([&called](std::string_view) { called = true; }));
        log.write(log_level::info, "x");
        log.flush();
    }
    EXPECT_FALSE(called);
}

TEST(LogWriter, keeps_a_bounded_number_of_bytes_while_it_waits)
{
    std::vector<std::string> lines;
    constexpr std::size_t size = 100'000;
    {
        log_writer log(output_to([&lines](std::string_view line) { lines.emplace_back(line); }), dropped);
        for (int i = 0; i < 100; ++i)
            log.write(log_level::info, std::to_string(i) + std::string(size, '.'));
        log.begin();
    }
    ASSERT_FALSE(lines.empty());
    const std::size_t kept = lines.size() - 1;
    EXPECT_EQ(lines.front(), dropped(100 - kept));
    EXPECT_LE(kept * size, std::size_t{4} << 20);
    EXPECT_GE((kept + 1) * size, std::size_t{4} << 20);
    EXPECT_TRUE(lines.back().starts_with("99."));
}

TEST_F(LogWriterInAnotherProcess, made_before_a_fork_writes_in_the_child)
{
    const auto use = []
    {
        pipe_ends pipe;
        std::optional<log_writer> log(std::in_place, output_to(pipe.writer()));
        log->write(log_level::info, "before the fork");
        const int status = fork_and_wait(
            [&]
            {
                log->begin();
                log->write(log_level::info, "in the child");
                log.reset();
            });
        pipe.close_writer();
        const bool good = status == 0 && pipe.read_to_end() == "before the fork\nin the child\n";
        std::_Exit(good ? 0 : 1);
    };
    EXPECT_EXIT(use(), testing::ExitedWithCode(0), "");
}

TEST_F(LogWriterInAnotherProcess, that_began_before_a_fork_does_nothing_in_the_child_and_ends_there)
{
    const auto use = []
    {
        pipe_ends pipe;
        std::optional<log_writer> log(std::in_place, output_to(pipe.writer()));
        log->begin();
        log->write(log_level::info, "parent");
        log->flush();
        const int status = fork_and_wait(
            [&]
            {
                log->begin();
                log->write(log_level::info, "child");
                log->flush();
                log.reset();
            });
        log->write(log_level::info, "parent again");
        log.reset();
        pipe.close_writer();
        const bool good = status == 0 && pipe.read_to_end() == "parent\nparent again\n";
        std::_Exit(good ? 0 : 1);
    };
    EXPECT_EXIT(use(), testing::ExitedWithCode(0), "");
}

TEST_F(LogWriterInAnotherProcess, ends_in_a_child_that_was_forked_while_its_lock_was_held)
{
    const auto use = []
    {
        // A forking thread sees the lock of a busy log held more often than not; a hundred forks nearly
        // always do.
        log_writer busy(output_to([](std::string_view) {}));
        busy.begin();
        std::atomic<bool> enough{false};
        std::thread shard(
            [&]
            {
                while (!enough)
                    busy.write(log_level::info, "x");
            });
        int failed = 0;
        for (int i = 0; i < 100; ++i)
            failed += fork_and_wait(
                          [&]
                          {
                              busy.write(log_level::info, "x");
                              busy.flush();
                              busy.~log_writer();
                          }) != 0;
        enough = true;
        shard.join();
        std::_Exit(failed);
    };
    EXPECT_EXIT(use(), testing::ExitedWithCode(0), "");
}

TEST(LogWriter, ends_in_bounded_time_when_nobody_reads_its_pipe)
{
    pipe_ends pipe;
    const auto began = steady::now();
    {
        log_writer log(output_to(pipe.writer()), dropped);
        log.begin();
        for (int i = 0; i < 20'000; ++i)
            log.write(log_level::info, "a line that nobody reads");
        log.flush();
    }
    EXPECT_LT(steady::now() - began, bounded);
    pipe.close_writer();
    EXPECT_LE(pipe.read_to_end().size(), 65536u);
}

TEST(LogWriter, gives_lines_to_a_reader_that_is_slow_but_reads)
{
    std::size_t lines = 0;
    {
        log_writer log(output_to(
            [&lines](std::string_view)
            {
                std::this_thread::sleep_for(100ms); // is slow
                ++lines;
            }));
        log.begin();
        for (int i = 0; i < 15; ++i)
            log.write(log_level::info, "x");
    }
    EXPECT_EQ(lines, 15u) << "it made progress, and was not waited for";
}

TEST(LogWriter, ends_in_bounded_time_when_its_function_does_not_return_and_keeps_what_that_uses)
{
    const auto stuck = std::make_shared<gate>();
    const auto began = steady::now();
    {
        log_writer log(output_to(stuck));
        log.begin();
        log.write(log_level::info, "first");
        static_cast<void>(stuck->wait_for(1));
        log.write(log_level::info, "second");
        log.flush();
    }
    EXPECT_LT(steady::now() - began, bounded);
    EXPECT_GT(stuck.use_count(), 1) << "its function was destroyed while it ran";
    stuck->open();
    EXPECT_EQ(stuck->wait_for(1), std::vector<std::string>{"first"}) << "called after the log had ended";
}

TEST(LogWriter, continues_when_its_function_throws)
{
    std::vector<std::string> lines;
    {
        log_writer log(output_to(
                           [&lines](std::string_view line)
                           {
                               if (line == "odd")
                                   throw 1;
                               lines.emplace_back(line);
                           }),
                       dropped);
        for (int i = 0; i < 10; ++i)
            log.write(log_level::info, i % 2 == 1 ? "odd" : "even");
        log.begin();
    }
    std::size_t told = 0;
    for (const std::string& line : lines)
        if (line.starts_with("dropped "))
            told += std::stoul(line.substr(8));
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "even"), 5);
    EXPECT_EQ(told, 5u);
}

TEST(LogWriter, ends_when_its_function_always_throws)
{
    log_writer log(output_to([](std::string_view) { throw std::runtime_error("no"); }), dropped);
    log.begin();
    for (int i = 0; i < 10; ++i)
        log.write(log_level::info, "x");
    log.flush();
}

TEST(LogWriter, tells_of_dropped_lines_though_no_line_follows)
{
    const auto to = std::make_shared<gate>();
    to->open();
    int calls = 0;
    log_writer log(output_to(
                       [to, &calls](std::string_view line)
                       {
                           if (++calls == 1 || calls == 3)
                               throw 1;
                           (*to)(line);
                       }),
                   dropped);
    log.begin();
    log.write(log_level::info, "lost");
    EXPECT_EQ(to->wait_for(1).back(), dropped(1));
    log.write(log_level::info, "lost too");
    log.write(log_level::info, "written");
    EXPECT_EQ(to->wait_for(3).back(), dropped(1)) << "a second after the first notice";
}

TEST(LogWriter, survives_a_reader_that_ends_and_writes_to_the_next_one)
{
    const std::string path =
        (std::filesystem::temp_directory_path() / ("naru-log-" + std::to_string(::getpid()))).string();
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const int writer = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    ASSERT_GE(writer, 0);
    const auto read = [&reader]
    {
        char text[256];
        const ssize_t n = ::read(reader, text, sizeof text);
        return std::string(text, n > 0 ? static_cast<std::size_t>(n) : 0);
    };
    log_writer log(output_to(writer), dropped);
    log.begin();
    log.write(log_level::info, "first");
    log.flush();
    EXPECT_EQ(read(), "first\n");
    ::close(reader);
    for (int i = 0; i < 3; ++i)
    {
        log.write(log_level::info, "lost");
        log.flush();
    }
    reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    log.write(log_level::info, "second");
    log.flush();
    const std::string text = read(); // with the notice first, if a second is over
    EXPECT_TRUE(text == "second\n" || text == "dropped 3\nsecond\n") << text;
    ::close(reader);
    ::close(writer);
    ::unlink(path.c_str());
}

TEST(LogWriter, takes_no_signal_but_its_own_faults)
{
    sigset_t mask;
    ::sigemptyset(&mask);
    sigset_t own;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &own);
    {
        log_writer log(
            output_to([&mask](std::string_view) { ::pthread_sigmask(SIG_BLOCK, nullptr, &mask); }));
        log.begin();
        log.write(log_level::info, "x");
    }
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGCHLD, SIGALRM, SIGUSR1, SIGPROF})
        EXPECT_EQ(::sigismember(&mask, signal), 1) << signal;
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
        EXPECT_EQ(::sigismember(&mask, fault), 0) << fault;
    sigset_t after;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &after);
    for (int signal = 1; signal < SIGRTMAX; ++signal)
        EXPECT_EQ(::sigismember(&after, signal), ::sigismember(&own, signal)) << signal;
}

TEST_F(LogWriterInAnotherProcess, does_not_keep_a_program_from_exiting_while_its_function_is_stuck)
{
    const auto use = []
    {
        ::alarm(hang_seconds);
        static const auto stuck = std::make_shared<gate>();
        static log_writer log(output_to(stuck));
        log.begin();
        log.write(log_level::info, "x");
        static_cast<void>(stuck->wait_for(1));
        std::thread([] { std::exit(0); }).join();
    };
    EXPECT_EXIT(use(), testing::ExitedWithCode(0), "");
}

TEST_F(LogWriterInAnotherProcess, lets_its_function_exit_the_program)
{
    const auto use = []
    {
        ::alarm(hang_seconds);
        static log_writer log(output_to(
            [](std::string_view)
            {
                log.flush();
                std::exit(0);
            }));
        log.begin();
        log.write(log_level::info, "x");
        for (;;)
            ::pause();
    };
    EXPECT_EXIT(use(), testing::ExitedWithCode(0), "");
}

} // namespace
