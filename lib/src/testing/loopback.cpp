#include <naru/testing/loopback.hpp>

#include "server/fleet.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace naru::testing
{

namespace
{

/// The lines of a log whose writer has a thread of its own: to have all of them is to wait for a last one.
class captured_lines
{
  public:
    /// The log owns a share of `to`: its thread may still be in add() when it has given up waiting for it.
    static log_options options(const std::shared_ptr<captured_lines>& to, const loopback_options& from)
    {
        log_options out;
        out.level = from.level;
        out.json = from.json;
        out.pattern = "%l %v";
        out.sink = [to](std::string_view line) { to->add(line); };
        return out;
    }

    std::vector<std::string> all(event_log& from)
    {
        if (!from.wants(log_level::error))
            return {};
        from.write(log_level::error, from.line(last));
        std::unique_lock lock(mutex_);
        came_.wait(lock, [this] { return complete_; });
        complete_ = false;
        return lines_;
    }

  private:
    static constexpr std::string_view last = "end_of_captured_lines";

    void add(std::string_view line)
    {
        const std::lock_guard lock(mutex_);
        complete_ = line.find(last) != std::string_view::npos;
        if (!complete_)
            lines_.emplace_back(line);
        came_.notify_one();
    }

    std::mutex mutex_;
    std::condition_variable came_;
    std::vector<std::string> lines_;
    bool complete_ = false;
};

/// Only the memory that sessions hold is limited: a test opens what it likes.
connection_limits no_connection_limits(std::size_t memory) noexcept
{
    connection_limits out;
    out.total = out.per_peer = 0;
    out.memory = memory;
    return out;
}

} // namespace

class loopback::state
{
  public:
    state(protocol speaks, const loopback_options& options)
        : fleet_(std::make_unique<fleet>(captured_lines::options(lines_, options), 1, nullptr, clock_)),
          listener_(std::make_shared<listener_state>(
              fleet_->shared(), listening_sockets{options.local, {}, {}}, std::move(speaks),
              no_connection_limits(options.memory), fleet_->shards()))
    {
        fleet_->shared().log.begin();
        fleet_->add(listener_);
    }

    ~state()
    {
        stop();
        run();
        fleet::destroy(std::move(fleet_));
    }

    memory_peer connect(const peer_name& from, const stream_script& script)
    {
        memory_pair made = make_memory_pair(here().loop(), clock_, script);
        peers_.push_back(made.peer);
        listener_->peers().enter(from);
        post([this, from, over = std::move(made.session)]() mutable
             { listener_->on_shard(0).serve(std::move(over), from); });
        return made.peer;
    }

    void run()
    {
        do
        {
            std::erase_if(peers_, [](const memory_peer& each) { return each.closed(); });
            for (memory_peer& each : peers_)
                each.deliver();
            // In the loop, as in production: what a deadline resumes may ask for its executor.
            post([this] { here().run_deadlines(); });
        } while (here().loop().poll() > 1);
    }

    void advance(duration by)
    {
        const time_point until = clock_.now() + by;
        run();
        while (clock_.now() < until)
        {
            clock_.advance(std::min(until, next_event()) - clock_.now());
            run();
        }
    }

    void drain()
    {
        fleet_->shared().draining = true;
        post([this] { here().drain(); });
    }

    void stop()
    {
        drain();
        post([this] { here().stop(); });
    }

    std::vector<session_info> sessions()
    {
        auto all = here().infos();
        std::sort(all.begin(), all.end(),
                  [](const session_info& a, const session_info& b) { return a.id < b.id; });
        return all;
    }

    std::vector<std::string> log() { return lines_->all(fleet_->shared().log); }
    const ledger& shared() const noexcept { return fleet_->shared(); }
    listener_figures traffic() const noexcept { return listener_->figures(); }
    test_clock& clock() noexcept { return clock_; }
    shard& here() noexcept { return fleet_->first(); }

  private:
    template <class Act>
    void post(Act act)
    {
        boost::asio::post(here().loop().get_executor(),
                          [this, act = std::move(act)]() mutable
                          {
                              here().look_at_clock();
                              act();
                          });
    }

    time_point next_event()
    {
        time_point next = here().next_deadline().value_or(deadline::never);
        for (const memory_peer& each : peers_)
            next = std::min(next, each.next_arrival().value_or(deadline::never));
        return next;
    }

    test_clock clock_;
    std::shared_ptr<captured_lines> lines_ = std::make_shared<captured_lines>();
    std::unique_ptr<fleet> fleet_;
    std::shared_ptr<listener_state> listener_;
    std::vector<memory_peer> peers_;
};

loopback::loopback(protocol speaks, const loopback_options& options)
    : state_(std::make_unique<state>(std::move(speaks), options))
{
}

loopback::~loopback() = default;

memory_peer loopback::connect(const stream_script& script)
{
    return state_->connect(peer_name(), script);
}

memory_peer loopback::connect(const endpoint& from, const stream_script& script)
{
    return state_->connect(peer_name(resolve(from, "connect").front()), script);
}

void loopback::run()
{
    state_->run();
}

void loopback::advance(duration by)
{
    state_->advance(by);
}

void loopback::drain()
{
    state_->drain();
}

void loopback::stop()
{
    state_->stop();
}

std::vector<session_info> loopback::sessions()
{
    return state_->sessions();
}

std::vector<std::string> loopback::log()
{
    return state_->log();
}

server_figures loopback::figures() const noexcept
{
    const ledger& from = state_->shared();
    server_figures out;
    out.opened = from.opened.load();
    out.open = from.open.load();
    std::transform(from.closed.begin(), from.closed.end(), out.closed.begin(),
                   [](const auto& each) { return each.load(); });
    return out;
}

listener_figures loopback::traffic() const noexcept
{
    return state_->traffic();
}

std::uint64_t loopback::ended(close_reason reason) const noexcept
{
    return state_->shared().closed[static_cast<std::size_t>(reason)].load();
}

test_clock& loopback::clock() noexcept
{
    return state_->clock();
}

boost::asio::io_context& loopback::loop() noexcept
{
    return state_->here().loop();
}

} // namespace naru::testing
