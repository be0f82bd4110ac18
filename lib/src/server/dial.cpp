#include <naru/server/dial.hpp>

#include "net/address.hpp"
#include "net/stream_socket.hpp"
#include "server/conversation.hpp"
#include "server/listener_state.hpp"
#include "server/shard.hpp"

#include <naru/base/error.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace naru
{

namespace
{

int until(time_point due) noexcept
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

/// As a listener's sockets do unless told otherwise. Without it a session is slower, and no less right.
void send_at_once(int socket) noexcept
{
    const int on = 1;
    static_cast<void>(::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
}

/// connect(2) with a deadline; 0 or an errno.
int connect_by(int socket, const address& to, time_point due) noexcept
{
    if (::connect(socket, to.data(), to.length) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    pollfd wait{socket, POLLOUT, 0};
    int ready = 0;
    do
        ready = ::poll(&wait, 1, until(due));
    while (ready < 0 && errno == EINTR);
    if (ready <= 0)
        return ready == 0 ? ETIMEDOUT : errno;
    int result = 0;
    socklen_t length = sizeof result;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &result, &length);
    return result;
}

descriptor connect(const endpoint& where, std::chrono::milliseconds patience, address& reached)
{
    const time_point due = std::chrono::steady_clock::now() + patience;
    int failed = 0;
    for (const address& to : resolve(where, "connect"))
    {
        descriptor socket(::socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (socket && to.family() != AF_UNIX)
            send_at_once(socket.get());
        failed = socket ? connect_by(socket.get(), to, due) : errno;
        if (failed == 0)
        {
            reached = to;
            return socket;
        }
    }
    throw error(from_errno(failed), "connect", where.text());
}

} // namespace

void dial(std::string_view where, const std::function<task<>(session&)>& handler, dial_options options)
{
    auto to = endpoint::parse(where);
    if (!to)
        throw error(errc::bad_endpoint, "connect", where,
                    to.error().what + ", at character " + std::to_string(to.error().position + 1));
    address reached;
    descriptor socket = connect(*to, options.connect, reached);

    // The session reports what its handler throws to the log; the caller wants to catch it.
    std::exception_ptr thrown;
    const auto noting = [&handler, &thrown](session& s) -> task<>
    {
        try
        {
            co_await handler(s);
        }
        catch (...)
        {
            thrown = std::current_exception();
        }
    };

    ledger alone(log_options{.level = log_level::off});
    std::vector<std::unique_ptr<shard>> shards;
    shards.push_back(std::make_unique<shard>(0, alone));
    listener_state nowhere(alone, {address::of_socket(socket.get()).to_endpoint(), {}, {}},
                           protocol(std::make_shared<conversation_model>(noting, options.bounds)), {},
                           shards);
    shard& here = *shards.front();
    boost::asio::post(here.loop().get_executor(),
                      [&]
                      {
                          static_cast<void>(nowhere.peers().enter(peer_name(reached)));
                          nowhere.on_shard(0).serve(std::move(socket), peer_name(reached));
                          here.when_last_gone([&] { here.end(); });
                      });
    here.run();
    nowhere.loops_gone();
    shards.clear();
    nowhere.shards_gone();
    if (thrown)
        std::rethrow_exception(thrown);
}

} // namespace naru
