#pragma once

#include <naru/base/task.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <vector>

namespace fuzz
{

/// Timers of Asio that the script ends instead of the time. Lives longer than all who wait.
class alarms
{
  public:
    /// Throws operation_aborted when it is cancelled.
    naru::task<> wait()
    {
        auto executor = co_await boost::asio::this_coro::executor;
        place here(*this, executor);
        try
        {
            co_await here.timer.async_wait(boost::asio::use_awaitable);
        }
        catch (...)
        {
            if (!here.rang)
                throw;
        }
    }

    /// One of those who wait goes on with the next run of the loop.
    void ring(std::size_t which)
    {
        if (waiting_.empty())
            return;
        place& rung = *waiting_[which % waiting_.size()];
        rung.rang = true;
        rung.timer.cancel();
    }
    void ring_all()
    {
        for (std::size_t i = 0; i < waiting_.size(); ++i)
            ring(i);
    }

  private:
    struct place
    {
        place(alarms& at, const boost::asio::any_io_executor& executor)
            : of(at), timer(executor, boost::asio::steady_timer::time_point::max())
        {
            of.waiting_.push_back(this);
        }
        place(const place&) = delete;
        place& operator=(const place&) = delete;
        ~place() { std::erase(of.waiting_, this); }

        alarms& of;
        boost::asio::steady_timer timer;
        bool rang = false;
    };

    std::vector<place*> waiting_;
};

} // namespace fuzz
