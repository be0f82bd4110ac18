#include <naru/testing/relay.hpp>

#include "net/address.hpp"
#include "net/listening_socket.hpp"

#include <naru/base/task.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace naru::testing
{

namespace
{

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using steady = std::chrono::steady_clock;
using socket = asio::generic::stream_protocol::socket;

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t most_at_once = 64 * 1024;

/// One direction: what one socket gives, kept for a while and given to the other. Two coroutines, which the
/// connection owns: one fills, one empties. What breaks throws.
class pipe
{
  public:
    /// What comes before `open` is kept as if it had come then.
    pipe(socket& from, socket& to, steady::duration delay, std::size_t bound, steady::time_point open)
        : from_(from), to_(to), delay_(delay), bound_(bound), open_(open), filled_(from.get_executor()),
          emptied_(from.get_executor())
    {
    }

    task<> fill()
    {
        std::string room(std::min(bound_, most_at_once), '\0');
        for (;;)
        {
            while (under_way_ >= bound_)
            {
                emptied_.expires_at(steady::time_point::max());
                co_await emptied_.async_wait(quietly);
            }
            auto into = asio::buffer(room.data(), std::min(room.size(), bound_ - under_way_));
            const auto [failed, got] = co_await from_.async_read_some(into, quietly);
            if (failed && failed != asio::error::eof)
            {
                // The break is under way for as long as bytes are.
                asio::steady_timer arrives(from_.get_executor(), arrival());
                co_await arrives.async_wait(quietly);
                throw boost::system::system_error(failed);
            }
            under_way_ += got;
            parcels_.push_back({room.substr(0, got), arrival()});
            filled_.cancel();
            if (failed)
                co_return; // an empty parcel is the end
        }
    }

    task<> empty()
    {
        for (;;)
        {
            const auto next = parcels_.empty() ? steady::time_point::max() : parcels_.front().arrives;
            if (next > steady::now())
            {
                filled_.expires_at(next);
                co_await filled_.async_wait(quietly);
                continue;
            }
            const parcel first = std::move(parcels_.front());
            parcels_.pop_front();
            if (first.bytes.empty())
            {
                to_.shutdown(socket::shutdown_send);
                co_return;
            }
            co_await asio::async_write(to_, asio::buffer(first.bytes), asio::use_awaitable);
            under_way_ -= first.bytes.size();
            emptied_.cancel();
        }
    }

  private:
    struct parcel
    {
        std::string bytes;
        steady::time_point arrives;
    };

    steady::time_point arrival() const { return std::max(steady::now(), open_) + delay_; }

    socket& from_;
    socket& to_;
    const steady::duration delay_;
    const std::size_t bound_;
    const steady::time_point open_;
    std::deque<parcel> parcels_;
    std::size_t under_way_ = 0;
    asio::steady_timer filled_;
    asio::steady_timer emptied_;
};

/// One client and its connection to the server.
class connection
{
  public:
    connection(socket client, const address& to, const relay_options& options)
        : client_(std::move(client)), server_(client_.get_executor()), target_(to.data(), to.length),
          open_(steady::now() + options.there + options.back), seen_(open_ + options.there),
          there_(client_, server_, options.there, options.buffer, open_),
          back_(server_, client_, options.back, options.buffer, seen_)
    {
    }

    task<> run()
    {
        send_at_once(client_);
        bool broken = false;
        try
        {
            auto both = there_.fill() && carry();
            co_await std::move(both);
        }
        catch (const std::exception&) // one error, or the several that Asio puts together
        {
            broken = true;
        }
        if (broken)
        {
            reset(client_);
            reset(server_);
        }
    }

  private:
    task<> carry()
    {
        asio::steady_timer arrives(client_.get_executor(), seen_);
        co_await arrives.async_wait(asio::use_awaitable);
        co_await server_.async_connect(target_, asio::use_awaitable);
        send_at_once(server_);
        auto all = there_.empty() && back_.fill() && back_.empty();
        co_await std::move(all);
    }

    static void send_at_once(socket& on)
    {
        boost::system::error_code ignored; // a Unix socket knows no such option
        on.set_option(asio::ip::tcp::no_delay(true), ignored);
    }

    static void reset(socket& which)
    {
        boost::system::error_code ignored;
        which.set_option(asio::socket_base::linger(true, 0), ignored);
        which.close(ignored);
    }

    socket client_;
    socket server_;
    const asio::generic::stream_protocol::endpoint target_;
    const steady::time_point open_; // when the client's handshake would have been over
    const steady::time_point seen_; // when the server would see the connection
    pipe there_;
    pipe back_;
};

} // namespace

class relay::state
{
  public:
    state(const naru::endpoint& to, const relay_options& options)
        : to_(resolve(to, "connect").front()), options_(options), loop_(std::in_place, 1)
    {
        options_.buffer = std::max<std::size_t>(1, options_.buffer);
        auto opened = open_listening_sockets(naru::endpoint::tcp("127.0.0.1", 0), {}, 1);
        local_ = opened.local;
        acceptor_.emplace(*loop_, asio::ip::tcp::v4(), opened.sockets.front().get());
        static_cast<void>(opened.sockets.front().release());
    }

    ~state() { stop(); }

    void start()
    {
        if (thread_.joinable() || !loop_)
            return;
        asio::co_spawn(*loop_, accept(), asio::detached);
        thread_ = std::thread([this] { loop_->run(); });
    }

    /// What is under way goes with the loop.
    void stop()
    {
        if (loop_)
            loop_->stop();
        if (thread_.joinable())
            thread_.join();
        acceptor_.reset();
        loop_.reset();
    }

    const naru::endpoint& local() const noexcept { return local_; }

  private:
    task<> accept()
    {
        asio::steady_timer rest(*loop_);
        for (;;)
        {
            auto [failed, client] = co_await acceptor_->async_accept(quietly);
            if (failed) // out of descriptors, most likely
            {
                rest.expires_after(std::chrono::milliseconds(10));
                co_await rest.async_wait(asio::use_awaitable);
                continue;
            }
            auto carried = std::make_shared<connection>(socket(std::move(client)), to_, options_);
            asio::co_spawn(*loop_, carried->run(), [carried](std::exception_ptr) {});
        }
    }

    const address to_;
    relay_options options_;
    naru::endpoint local_;
    std::optional<asio::io_context> loop_;
    std::optional<asio::ip::tcp::acceptor> acceptor_;
    std::thread thread_;
};

relay::relay(std::string_view to, const relay_options& options)
    : state_(std::make_unique<state>(naru::endpoint::from(to), options))
{
}

relay::~relay() = default;

void relay::start()
{
    state_->start();
}

void relay::stop()
{
    state_->stop();
}

const naru::endpoint& relay::endpoint() const noexcept
{
    return state_->local();
}

} // namespace naru::testing
