#include <naru/server/server.hpp>

#include "net/listening_socket.hpp"
#include "server/listener_state.hpp"
#include "server/shard.hpp"

#include <naru/base/error.hpp>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <thread>

namespace naru
{

namespace
{

// After stop(): how long a coroutine that knows no cancellation may still run before it is destroyed where it
// waits.
constexpr std::chrono::seconds patience{2};

/// As Go's runtime does: the soft limit is there for programs that use select(2), which this one does not.
void raise_descriptor_limit() noexcept
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max)
    {
        limit.rlim_cur = limit.rlim_max;
        static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
    }
}

} // namespace

class server::state
{
  public:
    state(const server_options& options, boost::asio::io_context* borrowed);
    ~state();

    listener listen(const endpoint& where, protocol speaks, const listen_options& options);
    int run(const std::function<void()>& ready);
    void start();
    void drain(std::chrono::milliseconds deadline);
    void stop();
    void wait();
    task<std::vector<session_info>> sessions();

    ledger& shared() noexcept { return shared_; }

  private:
    class drain_deadline final : public deadline
    {
      public:
        explicit drain_deadline(state& of) : state_(of) {}
        void expired() override { state_.stop(); }

      private:
        state& state_;
    };

    void wait_for_signal();
    void on_signal();
    void close_listeners();
    void shard_empty();
    void join();
    void run_out();
    bool quiet();

    server_options options_;
    ledger shared_;
    const bool borrowed_;
    std::vector<std::unique_ptr<shard>> shards_;
    drain_deadline drain_deadline_{*this}; // on the first shard, as are these two
    time_point drain_due_ = deadline::never;
    bool over_ = false; // all sessions have gone after a drain

    std::mutex mutex_; // over what follows
    std::condition_variable ended_;
    std::vector<std::shared_ptr<listener_state>> listeners_;
    std::vector<std::thread> threads_;
    std::size_t empty_shards_ = 0;
    bool started_ = false;
    bool stopped_ = false;

    std::optional<boost::asio::signal_set> signals_;
    int exit_status_ = 0;
};

server::state::state(const server_options& options, boost::asio::io_context* borrowed)
    : options_(options), shared_(options.log), borrowed_(borrowed != nullptr)
{
    const unsigned count = borrowed_ ? 1 : std::max(1u, options.threads);
    for (unsigned i = 0; i < count; ++i)
        shards_.push_back(std::make_unique<shard>(i, shared_, borrowed));
}

listener server::state::listen(const endpoint& where, protocol speaks, const listen_options& options)
{
    if (shared_.draining)
        throw error(errc::closed, "listen", where.text());
    auto sockets = open_listening_sockets(where, options.socket, static_cast<unsigned>(shards_.size()));
    auto made = std::make_shared<listener_state>(shared_, std::move(sockets), std::move(speaks),
                                                 options.connections, shards_);
    const std::lock_guard lock(mutex_);
    std::erase_if(listeners_, [](const auto& each) { return each->closed() && each->quiet(); });
    listeners_.push_back(made);
    if (started_)
        made->start();
    return listener(std::move(made));
}

int server::state::run(const std::function<void()>& ready)
{
    raise_descriptor_limit();
    signals_.emplace(shards_.front()->loop(), SIGINT, SIGTERM);
    wait_for_signal();
    start();
    if (ready)
        ready();
    wait();
    return exit_status_;
}

void server::state::wait_for_signal()
{
    signals_->async_wait([this](const boost::system::error_code& aborted, int)
                         { aborted ? void() : on_signal(); });
}

void server::state::on_signal()
{
    if (over_)
        return; // it came while the last one was ending: to wait for another would keep the loop for ever
    if (!shared_.draining)
        drain(options_.drain);
    else
    {
        exit_status_ = 1;
        stop();
    }
    wait_for_signal();
}

void server::state::start()
{
    const std::lock_guard lock(mutex_);
    if (std::exchange(started_, true))
        return;
    for (const auto& each : listeners_)
        each->start();
    if (!borrowed_)
        for (const auto& each : shards_)
            threads_.emplace_back([at = each.get()] { at->run(); });
}

void server::state::drain(std::chrono::milliseconds deadline)
{
    const bool first = !shared_.draining.exchange(true);
    close_listeners();
    if (first)
    {
        auto line = shared_.log.line("drain");
        line.add("open", shared_.open.load()).add("deadline", deadline);
        shared_.log.write(log_level::info, line);
    }
    for (const auto& each : shards_)
        boost::asio::post(each->loop().get_executor(),
                          [this, at = each.get(), deadline, first]
                          {
                              at->look_at_clock();
                              if (at->index() == 0)
                              {
                                  drain_due_ = std::min(drain_due_, at->now() + deadline);
                                  at->set_deadline(drain_deadline_, drain_due_);
                              }
                              if (!first)
                                  return;
                              at->drain();
                              at->when_last_gone([this] { shard_empty(); });
                          });
}

void server::state::stop()
{
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(stopped_, true))
            return;          // the drain's deadline comes here too, and must not set itself again
        ended_.notify_all(); // wait() gives those who know no cancellation only so long
    }
    drain(std::chrono::milliseconds(0));
    for (const auto& each : shards_)
        boost::asio::post(each->loop().get_executor(), [at = each.get()] { at->stop(); });
}

void server::state::close_listeners()
{
    std::vector<std::shared_ptr<listener_state>> all;
    {
        const std::lock_guard lock(mutex_);
        all = listeners_;
    }
    for (const auto& each : all)
        each->close();
}

/// When the last one is, all end together: until then a session of one may ask another what it knows.
void server::state::shard_empty()
{
    {
        const std::lock_guard lock(mutex_);
        if (++empty_shards_ < shards_.size())
            return;
    }
    // Before the shards end: a loop that has run out runs nothing more.
    boost::asio::post(shards_.front()->loop().get_executor(),
                      [this]
                      {
                          over_ = true;
                          shards_.front()->clear_deadline(drain_deadline_);
                          if (signals_)
                              signals_->cancel();
                          const std::lock_guard lock(mutex_);
                          ended_.notify_all();
                      });
    for (const auto& each : shards_)
        each->end();
}

void server::state::wait()
{
    std::unique_lock lock(mutex_);
    if (started_ && threads_.empty())
        return; // it has been waited for, perhaps in vain
    const auto all_empty = [this] { return empty_shards_ == shards_.size(); };
    ended_.wait(lock, [&] { return all_empty() || stopped_; });
    if (!ended_.wait_for(lock, patience, all_empty))
        for (const auto& each : shards_)
            each->loop().stop();
    lock.unlock();
    join();
}

void server::state::join()
{
    std::vector<std::thread> threads;
    {
        const std::lock_guard lock(mutex_);
        threads.swap(threads_);
    }
    for (std::thread& each : threads)
        each.join();
    shared_.log.flush();
}

server::state::~state()
{
    if (started_ && !borrowed_)
    {
        stop();
        wait();
    }
    else
        run_out();
    for (const auto& each : shards_)
        each->stop();
    signals_.reset();
    for (const auto& each : listeners_)
        each->loops_gone();
    shards_.clear();
    for (const auto& each : listeners_)
        each->shards_gone();
}

/// What is still in a loop that has no thread of ours refers to sessions and listeners: let it come back.
void server::state::run_out()
{
    close_listeners();
    for (const auto& each : shards_)
    {
        each->stop();
        each->end();
    }
    const auto due = std::chrono::steady_clock::now() + patience;
    do
        for (const auto& each : shards_)
        {
            each->loop().restart();
            each->loop().poll();
        }
    while (!quiet() && std::chrono::steady_clock::now() < due);
}

bool server::state::quiet()
{
    return std::all_of(shards_.begin(), shards_.end(), [](const auto& each) { return each->quiet(); }) &&
           std::all_of(listeners_.begin(), listeners_.end(), [](const auto& each) { return each->quiet(); });
}

task<std::vector<session_info>> server::state::sessions()
{
    std::vector<session_info> all;
    for (const auto& each : shards_)
    {
        // A round trip to each shard's thread; the awaiting coroutine resumes where it was.
        auto ask = boost::asio::async_initiate<const boost::asio::use_awaitable_t<>,
                                               void(std::vector<session_info>)>(
            [at = each.get()](auto handler)
            {
                boost::asio::post(at->loop().get_executor(),
                                  [at, handler = std::move(handler)]() mutable
                                  {
                                      auto back = boost::asio::get_associated_executor(handler);
                                      boost::asio::dispatch(
                                          back, [handler = std::move(handler), infos = at->infos()]() mutable
                                          { std::move(handler)(std::move(infos)); });
                                  });
            },
            boost::asio::use_awaitable);
        std::vector<session_info> some = co_await std::move(ask);
        std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    std::sort(all.begin(), all.end(),
              [](const session_info& a, const session_info& b) { return a.id < b.id; });
    co_return all;
}

// --- the face ------------------------------------------------------------------------------------

server::server(server_options options) : state_(std::make_unique<state>(options, nullptr)) {}

server::server(boost::asio::io_context& loop, server_options options)
    : state_(std::make_unique<state>(options, &loop))
{
}

server::~server() = default;

listener server::listen(std::string_view where, protocol speaks, listen_options options)
{
    auto parsed = endpoint::parse(where);
    if (!parsed)
        throw error(errc::bad_endpoint, "listen", where,
                    parsed.error().what + ", at character " + std::to_string(parsed.error().position + 1));
    return state_->listen(*parsed, std::move(speaks), options);
}

listener server::listen(const endpoint& where, protocol speaks, listen_options options)
{
    return state_->listen(where, std::move(speaks), options);
}

int server::run(const std::function<void()>& ready)
{
    return state_->run(ready);
}

void server::start()
{
    state_->start();
}

void server::drain(std::chrono::milliseconds deadline)
{
    state_->drain(deadline);
}

void server::stop()
{
    state_->stop();
}

void server::wait()
{
    state_->wait();
}

bool server::draining() const noexcept
{
    return state_->shared().draining;
}

task<std::vector<session_info>> server::sessions()
{
    return state_->sessions();
}

server_figures server::figures() const noexcept
{
    const ledger& from = state_->shared();
    server_figures out;
    out.opened = from.opened.load();
    out.open = from.open.load();
    for (std::size_t i = 0; i < close_reason_count; ++i)
        out.closed[i] = from.closed[i].load();
    return out;
}

} // namespace naru
