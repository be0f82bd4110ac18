// naru-compare: the same exchange over one-shot HTTP, kept HTTP, a TCP socket and a Unix socket; the same
// messages pushed and polled; and what the figures mean.

#include "judging.hpp"
#include "measure.hpp"
#include "options.hpp"
#include "own_network.hpp"
#include "push.hpp"
#include "report.hpp"
#include "servers.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <exception>
#include <iostream>
#include <utility>
#include <vector>

namespace
{

/// Both ends of every connection are in this process.
void raise_descriptor_limit() noexcept
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

constexpr unsigned most_attempts = 3;

/// On a terminal only.
void say_what_is_measured(std::chrono::milliseconds round_trip, unsigned attempt)
{
    if (!::isatty(STDERR_FILENO))
        return;
    std::cerr << "measuring at a round trip of " << round_trip.count() << " ms"
              << (attempt > 1 ? " again: the machine was busy" : "") << " ..." << std::endl;
}

/// Straight, where other programs on the machine show most, as often as it takes to find it calm, up to a
/// limit; gives the calmest. With a round trip once.
std::vector<compare::exchange_figures> measure_calmly(const compare::servers& on,
                                                      const compare::options& chosen,
                                                      std::chrono::milliseconds round_trip,
                                                      unsigned& attempts)
{
    say_what_is_measured(round_trip, 1);
    auto calmest = compare::measure_exchanges(on, chosen, round_trip);
    if (round_trip.count() > 0)
        return calmest;
    for (attempts = 1; attempts < most_attempts && worst_spread(calmest) > compare::most_spread; ++attempts)
    {
        say_what_is_measured(round_trip, attempts + 1);
        auto again = compare::measure_exchanges(on, chosen, round_trip);
        if (worst_spread(again) < worst_spread(calmest))
            calmest = std::move(again);
    }
    return calmest;
}

compare::figures measure(const compare::options& chosen)
{
    compare::figures all;
    all.own_network = compare::enter_own_network();
    all.bytes = chosen.bytes;
    all.clients = chosen.clients;

    compare::servers on(chosen.bytes);
    for (const auto round_trip : chosen.round_trips)
    {
        const auto exchanges = measure_calmly(on, chosen, round_trip, all.attempts);
        const auto feeds = compare::measure_feeds(on, chosen, round_trip);
        all.exchanges.insert(all.exchanges.end(), exchanges.begin(), exchanges.end());
        all.feeds.insert(all.feeds.end(), feeds.begin(), feeds.end());
    }
    return all;
}

} // namespace

int main(int argc, char** argv)
{
    const compare::command_line line = compare::read_command_line(argc, argv);
    if (line.exit_status)
        return *line.exit_status;
    raise_descriptor_limit();
    try
    {
        const compare::figures all = measure(line.chosen);
        std::cout << (line.chosen.json ? report_json(all) : report_text(all)) << std::flush;
        return std::cout ? 0 : 1;
    }
    catch (const std::exception& e)
    {
        std::cerr << "naru-compare: " << e.what() << "\n";
        return 1;
    }
}
