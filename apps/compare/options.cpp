#include "options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>

namespace compare
{

namespace
{

constexpr std::size_t most_bytes = 1024 * 1024; // http::options::body
constexpr int longest_round_trip = 2000;        // below a client's patience, with room for an opening

} // namespace

unsigned options::exchanges_at(std::chrono::milliseconds round_trip) const
{
    if (exchanges)
        return *exchanges;
    if (round_trip.count() == 0)
        return 2000;
    return std::max(4u, static_cast<unsigned>(1000 / (2 * round_trip.count())));
}

command_line read_command_line(int argc, char** argv)
{
    command_line out;
    options& chosen = out.chosen;
    std::vector<int> round_trips;
    unsigned exchanges = 0;

    CLI::App app(
        "Carries the same exchange over one-shot HTTP, kept HTTP, a TCP socket and a Unix socket, sends the\n"
        "same messages by pushing and by polling, and says what the figures mean.");
    app.name("naru-compare");
    auto* count =
        app.add_option("-n", exchanges, "exchanges by each client on each way [2000; fewer with a delay]")
            ->type_name("N")
            ->check(CLI::Range(1u, 10'000'000u));
    app.add_option("-s", chosen.bytes, "bytes of each request and of each answer [64]")
        ->type_name("BYTES")
        ->check(CLI::Range(std::size_t(1), most_bytes));
    app.add_option("-c", chosen.clients, "clients at a time, each a thread [4]")
        ->type_name("CLIENTS")
        ->check(CLI::Range(1u, 1000u));
    app.add_option("--rtt", round_trips, "round-trip times in milliseconds, 0 for none [0,20]")
        ->type_name("MS[,MS...]")
        ->delimiter(',')
        ->check(CLI::Range(0, longest_round_trip));
    app.add_option("--push-seconds", chosen.push_seconds,
                   "how long messages come, for each way of getting them [1]")
        ->type_name("S")
        ->check(CLI::Range(0.1, 3600.0));
    app.add_flag("--json", chosen.json, "the same figures as one JSON document");

    try
    {
        app.parse(argc, argv);
    }
    catch (const CLI::CallForHelp& e)
    {
        out.exit_status = app.exit(e);
        return out;
    }
    catch (const CLI::ParseError& e)
    {
        std::cerr << "naru-compare: " << e.what() << " (see --help)\n";
        out.exit_status = 2;
        return out;
    }

    if (*count)
        chosen.exchanges = exchanges;
    if (!round_trips.empty())
    {
        std::sort(round_trips.begin(), round_trips.end());
        round_trips.erase(std::unique(round_trips.begin(), round_trips.end()), round_trips.end());
        chosen.round_trips.clear();
        for (const int each : round_trips)
            chosen.round_trips.emplace_back(each);
    }
    return out;
}

} // namespace compare
