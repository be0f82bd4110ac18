#include <naru/raw/raw.hpp>
#include <naru/server/server.hpp>

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace
{

using namespace std::chrono_literals;
using naru::server;
using naru::server_options;
using naru::session;
using naru::task;

task<> say_goodbye(session& s)
{
    co_await s.write("goodbye\n");
}

server_options logging_to(std::function<void(std::string_view)> sink)
{
    server_options options;
    options.threads = 2;
    options.log.pattern = "%v";
    options.log.sink = std::move(sink);
    return options;
}

TEST(ServerLog, of_a_server_that_was_made_before_a_fork_is_written_in_the_child)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe"); // a process of one thread forks
    const auto use = []
    {
        int ends[2]{};
        static_cast<void>(::pipe(ends));
        const auto options = logging_to([to = ends[1]](std::string_view line)
                                        { static_cast<void>(::write(to, line.data(), line.size()) < 0); });
        std::optional<server> made(std::in_place, options);
        const pid_t child = ::fork();
        if (child == 0)
        {
            ::alarm(60);
            static_cast<void>(made->listen("tcp://127.0.0.1:0", naru::raw(say_goodbye)));
            made->start();
            made->drain(0ms);
            made->wait();
            made.reset();
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        ::close(ends[1]);
        char text[256];
        const ssize_t n = ::read(ends[0], text, sizeof text);
        const bool good = status == 0 && std::string(text, n > 0 ? static_cast<std::size_t>(n) : 0) ==
                                             "drain open=0 deadline=0";
        std::_Exit(good ? 0 : 1);
    };
    EXPECT_EXIT(use(), testing::ExitedWithCode(0), "");
}

/// A function that lines are given to, which returns when it is told to.
class stuck_sink
{
  public:
    void operator()(std::string_view)
    {
        std::unique_lock lock(mutex_);
        released_.wait(lock, [this] { return release_; });
    }
    void release()
    {
        const std::lock_guard lock(mutex_);
        release_ = true;
        released_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable released_;
    bool release_ = false;
};

TEST(ServerLog, that_is_stuck_does_not_keep_a_server_from_ending)
{
    const auto stuck = std::make_shared<stuck_sink>();
    {
        server made(logging_to([stuck](std::string_view line) { (*stuck)(line); }));
        static_cast<void>(made.listen("tcp://127.0.0.1:0", naru::raw(say_goodbye)));
        made.start();
        made.drain(0ms);
        made.wait();
    }
    EXPECT_GT(stuck.use_count(), 1) << "destroyed while it ran";
    stuck->release();
}

} // namespace
