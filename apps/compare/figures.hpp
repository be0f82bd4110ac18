#pragma once

#include "ways.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace compare
{

using microseconds = std::chrono::duration<double, std::micro>;

/// What the wire carried for one exchange, or one message.
struct wire_share
{
    double segments = 0;
    double bytes = 0;
};

/// One way in one of the rounds in which the ways take turns.
struct round_figures
{
    microseconds p50{0};
    microseconds server_cpu{0}; ///< of one exchange
};

/// One way at one round-trip time.
struct exchange_figures
{
    way on = way::one_shot_http;
    std::chrono::milliseconds round_trip{0};
    std::uint64_t exchanges = 0; ///< by all clients
    std::uint64_t opened = 0;    ///< connections
    double per_second = 0;
    microseconds p50{0};
    microseconds p99{0};
    microseconds server_cpu{0};     ///< of one exchange
    std::optional<wire_share> wire; ///< of one exchange; TCP on a straight road only
    std::vector<round_figures> rounds;
};

/// The ways of getting what happens on the server.
enum class feed
{
    push,         ///< a TCP socket: the server speaks
    poll_at_once, ///< kept HTTP, asked again as soon as it has answered: as fresh as one question at a time
                  ///< can be
    poll_as_often ///< kept HTTP, asked as many times as there are messages
};

/// `push`, `poll_at_once`, `poll_as_often`.
std::string_view name_of(feed which) noexcept;

/// One feed at one round-trip time. The openings are not in it.
struct feed_figures
{
    feed of = feed::push;
    std::chrono::milliseconds round_trip{0};
    std::optional<microseconds> interval; ///< between two questions; poll_as_often only
    std::uint64_t messages = 0;
    std::uint64_t requests = 0;
    std::uint64_t wasted = 0;  ///< requests that brought nothing
    microseconds mean_age{0};  ///< of a message when the client has it
    microseconds age_error{0}; ///< of that mean: its standard error, doubled
    microseconds worst_age{0};
    microseconds server_cpu{0};     ///< of one message
    std::optional<wire_share> wire; ///< of one message; on a straight road only
};

/// The largest spread, judging.hpp, of the medians of these ways over their rounds.
double worst_spread(const std::vector<exchange_figures>& ways);

/// All that was measured.
struct figures
{
    bool own_network = false; ///< the wire carried nothing else
    std::size_t bytes = 0;
    unsigned clients = 0;
    unsigned attempts = 1; ///< how often the straight run was carried out; the calmest is here
    std::vector<exchange_figures> exchanges;
    std::vector<feed_figures> feeds;

    /// The row of that way at that round-trip time, or nullptr.
    const exchange_figures* find(way on, std::chrono::milliseconds round_trip) const noexcept;
    const feed_figures* find(feed of, std::chrono::milliseconds round_trip) const noexcept;
};

} // namespace compare
