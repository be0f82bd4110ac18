#include "report.hpp"

#include "meaning.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>

namespace compare
{

namespace
{

/// Three decimals: nanoseconds, and thousandths of a segment.
double rounded(double value)
{
    return std::round(value * 1000) / 1000;
}

double rounded(microseconds value)
{
    return rounded(value.count());
}

void add_wire(boost::json::object& to, const std::optional<wire_share>& wire)
{
    to["segments"] = wire ? boost::json::value(rounded(wire->segments)) : nullptr;
    to["wire_bytes"] = wire ? boost::json::value(rounded(wire->bytes)) : nullptr;
}

boost::json::object row(const exchange_figures& of)
{
    boost::json::object out{
        {"way", name_of(of.on)},     {"rtt_ms", of.round_trip.count()},         {"exchanges", of.exchanges},
        {"connections", of.opened},  {"per_second", rounded(of.per_second)},    {"p50_us", rounded(of.p50)},
        {"p99_us", rounded(of.p99)}, {"server_cpu_us", rounded(of.server_cpu)},
    };
    add_wire(out, of.wire);
    boost::json::array rounds;
    for (const round_figures& each : of.rounds)
        rounds.push_back({{"p50_us", rounded(each.p50)}, {"server_cpu_us", rounded(each.server_cpu)}});
    out["rounds"] = std::move(rounds);
    return out;
}

boost::json::object row(const feed_figures& of)
{
    boost::json::object out{
        {"feed", name_of(of.of)},
        {"rtt_ms", of.round_trip.count()},
        {"interval_us", of.interval ? boost::json::value(rounded(*of.interval)) : nullptr},
        {"messages", of.messages},
        {"requests", of.requests},
        {"wasted", of.wasted},
        {"mean_age_us", rounded(of.mean_age)},
        {"mean_age_error_us", rounded(of.age_error)},
        {"worst_age_us", rounded(of.worst_age)},
        {"server_cpu_us", rounded(of.server_cpu)},
    };
    add_wire(out, of.wire);
    return out;
}

template <class Rows>
boost::json::array array_of(const Rows& rows)
{
    boost::json::array out;
    for (const auto& each : rows)
        out.push_back(row(each));
    return out;
}

} // namespace

std::string report_json(const figures& all)
{
    boost::json::array meaning;
    for (finding& each : findings(all))
    {
        std::replace(each.text.begin(), each.text.end(), '\n', ' ');
        meaning.push_back(
            boost::json::object{{"name", each.name}, {"title", each.title}, {"text", each.text}});
    }
    const boost::json::object document{
        {"bytes", all.bytes},
        {"clients", all.clients},
        {"attempts", all.attempts},
        {"wire_counted_in", all.own_network ? "own_network" : "whole_host"},
        {"exchanges", array_of(all.exchanges)},
        {"news", array_of(all.feeds)},
        {"meaning", std::move(meaning)},
    };
    return boost::json::serialize(document) + '\n';
}

} // namespace compare
