#include "report.hpp"

#include "layout.hpp"
#include "meaning.hpp"

#include <sstream>

namespace compare
{

namespace
{

constexpr std::size_t width = 100;

std::string heading_of(std::chrono::milliseconds round_trip)
{
    return round_trip.count() == 0 ? "straight" : "round trip " + std::to_string(round_trip.count()) + " ms";
}

std::string feed_title(const feed_figures& of)
{
    switch (of.of)
    {
    case feed::push:
        return "TCP socket, server speaks";
    case feed::poll_at_once:
        return "kept HTTP, without pause";
    case feed::poll_as_often:
        break;
    }
    return "kept HTTP, every " + duration_text(*of.interval);
}

std::string segments(const std::optional<wire_share>& wire)
{
    return wire ? number_text(wire->segments) : "";
}

std::string bytes(const std::optional<wire_share>& wire)
{
    return wire ? number_text(wire->bytes) : "";
}

std::string exchanges_text(const figures& all)
{
    std::string out = "The same exchange, " + count_text(all.bytes) + " bytes there and back, by " +
                      count_text(all.clients) + (all.clients == 1 ? " client" : " clients") + "\n";
    for (auto at = all.exchanges.begin(); at != all.exchanges.end();)
    {
        const auto round_trip = at->round_trip;
        table rows({heading_of(round_trip), "exchanges", "a second", "p50", "p99", "opened", "segments",
                    "bytes", "server CPU"});
        for (; at != all.exchanges.end() && at->round_trip == round_trip; ++at)
            rows.add({std::string(title_of(at->on)), count_text(at->exchanges), number_text(at->per_second),
                      duration_text(at->p50), duration_text(at->p99), count_text(at->opened),
                      segments(at->wire), bytes(at->wire), duration_text(at->server_cpu)});
        out += '\n' + rows.text();
    }
    return out;
}

std::string feeds_text(const figures& all)
{
    std::string out = "The same news, " + count_text(all.feeds.front().messages) +
                      " messages at random moments, to one client\n";
    for (auto at = all.feeds.begin(); at != all.feeds.end();)
    {
        const auto round_trip = at->round_trip;
        table rows({heading_of(round_trip), "mean age", "oldest", "requests", "in vain", "segments", "bytes",
                    "server CPU"});
        for (; at != all.feeds.end() && at->round_trip == round_trip; ++at)
            rows.add({feed_title(*at), duration_text(at->mean_age), duration_text(at->worst_age),
                      count_text(at->requests), count_text(at->wasted), segments(at->wire), bytes(at->wire),
                      duration_text(at->server_cpu)});
        out += '\n' + rows.text();
    }
    return out;
}

std::string columns_text(const figures& all)
{
    const bool straight = all.exchanges.front().round_trip.count() == 0;
    std::string out =
        "Segments, bytes (of IP packets, with their headers) and the server thread's CPU are of one "
        "exchange or one message; a client's first exchange has the opening of its connection in it. ";
    if (!straight)
        out += "Segments and bytes were not counted: that takes a straight run (--rtt 0), since behind the "
               "relay "
               "every exchange travels twice.";
    else if (all.own_network)
        out += "The kernel counted segments and bytes of both sides in a network of this program's own, with "
               "Ethernet's MTU.";
    else
        out += "The kernel counted segments and bytes of both sides for the whole host, so whatever else it "
               "sent "
               "meanwhile is in them; it allows no network of this program's own.";
    if (straight && all.exchanges.back().round_trip.count() > 0)
        out +=
            " They are counted on straight runs only, since behind the relay every exchange travels twice.";
    return wrapped(out, width, 0);
}

std::string meaning_text(const figures& all)
{
    std::string out = "What it means\n";
    for (const finding& each : findings(all))
    {
        out += "\n- " + each.title + '\n';
        std::istringstream lines(each.text);
        for (std::string line; std::getline(lines, line);)
            out += "  " + wrapped(line, width - 2, 2);
    }
    return out;
}

} // namespace

std::string report_text(const figures& all)
{
    return exchanges_text(all) + '\n' + feeds_text(all) + '\n' + columns_text(all) + '\n' + meaning_text(all);
}

} // namespace compare
