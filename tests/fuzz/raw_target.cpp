#include "target.hpp"

#include "raw_world.hpp"

#include <naru/raw/raw.hpp>

#include <boost/asio/post.hpp>

#include <optional>
#include <utility>

namespace fuzz
{

namespace
{

using namespace std::string_view_literals;

constexpr std::string_view words[] = {"\n"sv,  "\r\n"sv,         "hello\r\n"sv,  "a;b;c;"sv,   "\n\n"sv,
                                      "xyz"sv, "1\n2\n3\n4\n"sv, "0123456789"sv, "\0\0\0\0"sv, "\r"sv};

/// What happens to a session from outside of its handler, and of its connection.
void from_outside(raw_world& world, naru::testing::loopback& server, script& steps, std::size_t index)
{
    raw_track& track = world.tracks[index];
    if (track.ref.id() == 0)
        return; // its session has not begun
    const auto inside = [&](auto act)
    {
        boost::asio::post(server.loop(),
                          [&track, act]
                          {
                              if (track.running)
                                  act(*track.running);
                          });
    };
    switch (steps.below(8))
    {
    case 0:
        world.waiting.ring(0);
        break;
    case 1:
        world.waiting.ring(steps.below(256));
        break;
    case 2:
        track.ref.send(track.capitals(steps.below(256)));
        break;
    case 3:
        track.ref.send(track.capitals(steps.below(65536)));
        break;
    case 4:
        track.ref.close();
        break;
    case 5:
        inside([](naru::session& s) { s.cancel(); });
        break;
    case 6:
        inside([](naru::session& s) { s.close(naru::close_reason::protocol_error); });
        break;
    case 7:
        inside([&track](naru::session& s) { static_cast<void>(s.send(track.digits(40))); });
        break;
    }
}

/// The sessions that ended have flushed what they had, as far as their reasons tell.
bool ended_in_order(const naru::testing::loopback& server)
{
    using naru::close_reason;
    const naru::server_figures all = server.figures();
    std::uint64_t in_order = 0;
    for (const close_reason each :
         {close_reason::handler_done, close_reason::peer_closed, close_reason::drained,
          close_reason::handler_error, close_reason::idle_timeout})
        in_order += all.closed[static_cast<std::size_t>(each)];
    return in_order == all.opened;
}

} // namespace

void raw_session(std::string_view input)
{
    script steps(input, script::from::front);
    script choices(input, script::from::back);
    raw_world world;
    world.choices = &choices;

    naru::testing::loopback_options options;
    options.level = naru::log_level::off;
    const std::size_t end = steps.below(256);
    constexpr std::size_t memories[] = {512 * 1024 * 1024, 0, 100'000, 1};
    options.memory = memories[end / 64];
    const naru::limits bounds = choose_limits(steps);
    const auto serve = [&world](naru::session& s) { return handle(s, world); };
    std::optional<naru::testing::loopback> server(std::in_place, naru::raw(serve, bounds), options);

    clients::hooks seen;
    seen.received = [&world](std::size_t index, std::string_view bytes)
    { world.tracks[index].received(bytes); };
    seen.outside = [&](std::size_t index) { from_outside(world, *server, steps, index); };
    seen.ring_all = [&world] { world.waiting.ring_all(); };
    clients peers(*server, steps, words, std::move(seen));
    world.peers = &peers;
    peers.play();
    switch (end % 4)
    {
    case 0:
    case 1:
        peers.end_in_order();
        if (peers.undisturbed() && ended_in_order(*server))
            for (std::size_t i = 0; i < peers.count(); ++i)
                world.tracks[i].require_all_received();
        break;
    case 2:
        peers.end_by_stop();
        break;
    default: // whatever is under way
        break;
    }
    server.reset(); // its handlers look at their clients to the last
}

} // namespace fuzz
