#include "server/session_query.hpp"

#include "server/shard.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <mutex>
#include <utility>

namespace naru
{

namespace
{

/// Gathers the answers, and completes when the last letter is delivered or destroyed.
template <class Handler>
class query
{
  public:
    explicit query(Handler handler)
        : handler_(std::move(handler)), work_(boost::asio::get_associated_executor(handler_))
    {
    }

    query(const query&) = delete;
    query& operator=(const query&) = delete;

    ~query()
    {
        std::sort(all_.begin(), all_.end(),
                  [](const session_info& a, const session_info& b) { return a.id < b.id; });
        boost::asio::post(work_.get_executor(),
                          [handler = std::move(handler_), all = std::move(all_)]() mutable
                          { std::move(handler)(std::move(all)); });
    }

    void add(std::vector<session_info> some)
    {
        const std::lock_guard lock(mutex_);
        std::move(some.begin(), some.end(), std::back_inserter(all_));
    }

  private:
    Handler handler_;
    boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>> work_;
    std::mutex mutex_;
    std::vector<session_info> all_;
};

} // namespace

task<std::vector<session_info>> query_sessions(std::vector<std::shared_ptr<mailbox>> shards)
{
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(std::vector<session_info>)>(
        [](auto handler, std::vector<std::shared_ptr<mailbox>> asked)
        {
            const auto one = std::make_shared<query<decltype(handler)>>(std::move(handler));
            for (const auto& each : asked) // not at once: the session that asks is to be shown as it waits
                each->post([one](shard& here) { one->add(here.infos()); });
        },
        boost::asio::use_awaitable, std::move(shards));
}

} // namespace naru
