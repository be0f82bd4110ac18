// Every order of {listen, start, drain, stop, wait, destroy, close, sessions, dial}, on two threads at once,
// with handlers that wait for anything, on threads of the server's own and on a borrowed loop.

#include "duration.hpp"
#include "peers.hpp"
#include "waiting_handlers.hpp"

#include <naru/base/error.hpp>
#include <naru/raw/raw.hpp>
#include <naru/server/dial.hpp>
#include <naru/server/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <chrono>
#include <future>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace
{

namespace asio = boost::asio;
using namespace std::chrono_literals;
using naru::stress::dice;
using naru::stress::wait_for;

// Far more than the twice two seconds that an end may take when something does not end by itself.
constexpr auto longest_round = 20s;

/// A loop that a thread runs until this ends.
class loop_thread
{
  public:
    ~loop_thread() { end(); }
    asio::io_context& loop() { return loop_; }
    void end()
    {
        if (!thread_.joinable())
            return;
        loop_.stop();
        thread_.join();
    }

  private:
    asio::io_context loop_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
    std::thread thread_{[this] { loop_.run(); }};
};

class round_of_states
{
  public:
    round_of_states(std::uint64_t seed, naru::stress::waiting_handlers& handlers)
        : dice_(seed), seed_(seed), handlers_(handlers), borrows_(dice_.one_in(3))
    {
        naru::server_options options;
        options.threads = 1 + static_cast<unsigned>(dice_.upto(2));
        options.log.level = naru::log_level::off;
        if (borrows_)
            serving_.emplace(borrowed_.loop(), options);
        else
            serving_.emplace(options);
    }

    void run()
    {
        std::thread beside([this, seed = dice_.upto(~std::uint64_t{0} - 1)] { steps(seed); });
        steps(dice_.upto(~std::uint64_t{0} - 1));
        beside.join();
        end();
        for (auto& each : asked_)
        {
            ASSERT_EQ(each.wait_for(longest_round), std::future_status::ready) << "sessions() did not answer";
            each.get();
        }
    }

  private:
    void steps(std::uint64_t seed)
    {
        dice own(seed);
        for (std::uint64_t left = 2 + own.upto(10); left > 0; --left)
            step(own);
    }

    void step(dice& own)
    {
        switch (own.upto(11))
        {
        case 0:
        case 1:
        case 2:
            listen(own);
            break;
        case 3:
        case 4:
            serving_->start();
            break;
        case 5:
            if (own.one_in(3))
                serving_->drain(std::chrono::milliseconds(own.upto(5)));
            break;
        case 6:
            if (own.one_in(4))
                serving_->stop();
            break;
        case 7:
            if (serving_->draining())
                serving_->wait();
            break;
        case 8:
            close_one(own);
            break;
        case 9:
            ask();
            break;
        case 10:
            dial(own);
            break;
        default:
            if (const auto where = any_endpoint(own))
                naru::stress::meet(*where, own);
        }
    }

    void listen(dice& own)
    {
        std::string where = "tcp://127.0.0.1:0";
        if (own.one_in(3))
            where = "unix:@naru-states-" + std::to_string(::getpid()) + "-" + std::to_string(own.upto(3));
        const auto kind = static_cast<wait_for>(own.upto(naru::stress::wait_kinds - 1));
        try
        {
            auto made = serving_->listen(where, own.one_in(3) ? handlers_.http() : handlers_.raw(kind));
            const std::lock_guard lock(mutex_);
            listeners_.push_back(std::move(made));
        }
        catch (const naru::error&) // it drains, or the name is taken
        {
        }
    }

    std::optional<naru::endpoint> any_endpoint(dice& own)
    {
        const std::lock_guard lock(mutex_);
        if (listeners_.empty())
            return std::nullopt;
        return listeners_[own.upto(listeners_.size() - 1)].local();
    }

    void close_one(dice& own)
    {
        std::optional<naru::listener> one;
        {
            const std::lock_guard lock(mutex_);
            if (listeners_.empty())
                return;
            const auto at = listeners_.begin() + static_cast<std::ptrdiff_t>(own.upto(listeners_.size() - 1));
            one = *at;
            if (own.one_in(2))
                listeners_.erase(at);
        }
        one->close();
        one->figures();
    }

    void ask()
    {
        auto answer = asio::co_spawn(elsewhere_.loop(), serving_->sessions(), asio::use_future);
        const std::lock_guard lock(mutex_);
        asked_.push_back(std::move(answer));
    }

    void dial(dice& own)
    {
        const auto where = any_endpoint(own);
        if (!where)
            return;
        naru::dial_options options;
        options.connect = 50ms;
        options.bounds.idle = 5ms;
        options.bounds.linger = 5ms;
        options.bounds.write_stall = 5ms; // a listener that is not started yet reads nothing
        try
        {
            naru::dial(
                where->text(),
                [](naru::session& s) -> naru::task<>
                {
                    co_await s.write("hello\n");
                    co_await s.read_line();
                },
                options);
        }
        catch (const naru::error&)
        {
        }
    }

    /// In one of the ways in which a server ends; its listeners' handles end before or after it.
    void end()
    {
        if (dice_.one_in(2))
            listeners_.clear();
        if (dice_.one_in(3))
            serving_->drain(std::chrono::milliseconds(dice_.upto(5)));
        else if (dice_.one_in(2))
            serving_->stop();
        borrowed_.end(); // a borrowed loop is not run beside the destructor
        serving_.reset();
        listeners_.clear();
    }

    dice dice_;
    std::uint64_t seed_;
    naru::stress::waiting_handlers& handlers_;
    bool borrows_;
    loop_thread elsewhere_;
    loop_thread borrowed_;
    std::optional<naru::server> serving_;
    std::mutex mutex_; // over what follows
    std::vector<naru::listener> listeners_;
    std::vector<std::future<std::vector<naru::session_info>>> asked_;
};

TEST(ServerStates, end_in_every_order)
{
    naru::stress::waiting_handlers handlers;
    const auto due = std::chrono::steady_clock::now() + naru::stress::duration();
    std::uint64_t seed = naru::stress::seed();
    int rounds = 0;
    for (; std::chrono::steady_clock::now() < due; ++rounds, ++seed)
    {
        SCOPED_TRACE("NARU_STRESS_SEED=" + std::to_string(seed));
        const auto began = std::chrono::steady_clock::now();
        round_of_states(seed, handlers).run();
        ASSERT_LT(std::chrono::steady_clock::now() - began, longest_round);
        if (HasFatalFailure())
            return;
    }
    std::cout << rounds << " rounds\n";
}

} // namespace
