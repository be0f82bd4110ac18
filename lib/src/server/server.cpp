#include <naru/server/server.hpp>

#include "net/listening_socket.hpp"
#include "server/fleet.hpp"
#include "server/session_query.hpp"
#include "server/termination_signals.hpp"

#include <naru/base/error.hpp>

#include <boost/asio/use_awaitable.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <system_error>
#include <thread>

namespace naru
{

namespace
{

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

/// The fleet, whose event loops need descriptors.
std::unique_ptr<fleet> make_fleet(const server_options& options, boost::asio::io_context* borrowed)
{
    raise_descriptor_limit();
    try
    {
        return std::make_unique<fleet>(options.log, std::max(1u, options.threads), borrowed);
    }
    catch (const boost::system::system_error& e)
    {
        throw error(e.code(), "server", std::to_string(options.threads) + " threads", "event loop");
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

    ledger& shared() noexcept { return fleet_->shared(); }

    /// The caller is a handler of this server.
    bool called_by_a_shard() const noexcept;
    /// Ends everything, and waits for it. Before the destruction, unless abandon() was called.
    void end();
    /// The process exits, or the server is destroyed, from inside a handler: ends all that can be ended. The
    /// state has to stay.
    void abandon();

  private:
    class drain_deadline final : public deadline
    {
      public:
        explicit drain_deadline(state& of) : state_(of) {}
        void expired() override { state_.stop(); }

      private:
        state& state_;
    };

    void heard_signal();
    void run_shard(shard& here);
    void drain_shard(shard& here, std::chrono::milliseconds deadline, bool first);
    void shard_empty();
    bool all_empty() const noexcept { return empty_shards_ == fleet_->shards().size(); }
    bool runs_threads();
    void run_out();

    const server_options options_;
    const bool borrowed_;
    std::unique_ptr<fleet> fleet_;
    drain_deadline drain_deadline_{*this}; // for the first shard, as is this
    time_point drain_due_ = deadline::never;

    std::mutex mutex_; // over what follows
    std::condition_variable changed_;
    std::vector<std::thread> threads_;
    std::size_t running_ = 0; // threads that have not left their loop
    std::size_t empty_shards_ = 0;
    std::size_t stops_ = 0; // calls of stop()
    bool started_ = false;
    bool joined_ = false;
    int exit_status_ = 0;
};

server::state::state(const server_options& options, boost::asio::io_context* borrowed)
    : options_(options), borrowed_(borrowed != nullptr), fleet_(make_fleet(options, borrowed))
{
}

listener server::state::listen(const endpoint& where, protocol speaks, const listen_options& options)
{
    if (shared().draining)
        throw error(errc::closed, "listen", where.text());
    const auto shards = fleet_->shards();
    auto sockets = open_listening_sockets(where, options.socket, static_cast<unsigned>(shards.size()));
    auto made = std::make_shared<listener_state>(shared(), std::move(sockets), std::move(speaks),
                                                 options.connections, shards);
    if (!fleet_->add(made))
        throw error(errc::closed, "listen", where.text());
    {
        const std::lock_guard lock(mutex_);
        if (started_)
            made->start();
    }
    return listener(std::move(made));
}

int server::state::run(const std::function<void()>& ready)
{
    const termination_signals signals([this] { heard_signal(); });
    start();
    if (ready && !shared().draining)
        ready();
    wait();
    const std::lock_guard lock(mutex_);
    return exit_status_;
}

void server::state::heard_signal()
{
    if (!shared().draining)
    {
        drain(options_.drain);
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        if (!all_empty())
            exit_status_ = 1;
    }
    stop();
}

void server::state::start()
{
    const std::lock_guard lock(mutex_);
    if (started_ || shared().draining)
        return;
    shared().log.begin();
    started_ = true;
    fleet_->start_listeners();
    if (borrowed_)
        return;
    try
    {
        for (const auto& each : fleet_->shards())
        {
            threads_.emplace_back([this, here = each.get()] { run_shard(*here); });
            ++running_;
        }
    }
    catch (const std::system_error& e) // those that run end with the server
    {
        throw error(from_errno(e.code().value()), "start", std::to_string(options_.threads) + " threads");
    }
}

void server::state::run_shard(shard& here)
{
    here.run();
    here.mail()->close();
    const std::lock_guard lock(mutex_);
    --running_;
    changed_.notify_all();
}

void server::state::drain(std::chrono::milliseconds deadline)
{
    const bool first = !shared().draining.exchange(true);
    fleet_->close_listeners();
    if (first)
    {
        auto line = shared().log.line("drain");
        line.add("open", shared().open.load()).add("deadline", deadline);
        shared().log.write(log_level::info, line);
    }
    for (const auto& each : fleet_->shards())
        each->mail()->post([this, deadline, first](shard& here) { drain_shard(here, deadline, first); });
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
}

void server::state::drain_shard(shard& here, std::chrono::milliseconds deadline, bool first)
{
    here.look_at_clock();
    if (here.index() == 0)
    {
        drain_due_ = std::min(drain_due_, later(here.now(), deadline));
        here.set_deadline(drain_deadline_, drain_due_);
    }
    if (!first)
        return;
    here.drain();
    here.when_last_gone([this] { shard_empty(); });
}

void server::state::stop()
{
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        first = stops_++ == 0;
        changed_.notify_all();
    }
    if (!first)
        return; // the drain's deadline comes here too, and must not set itself again
    drain(std::chrono::milliseconds(0));
    for (const auto& each : fleet_->shards())
        each->mail()->post([](shard& here) { here.stop(); });
}

/// When the last one is, all end together: until then a session of one may ask another what it knows.
void server::state::shard_empty()
{
    {
        const std::lock_guard lock(mutex_);
        if (++empty_shards_ < fleet_->shards().size())
            return;
        changed_.notify_all();
    }
    for (const auto& each : fleet_->shards())
        each->end();
}

void server::state::wait()
{
    if (called_by_a_shard())
        throw error(errc::wrong_thread, "wait", {});
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return started_ || shared().draining; });
    if (borrowed_ || !started_ || joined_)
        return; // no thread of ours runs anything
    changed_.wait(lock, [&] { return all_empty() || stops_ > 0; });
    changed_.wait_for(lock, patience, [&] { return all_empty(); });
    if (all_empty())
    {
        const std::size_t stops = stops_;
        changed_.wait_for(lock, patience, [&] { return running_ == 0 || stops_ > stops; });
    }
    for (const auto& each : fleet_->shards())
        each->loop().stop();

    std::vector<std::thread> threads;
    threads.swap(threads_);
    const bool joins = !threads.empty();
    lock.unlock();
    for (std::thread& each : threads)
        each.join();
    lock.lock();
    joined_ |= joins;
    changed_.notify_all();
    changed_.wait(lock, [&] { return joined_; });
    lock.unlock();
    shared().log.flush();
}

bool server::state::called_by_a_shard() const noexcept
{
    const auto is_here = [](const auto& each)
    { return each->loop().get_executor().running_in_this_thread(); };
    const auto shards = fleet_->shards();
    return !borrowed_ && std::any_of(shards.begin(), shards.end(), is_here);
}

void server::state::abandon()
{
    stop();
    for (const auto& each : fleet_->shards())
        each->loop().stop();
    std::unique_lock lock(mutex_);
    const bool others_ended = changed_.wait_for(lock, patience, [&] { return running_ <= 1; });
    std::vector<std::thread> threads;
    threads.swap(threads_);
    lock.unlock();
    for (std::thread& each : threads)
        if (others_ended && each.get_id() != std::this_thread::get_id())
            each.join();
        else
            each.detach();
    if (!threads.empty())
    {
        lock.lock();
        joined_ = true; // as far as wait() in another thread is concerned
        changed_.notify_all();
        lock.unlock();
    }
    shared().log.flush();
}

void server::state::end()
{
    if (runs_threads())
    {
        stop();
        wait();
    }
    else
        run_out();
}

bool server::state::runs_threads()
{
    const std::lock_guard lock(mutex_);
    return started_ && !borrowed_;
}

server::state::~state()
{
    fleet_->first().remove_deadline(drain_deadline_);
    fleet::destroy(std::move(fleet_));
}

/// Runs what still waits in a loop that has no thread of ours, because it refers to sessions and listeners.
void server::state::run_out()
{
    shared().draining = true;
    fleet_->close_listeners();
    {
        const std::lock_guard lock(mutex_);
        changed_.notify_all();
    }
    for (const auto& each : fleet_->shards())
    {
        each->stop();
        each->end();
    }
    const auto due = std::chrono::steady_clock::now() + patience;
    for (;;)
    {
        for (const auto& each : fleet_->shards())
            each->run_ready();
        if (fleet_->quiet() || std::chrono::steady_clock::now() > due)
            return;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

task<std::vector<session_info>> server::state::sessions()
{
    std::vector<std::shared_ptr<mailbox>> shards;
    {
        const std::lock_guard lock(mutex_);
        if (started_ && !all_empty())
            for (const auto& each : fleet_->shards())
                shards.push_back(each->mail());
    }
    return query_sessions(std::move(shards));
}

// --- the face ------------------------------------------------------------------------------------

server::server(server_options options) : state_(std::make_shared<state>(options, nullptr)) {}

server::server(boost::asio::io_context& loop, server_options options)
    : state_(std::make_shared<state>(options, &loop))
{
}

server::~server()
{
    if (state_->called_by_a_shard())
    {
        state_->abandon();
        keep_for_ever(std::move(state_));
    }
    else
        state_->end();
}

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
    const std::shared_ptr<state> kept = state_; // `ready` or a handler may destroy the server meanwhile
    return kept->run(ready);
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
    const std::shared_ptr<state> kept = state_;
    kept->wait();
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
