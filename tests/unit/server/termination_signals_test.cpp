#include "server/termination_signals.hpp"

#include "net/plain_socket.hpp"
#include "server/echo_server.hpp"
#include "server/end_of_server.hpp"

#include <naru/raw/raw.hpp>
#include <naru/server/server.hpp>

#include <gtest/gtest.h>

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <future>
#include <latch>
#include <thread>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using naru::server;
using naru::session;
using naru::task;
using naru::testing::anywhere;
using naru::testing::plain_socket;
using naru::testing::quiet;
using naru::testing::signal_flag;

volatile std::sig_atomic_t heard_by_the_program = 0;
void note_signal(int)
{
    heard_by_the_program = heard_by_the_program + 1;
}

/// What the test program had, before and after.
class TerminationSignals : public testing::Test
{
  protected:
    TerminationSignals()
    {
        ::sigaction(SIGTERM, nullptr, &term_);
        ::sigaction(SIGINT, nullptr, &int_);
    }
    ~TerminationSignals() override
    {
        ::sigaction(SIGTERM, &term_, nullptr);
        ::sigaction(SIGINT, &int_, nullptr);
    }

    static void run_until_drained()
    {
        server serving(quiet());
        EXPECT_EQ(serving.run([&] { serving.drain(1s); }), 0);
    }
    static auto handler_of(int number)
    {
        struct sigaction now = {};
        ::sigaction(number, nullptr, &now);
        return now.sa_handler;
    }

  private:
    struct sigaction term_ = {};
    struct sigaction int_ = {};
};

TEST_F(TerminationSignals, are_given_back_as_they_were)
{
    std::signal(SIGTERM, note_signal);
    std::signal(SIGINT, SIG_DFL);
    run_until_drained();
    EXPECT_EQ(handler_of(SIGTERM), &note_signal);
    EXPECT_EQ(handler_of(SIGINT), SIG_DFL);
    heard_by_the_program = 0;
    ::raise(SIGTERM);
    EXPECT_EQ(heard_by_the_program, 1);
}

TEST_F(TerminationSignals, that_the_process_ignores_stay_ignored)
{
    std::signal(SIGINT, SIG_IGN);
    server serving(quiet());
    const int status = serving.run(
        [&]
        {
            EXPECT_EQ(handler_of(SIGINT), SIG_IGN);
            ::raise(SIGINT);
            EXPECT_FALSE(serving.draining());
            serving.drain(1s);
        });
    EXPECT_EQ(status, 0);
    EXPECT_EQ(handler_of(SIGINT), SIG_IGN);
}

TEST_F(TerminationSignals, are_heard_by_every_server_that_runs)
{
    std::signal(SIGTERM, note_signal);
    server servers[2]{server(quiet()), server(quiet())};
    std::latch ready(3);
    std::vector<std::thread> running;
    for (server& each : servers)
        running.emplace_back([&] { EXPECT_EQ(each.run([&] { ready.count_down(); }), 0); });
    ready.arrive_and_wait();
    ::kill(::getpid(), SIGTERM);
    for (std::thread& each : running)
        each.join();
    EXPECT_EQ(handler_of(SIGTERM), &note_signal);
}

TEST_F(TerminationSignals, are_heard_while_every_shard_is_busy)
{
    signal_flag busy;
    signal_flag release;
    const auto blocks = [&](session&) -> task<>
    {
        busy.set();
        release.wait();
        co_return;
    };
    server serving(quiet());
    const auto where = serving.listen(anywhere, naru::raw(blocks, {.linger = 50ms})).local();
    std::promise<void> ready;
    std::thread running([&] { serving.run([&] { ready.set_value(); }); });
    ready.get_future().wait();
    const plain_socket client(where);
    busy.wait();
    ::kill(::getpid(), SIGTERM);
    while (!serving.draining())
        std::this_thread::yield();
    release.set();
    running.join();
}

} // namespace
