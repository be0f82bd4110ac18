#include "meaning.hpp"

#include "layout.hpp"

#include <cmath>

namespace compare
{

namespace
{

constexpr std::chrono::milliseconds straight{0};

// Differences below a tenth are this machine's mood.
constexpr double noise = 1.10;

std::string each_trip(std::chrono::milliseconds round_trip)
{
    return "At a round trip of " + std::to_string(round_trip.count()) + " ms";
}

double in_round_trips(microseconds time, std::chrono::milliseconds round_trip)
{
    return time / microseconds(round_trip);
}

/// `0.81 us more server CPU`, `12.0 bytes less`.
std::string more_or_less(double difference, const std::string& unit)
{
    return number_text(std::abs(difference)) + " " + unit + (difference < 0 ? " less" : " more");
}

std::vector<std::chrono::milliseconds> round_trips(const figures& all)
{
    std::vector<std::chrono::milliseconds> out;
    for (const exchange_figures& each : all.exchanges)
        if (out.empty() || out.back() != each.round_trip)
            out.push_back(each.round_trip);
    return out;
}

/// Medians are compared, and not rates: what else the machine does for a while moves them least.
std::string times_as_long(const exchange_figures& one, const exchange_figures& other)
{
    return number_text(one.p50 / other.p50) + " times as long";
}

std::string opening_straight(const exchange_figures& one_shot, const exchange_figures& kept)
{
    std::string out = "Straight, an exchange over one-shot HTTP took " + times_as_long(one_shot, kept) +
                      " as over kept HTTP (" + duration_text(one_shot.p50) + " and " +
                      duration_text(kept.p50) + ")";
    if (one_shot.wire && kept.wire)
        out += ", " + number_text(one_shot.wire->segments / kept.wire->segments) + " times the segments (" +
               number_text(one_shot.wire->segments) + " and " + number_text(kept.wire->segments) + ")";
    return out + " and " + number_text(one_shot.server_cpu / kept.server_cpu) +
           " times the server's CPU. Kept HTTP ran on " + count_text(kept.opened) +
           (kept.opened == 1 ? " connection" : " connections") + " instead of " +
           count_text(one_shot.opened) + ".";
}

std::string opening_far(const exchange_figures& one_shot, const exchange_figures& kept)
{
    const double lost = in_round_trips(one_shot.p50 - kept.p50, kept.round_trip);
    std::string out = each_trip(kept.round_trip) + " a one-shot exchange took " +
                      duration_text(one_shot.p50) + " and a kept one " + duration_text(kept.p50) +
                      ": to open costs " + number_text(lost) + " round trips, every time.";
    const double taken = in_round_trips(kept.p50, kept.round_trip);
    if (taken > 1.3)
        out += " But a kept exchange should take one round trip and took " + number_text(taken) +
               ": what was measured is this machine, busy with its clients and relays, and not the road.";
    return out;
}

finding opening(const figures& all)
{
    finding out{"opening", "What costs is opening.", ""};
    for (const auto round_trip : round_trips(all))
    {
        const exchange_figures& one_shot = *all.find(way::one_shot_http, round_trip);
        const exchange_figures& kept = *all.find(way::kept_http, round_trip);
        if (one_shot.p50 < kept.p50 * noise)
            out.title = "Opening cost little here.";
        out.text += (out.text.empty() ? "" : " ") +
                    (round_trip == straight ? opening_straight(one_shot, kept) : opening_far(one_shot, kept));
    }
    return out;
}

std::string http_straight(const figures& all, const exchange_figures& kept, const exchange_figures& raw)
{
    std::string out = "Straight, an exchange over kept HTTP took " + times_as_long(kept, raw) +
                      " as over the TCP socket (" + duration_text(kept.p50) + " and " +
                      duration_text(raw.p50) + "), with " +
                      more_or_less((kept.server_cpu - raw.server_cpu).count(), "us of server CPU");
    if (kept.wire && raw.wire)
        out += " and " + more_or_less(kept.wire->bytes - raw.wire->bytes, "bytes") + " on the wire, in " +
               number_text(kept.wire->segments) + " segments beside " + number_text(raw.wire->segments);
    out += ".";
    const exchange_figures& one_shot = *all.find(way::one_shot_http, straight);
    const double opened = (one_shot.server_cpu - kept.server_cpu).count();
    const double spoken = (kept.server_cpu - raw.server_cpu).count();
    if (opened > 0 && spoken > 0)
        out += " That CPU is " + number_text(100 * spoken / opened) + " % of what opening a connection adds.";
    if (const exchange_figures* local = all.find(way::raw_unix, straight))
        out += " Over the Unix socket, which leaves TCP out, it took " + times_as_long(*local, raw) + ".";
    return out;
}

std::string http_far(const exchange_figures& kept, const exchange_figures& raw)
{
    return each_trip(kept.round_trip) + " they took " + duration_text(kept.p50) + " and " +
           duration_text(raw.p50) + ".";
}

finding http(const figures& all)
{
    finding out{"http", "HTTP itself, once its connection is open, is close to the bare socket.", ""};
    for (const auto round_trip : round_trips(all))
    {
        const exchange_figures& kept = *all.find(way::kept_http, round_trip);
        const exchange_figures& raw = *all.find(way::raw_tcp, round_trip);
        if (kept.p50 > raw.p50 * 1.5)
            out.title =
                "HTTP itself costs something beside the bare socket, even once its connection is open.";
        out.text += (out.text.empty() ? "" : " ") +
                    (round_trip == straight ? http_straight(all, kept, raw) : http_far(kept, raw));
    }
    return out;
}

std::string in_vain(const feed_figures& polled)
{
    return count_text(polled.requests) + " requests for " + count_text(polled.messages) + " messages, " +
           count_text(polled.wasted) + " of them in vain";
}

/// How fresh polling is beside pushing.
std::string freshness(const feed_figures& polled, const feed_figures& pushed)
{
    const double older = polled.mean_age / pushed.mean_age;
    const std::string age = duration_text(polled.mean_age);
    if (older > noise)
        return "had it " + number_text(older) + " times as old (" + age + ")";
    if (older > 1 / noise)
        return "had it as fresh (" + age + ")";
    return "had it sooner (" + age + ": neither end ever sleeps)";
}

std::string speaking(const figures& all, std::chrono::milliseconds round_trip)
{
    const feed_figures& push = *all.find(feed::push, round_trip);
    const feed_figures& at_once = *all.find(feed::poll_at_once, round_trip);
    const feed_figures& as_often = *all.find(feed::poll_as_often, round_trip);

    std::string out = round_trip == straight ? "Straight" : each_trip(round_trip);
    out +=
        ", a message that the server sent unasked was " + duration_text(push.mean_age) + " old when it came";
    if (round_trip != straight)
        out += ", " + number_text(in_round_trips(push.mean_age, round_trip)) + " round trips";
    out += ". Polling without a pause, the freshest that one question at a time can be, " +
           freshness(at_once, push) + " and took " + in_vain(at_once) + ", and " +
           number_text(at_once.server_cpu / push.server_cpu) +
           " times the server's CPU. Polling only as often as there is news, every " +
           duration_text(*as_often.interval);
    if (*as_often.interval < round_trip)
        out += " but never before the last answer has come";
    out += ", " + freshness(as_often, push) + ", with " + in_vain(as_often) + ".";
    return out;
}

finding speaking_first(const figures& all)
{
    finding out{"speaking_first", "What only the socket has: the server may speak first.", ""};
    for (const auto round_trip : round_trips(all))
        out.text += (out.text.empty() ? "" : " ") + speaking(all, round_trip);
    return out;
}

} // namespace

std::vector<finding> findings(const figures& all)
{
    return {opening(all), http(all), speaking_first(all)};
}

} // namespace compare
