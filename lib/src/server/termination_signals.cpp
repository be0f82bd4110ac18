#include "server/termination_signals.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <array>
#include <csignal>
#include <cstddef>
#include <mutex>
#include <thread>
#include <utility>

namespace naru
{

namespace
{

constexpr std::array<int, 2> numbers{SIGINT, SIGTERM};
using taken = std::array<bool, numbers.size()>;

/// Over all servers of the process that run at the same time: the first takes a signal, the last gives it
/// back.
class signal_table
{
  public:
    /// Adds those of the signals to `set` that the process does not ignore.
    taken take(boost::asio::signal_set& set)
    {
        const std::lock_guard lock(mutex_);
        taken out{};
        for (std::size_t i = 0; i < numbers.size(); ++i)
        {
            entry& each = entries_[i];
            struct sigaction before = {};
            ::sigaction(numbers[i], nullptr, &before);
            if (before.sa_handler == SIG_IGN)
                continue;
            set.add(numbers[i]);
            out[i] = true;
            if (each.users++ > 0)
                continue;
            each.before = before;
            ::sigaction(numbers[i], nullptr, &each.asio);
        }
        return out;
    }

    void give_back(boost::asio::signal_set& set, const taken& which) noexcept
    {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < numbers.size(); ++i)
        {
            if (!which[i])
                continue;
            boost::system::error_code ignored;
            set.remove(numbers[i], ignored);
            // Asio installs one handler for all signal sets of the program. If it was there before, another
            // set waits for this signal.
            entry& each = entries_[i];
            if (--each.users == 0 && each.before.sa_handler != each.asio.sa_handler)
                ::sigaction(numbers[i], &each.before, nullptr);
        }
    }

  private:
    struct entry
    {
        unsigned users = 0;
        struct sigaction before = {};
        struct sigaction asio = {};
    };

    std::mutex mutex_;
    std::array<entry, numbers.size()> entries_;
};

signal_table& table()
{
    static auto* const only = new signal_table; // a server may end while statics are destroyed
    return *only;
}

} // namespace

class termination_signals::state
{
  public:
    explicit state(std::function<void()> heard)
        : heard_(std::move(heard)), signals_(loop_), taken_(table().take(signals_))
    {
    }

    void begin()
    {
        wait();
        thread_ = std::thread([this] { loop_.run(); });
    }

    ~state()
    {
        loop_.stop();
        if (thread_.joinable())
            thread_.join();
        table().give_back(signals_, taken_);
    }

  private:
    void wait()
    {
        signals_.async_wait(
            [this](const boost::system::error_code& aborted, int)
            {
                if (aborted)
                    return;
                wait();
                heard_();
            });
    }

    std::function<void()> heard_;
    boost::asio::io_context loop_{1};
    boost::asio::signal_set signals_;
    const taken taken_;
    std::thread thread_;
};

termination_signals::termination_signals(std::function<void()> heard)
    : state_(std::make_unique<state>(std::move(heard)))
{
    state_->begin();
}

termination_signals::~termination_signals() = default;

} // namespace naru
