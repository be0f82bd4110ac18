#pragma once

#include <naru/base/task.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <deque>

namespace naru::http
{

/// Where handlers wait until a test lets them on, first come first.
class gate
{
  public:
    task<> pass()
    {
        auto executor = co_await boost::asio::this_coro::executor;
        place here(*this, executor);
        try
        {
            co_await here.timer.async_wait(boost::asio::use_awaitable);
        }
        catch (...)
        {
            if (here.shut())
            {
                ++cancelled_;
                throw;
            }
        }
    }

    std::size_t waiting() const noexcept { return waiting_.size(); }
    int cancelled() const noexcept { return cancelled_; }

    /// The first may go on, with the next run of its event loop.
    void open()
    {
        place* const first = waiting_.front();
        waiting_.pop_front();
        first->timer.cancel();
    }

  private:
    /// Lies in the coroutine, and goes with it.
    struct place
    {
        place(gate& at, const boost::asio::any_io_executor& executor)
            : of(at), timer(executor, boost::asio::steady_timer::time_point::max())
        {
            of.waiting_.push_back(this);
        }
        place(const place&) = delete;
        place& operator=(const place&) = delete;
        ~place() { std::erase(of.waiting_, this); }

        bool shut() const
        {
            return std::find(of.waiting_.begin(), of.waiting_.end(), this) != of.waiting_.end();
        }

        gate& of;
        boost::asio::steady_timer timer;
    };

    std::deque<place*> waiting_;
    int cancelled_ = 0;
};

} // namespace naru::http
