#include <naru/server/dial.hpp>

#include "net/connect.hpp"
#include "net/stream_socket.hpp"
#include "server/conversation.hpp"
#include "server/fleet.hpp"

#include <naru/base/error.hpp>

#include <new>

namespace naru
{

void dial(std::string_view where, const std::function<task<>(session&)>& handler, dial_options options)
{
    auto to = endpoint::parse(where);
    if (!to)
        throw error(errc::bad_endpoint, "connect", where,
                    to.error().what + ", at character " + std::to_string(to.error().position + 1));
    connected_socket made = connect_to(*to, options.connect);

    // The session reports what its handler throws to the log; the caller wants to catch it.
    std::exception_ptr thrown;
    bool begun = false;
    const auto noting = [&](session& s) -> task<>
    {
        begun = true;
        try
        {
            co_await handler(s);
        }
        catch (...)
        {
            thrown = std::current_exception();
        }
    };

    auto alone = std::make_unique<fleet>(log_options{.level = log_level::off}, 1);
    const auto nowhere = std::make_shared<listener_state>(
        alone->shared(), listening_sockets{address::of_socket(made.socket.get()).to_endpoint(), {}, {}},
        protocol(std::make_shared<conversation_model>(noting, options.bounds)), connection_limits{},
        alone->shards());
    alone->add(nowhere);
    shard& here = alone->first();
    here.mail()->post(
        [&](shard&)
        {
            try
            {
                static_cast<void>(nowhere->peers().enter(peer_name(made.peer)));
                nowhere->on_shard(0).serve(std::move(made.socket), peer_name(made.peer));
            }
            catch (...)
            {
                thrown = std::current_exception();
            }
            here.when_last_gone([&] { here.loop().stop(); });
        });
    here.run();
    // What the handler left on the loop gets as long as with a server, and is then destroyed.
    here.end_here();
    here.loop().restart();
    here.loop().run_for(patience);
    fleet::destroy(std::move(alone));
    if (thrown)
        std::rethrow_exception(thrown);
    if (!begun)
        throw std::bad_alloc();
}

} // namespace naru
