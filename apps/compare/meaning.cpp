#include "meaning.hpp"

#include "judging.hpp"
#include "layout.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace compare
{

namespace
{

constexpr std::chrono::milliseconds straight{0};

// An exchange that opens nothing takes one round trip; a machine that adds a third to it is not idle.
constexpr double most_round_trips = 1.3;

std::string at(std::chrono::milliseconds round_trip)
{
    return round_trip == straight ? "Straight"
                                  : "At a round trip of " + std::to_string(round_trip.count()) + " ms";
}

double in_round_trips(microseconds time, std::chrono::milliseconds round_trip)
{
    return time / microseconds(round_trip);
}

std::string counted(std::uint64_t count, const std::string& noun)
{
    return count_text(count) + " " + noun + (count == 1 ? "" : "s");
}

void add(std::string& text, const std::string& sentence)
{
    if (!sentence.empty())
        text += (text.empty() || text.back() == '\n' ? "" : " ") + sentence;
}

/// What follows is of another round-trip time.
void begin_paragraph(std::string& text)
{
    if (!text.empty() && text.back() != '\n')
        text += '\n';
}

std::vector<std::chrono::milliseconds> round_trips(const figures& all)
{
    std::vector<std::chrono::milliseconds> out;
    for (const exchange_figures& each : all.exchanges)
        if (out.empty() || out.back() != each.round_trip)
            out.push_back(each.round_trip);
    return out;
}

std::vector<double> values(const exchange_figures& of, microseconds round_figures::*which)
{
    std::vector<double> out;
    for (const round_figures& each : of.rounds)
        out.push_back((each.*which).count());
    return out;
}

/// Medians are compared, and not rates: what else the machine does for a while moves them least.
judgement by_time(const exchange_figures& one, const exchange_figures& other)
{
    return judge(values(one, &round_figures::p50), values(other, &round_figures::p50));
}

judgement by_cpu(const exchange_figures& one, const exchange_figures& other)
{
    return judge(values(one, &round_figures::server_cpu), values(other, &round_figures::server_cpu));
}

/// `One-shot HTTP took 3.10 times as long as kept HTTP.`
std::string time_sentence(const std::string& one, const std::string& other, const judgement& found)
{
    switch (found.says)
    {
    case verdict::alike:
        return one + " took as long as " + other + ".";
    case verdict::more:
    case verdict::less:
        return one + " took " + number_text(found.ratio) + " times as long as " + other + ".";
    case verdict::unclear:
        break;
    }
    return one + " and " + other + ": no difference in time that this run can show.";
}

std::string cpu_sentence(const judgement& found)
{
    switch (found.says)
    {
    case verdict::alike:
        return "It took as much of the server's CPU.";
    case verdict::more:
    case verdict::less:
        return "It took " + number_text(found.ratio) + " times the server's CPU.";
    case verdict::unclear:
        break;
    }
    return {};
}

std::string segments_sentence(const exchange_figures& one, const exchange_figures& other)
{
    if (!one.wire || !other.wire)
        return {};
    const std::string more = number_text(one.wire->segments);
    const std::string less = number_text(other.wire->segments);
    if (more == less)
        return "An exchange took as many segments, " + more + ".";
    return "An exchange took " + more + " segments instead of " + less + ".";
}

std::string bytes_sentence(const exchange_figures& one, const exchange_figures& other)
{
    if (!one.wire || !other.wire)
        return {};
    const double more = one.wire->bytes - other.wire->bytes;
    return "An exchange over HTTP took " + number_text(std::abs(more)) +
           (more < 0 ? " bytes less." : " bytes more.");
}

/// How many round trips an exchange on an open connection took, on the slower of the two ways.
double open_exchange(const figures& all, std::chrono::milliseconds round_trip)
{
    return in_round_trips(
        std::max(all.find(way::kept_http, round_trip)->p50, all.find(way::raw_tcp, round_trip)->p50),
        round_trip);
}

bool busy(const figures& all, std::chrono::milliseconds round_trip)
{
    if (round_trip == straight)
    {
        std::vector<exchange_figures> here;
        for (const exchange_figures& each : all.exchanges)
            if (each.round_trip == straight)
                here.push_back(each);
        return worst_spread(here) > most_spread;
    }
    return open_exchange(all, round_trip) > most_round_trips;
}

std::string busy_straight(const figures& all)
{
    return "The machine was too busy to compare times: the same exchange took up to " +
           number_text(1 + worst_spread(all.exchanges)) + " times as long in one round as in another, in " +
           (all.attempts == 1 ? "the only attempt."
                              : "the calmest of " + counted(all.attempts, "attempt") + ".");
}

std::string busy_far(const figures& all, std::chrono::milliseconds round_trip)
{
    return "The machine was too busy to compare times: on an open connection an exchange should take one "
           "round "
           "trip, and it took " +
           number_text(open_exchange(all, round_trip)) + ".";
}

/// Says once for each round-trip time why times are left out.
std::string machine_sentence(const figures& all, std::chrono::milliseconds round_trip)
{
    if (!busy(all, round_trip))
        return {};
    return at(round_trip) + ": " + (round_trip == straight ? busy_straight(all) : busy_far(all, round_trip));
}

finding opening(const figures& all)
{
    finding out{"opening", "Opening a connection for each request, or keeping one.", ""};
    for (const auto round_trip : round_trips(all))
    {
        const exchange_figures& one_shot = *all.find(way::one_shot_http, round_trip);
        const exchange_figures& kept = *all.find(way::kept_http, round_trip);
        begin_paragraph(out.text);
        add(out.text, machine_sentence(all, round_trip));
        if (round_trip != straight)
        {
            if (busy(all, round_trip))
                continue;
            add(out.text, at(round_trip) + ", one-shot HTTP took " + duration_text(one_shot.p50) +
                              " and kept HTTP " + duration_text(kept.p50) + ".");
            add(out.text, "To open costs " +
                              number_text(in_round_trips(one_shot.p50 - kept.p50, round_trip)) +
                              " round trips, every time.");
            continue;
        }
        if (!busy(all, round_trip))
        {
            add(out.text, at(round_trip) + ": " +
                              time_sentence("One-shot HTTP", "kept HTTP", at_least(by_time(one_shot, kept))));
            add(out.text, cpu_sentence(at_least(by_cpu(one_shot, kept))));
        }
        add(out.text, segments_sentence(one_shot, kept));
        add(out.text, "Kept HTTP ran on " + counted(kept.opened, "connection") + " instead of " +
                          count_text(one_shot.opened) + ".");
    }
    return out;
}

finding http(const figures& all)
{
    finding out{"http", "HTTP beside the bare socket, on connections that stay open.", ""};
    for (const auto round_trip : round_trips(all))
    {
        const exchange_figures& kept = *all.find(way::kept_http, round_trip);
        const exchange_figures& raw = *all.find(way::raw_tcp, round_trip);
        begin_paragraph(out.text);
        if (round_trip != straight)
        {
            if (!busy(all, round_trip))
                add(out.text, at(round_trip) + ", kept HTTP took " + duration_text(kept.p50) +
                                  " and the TCP socket " + duration_text(raw.p50) + ".");
            continue;
        }
        if (!busy(all, round_trip))
        {
            // HTTP reads and writes what the socket does and a head besides.
            add(out.text, at(round_trip) + ": " +
                              time_sentence("Kept HTTP", "the TCP socket", at_least(by_time(kept, raw))));
            add(out.text, cpu_sentence(at_least(by_cpu(kept, raw))));
        }
        add(out.text, bytes_sentence(kept, raw));
        add(out.text, segments_sentence(kept, raw));
        const exchange_figures* const local = all.find(way::raw_unix, straight);
        if (local != nullptr && !busy(all, round_trip))
            add(out.text, time_sentence("The Unix socket", "the TCP socket", by_time(*local, raw)));
    }
    while (out.text.ends_with('\n'))
        out.text.pop_back();
    if (out.text.empty())
        out.text = "The machine was too busy to compare them.";
    return out;
}

estimate age_of(const feed_figures& of)
{
    return {of.mean_age.count(), of.age_error.count()};
}

/// `the messages were 1.60 times as old (136 us).`
std::string freshness(const feed_figures& polled, const feed_figures& pushed)
{
    const judgement found = judge(age_of(polled), age_of(pushed));
    const std::string age = " (" + duration_text(polled.mean_age) + ")";
    switch (found.says)
    {
    case verdict::alike:
        return "the messages were as old" + age + ".";
    case verdict::more:
    case verdict::less:
        if (found.rough)
            return std::string("the messages were ") + (found.says == verdict::more ? "older" : "newer") +
                   age + ".";
        return "the messages were " + number_text(found.ratio) + " times as old" + age + ".";
    case verdict::unclear:
        break;
    }
    return "no difference in age that this run can show" + age + ".";
}

std::string requests_sentence(const feed_figures& polled)
{
    return "That took " + counted(polled.requests, "request") + " for " +
           counted(polled.messages, "message") + "; " + count_text(polled.wasted) + " brought nothing.";
}

std::string speaking(const figures& all, std::chrono::milliseconds round_trip)
{
    const feed_figures& push = *all.find(feed::push, round_trip);
    const feed_figures& at_once = *all.find(feed::poll_at_once, round_trip);
    const feed_figures& as_often = *all.find(feed::poll_as_often, round_trip);

    std::string out = at(round_trip) + ", a message that the server sent was " +
                      duration_text(push.mean_age) + " old on arrival";
    if (round_trip != straight)
        out += ", " + number_text(in_round_trips(push.mean_age, round_trip)) + " round trips";
    out += ".";
    add(out, "Asking without a pause: " + freshness(at_once, push));
    add(out, requests_sentence(at_once));
    add(out, "Asking every " + duration_text(*as_often.interval) +
                 (*as_often.interval < round_trip ? ", or when the last answer is there: " : ": ") +
                 freshness(as_often, push));
    add(out, requests_sentence(as_often));
    return out;
}

finding speaking_first(const figures& all)
{
    finding out{"speaking_first", "Only over the socket may the server speak first.", ""};
    for (const auto round_trip : round_trips(all))
    {
        begin_paragraph(out.text);
        add(out.text, speaking(all, round_trip));
    }
    return out;
}

} // namespace

std::vector<finding> findings(const figures& all)
{
    return {opening(all), http(all), speaking_first(all)};
}

} // namespace compare
