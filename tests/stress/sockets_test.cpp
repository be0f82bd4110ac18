// Peers of every kind open, close, half-close and reset, while servers drain, stop and start again, listeners
// open and close, references send from other threads, and sessions() is asked.

#include "duration.hpp"
#include "peers.hpp"
#include "waiting_handlers.hpp"

#include <naru/base/error.hpp>
#include <naru/server/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace
{

namespace asio = boost::asio;
using namespace std::chrono_literals;
using naru::stress::dice;
using naru::stress::wait_for;

/// Where the peers find the listeners of the server that is there now.
class known_endpoints
{
  public:
    void add(const naru::endpoint& one)
    {
        const std::lock_guard lock(mutex_);
        all_.push_back(one);
        if (all_.size() > 16)
            all_.erase(all_.begin());
    }
    std::vector<naru::endpoint> all()
    {
        const std::lock_guard lock(mutex_);
        return all_;
    }

  private:
    std::mutex mutex_;
    std::vector<naru::endpoint> all_;
};

class storm
{
  public:
    storm(std::uint64_t seed, std::chrono::steady_clock::time_point due) : dice_(seed), due_(due) {}

    void run()
    {
        std::vector<std::thread> peers;
        for (int i = 0; i < 4; ++i)
            peers.emplace_back([this, seed = dice_.upto(1u << 30)] { be_peers(seed); });
        std::thread senders([this, seed = dice_.upto(1u << 30)] { send(seed); });
        while (std::chrono::steady_clock::now() < due_)
            one_server();
        over_ = true;
        for (std::thread& each : peers)
            each.join();
        senders.join();
        std::cout << servers_ << " servers, " << met_ << " connections\n";
    }

  private:
    void be_peers(std::uint64_t seed)
    {
        dice own(seed);
        while (!over_)
        {
            const auto all = known_.all();
            if (all.empty())
                std::this_thread::yield();
            else
                naru::stress::meet(all[own.upto(all.size() - 1)], own);
            ++met_;
        }
    }

    void send(std::uint64_t seed)
    {
        dice own(seed);
        while (!over_)
        {
            const naru::session_ref to = handlers_.any_session(own.upto(1000));
            if (own.one_in(50))
                to.close();
            else
                to.send(std::string(own.upto(2000), 's'));
            std::this_thread::yield();
        }
    }

    std::vector<naru::listener> open_listeners(naru::server& on)
    {
        std::vector<naru::listener> out;
        for (std::uint64_t left = 1 + dice_.upto(5); left > 0; --left)
        {
            std::string where = "tcp://127.0.0.1:0";
            if (dice_.one_in(3))
                where = "unix:@naru-storm-" + std::to_string(::getpid()) + "-" + std::to_string(++names_);
            const auto kind = static_cast<wait_for>(dice_.upto(naru::stress::wait_kinds - 1));
            out.push_back(on.listen(where, dice_.one_in(2) ? handlers_.http() : handlers_.raw(kind)));
            known_.add(out.back().local());
        }
        return out;
    }

    void one_server()
    {
        naru::server_options options;
        options.threads = 1 + static_cast<unsigned>(dice_.upto(1));
        options.log.level = naru::log_level::off;
        naru::server serving(options);
        auto listeners = open_listeners(serving);
        serving.start();
        for (std::uint64_t left = dice_.upto(20); left > 0; --left)
        {
            switch (dice_.upto(3))
            {
            case 0:
                listeners[dice_.upto(listeners.size() - 1)].close();
                break;
            case 1:
                for (naru::listener& each : open_listeners(serving))
                    listeners.push_back(std::move(each));
                break;
            case 2:
            {
                asio::io_context loop;
                auto asked = asio::co_spawn(loop, serving.sessions(), asio::use_future);
                loop.run();
                asked.get();
                break;
            }
            default:
                std::this_thread::sleep_for(std::chrono::milliseconds(dice_.upto(5)));
            }
        }
        if (dice_.one_in(3))
            serving.drain(std::chrono::milliseconds(dice_.upto(30)));
        else if (dice_.one_in(2))
            serving.stop();
        if (serving.draining())
        {
            serving.wait();
            const auto figures = serving.figures();
            EXPECT_EQ(figures.open, 0u);
            std::uint64_t closed = 0;
            for (const std::uint64_t each : figures.closed)
                closed += each;
            EXPECT_EQ(figures.opened, closed) << "every session has one reason";
        }
        ++servers_;
    }

    dice dice_;
    std::chrono::steady_clock::time_point due_;
    naru::stress::waiting_handlers handlers_;
    known_endpoints known_;
    std::atomic<bool> over_{false};
    std::atomic<std::uint64_t> met_{0};
    std::uint64_t servers_ = 0;
    std::uint64_t names_ = 0;
};

TEST(Sockets, survive_peers_of_every_kind)
{
    storm(naru::stress::seed(), std::chrono::steady_clock::now() + naru::stress::duration()).run();
}

} // namespace
