// What naru-compare says of its figures: quiet ones, noisy ones, and ones that contradict each other.

#include "judging.hpp"
#include "meaning.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace compare
{

namespace
{

using std::chrono::milliseconds;
using testing::DoubleEq;
using testing::HasSubstr;
using testing::Not;

using rounds = std::vector<double>;

TEST(Judging, states_a_difference_that_every_round_shows)
{
    const judgement found = judge(rounds{30, 31, 29, 33}, rounds{10, 10, 10, 11});
    EXPECT_EQ(found.says, verdict::more);
    EXPECT_THAT(found.ratio, DoubleEq(3.0));
    EXPECT_EQ(judge(rounds{10, 10, 10, 11}, rounds{30, 31, 29, 33}).says, verdict::less);
}

TEST(Judging, calls_figures_alike_that_differ_by_less_than_a_tenth)
{
    EXPECT_EQ(judge(rounds{102, 98, 105, 99}, rounds{100, 100, 100, 100}).says, verdict::alike);
}

TEST(Judging, states_no_difference_when_the_rounds_contradict_each_other)
{
    EXPECT_EQ(judge(rounds{63, 130, 60, 125}, rounds{100, 100, 100, 100}).says, verdict::unclear);
    EXPECT_EQ(judge(rounds{100, 100, 100, 100}, rounds{63, 130, 60, 125}).says, verdict::unclear);
    EXPECT_EQ(judge(rounds{120, 130, 125, 90}, rounds{100, 100, 100, 100}).says, verdict::unclear);
}

TEST(Judging, states_no_difference_when_a_figure_varies_more_than_the_machine_may)
{
    EXPECT_EQ(judge(rounds{300, 310, 800, 290}, rounds{100, 100, 100, 100}).says, verdict::unclear);
    EXPECT_EQ(judge(rounds{300, 310, 300, 290}, rounds{100, 100, 250, 100}).says, verdict::unclear);
}

TEST(Judging, states_no_difference_from_fewer_than_three_rounds)
{
    EXPECT_EQ(judge(rounds{}, rounds{}).says, verdict::unclear);
    EXPECT_EQ(judge(rounds{30, 30}, rounds{10, 10}).says, verdict::unclear);
    EXPECT_EQ(judge(rounds{30, 30, 30}, rounds{10, 10}).says, verdict::unclear);
    EXPECT_EQ(judge(rounds{0, 0, 0}, rounds{0, 0, 0}).says, verdict::unclear);
}

TEST(Judging, does_not_believe_that_more_work_took_less)
{
    EXPECT_EQ(at_least(judge(rounds{63, 64, 62, 63}, rounds{100, 100, 100, 100})).says, verdict::unclear);
    EXPECT_EQ(at_least(judge(rounds{163, 164, 162, 163}, rounds{100, 100, 100, 100})).says, verdict::more);
}

TEST(Judging, compares_means_by_their_errors)
{
    EXPECT_EQ(judge({200, 20}, {100, 10}).says, verdict::more);
    EXPECT_EQ(judge({100, 10}, {200, 20}).says, verdict::less);
    EXPECT_EQ(judge({105, 10}, {100, 10}).says, verdict::alike);
    EXPECT_EQ(judge({200, 90}, {100, 60}).says, verdict::unclear);
    EXPECT_EQ(judge({200, 20}, {100, 150}).says, verdict::unclear);
    EXPECT_EQ(judge({20000, 9000}, {300, 350}).says, verdict::more);
    EXPECT_TRUE(judge({20000, 9000}, {300, 350}).rough);
    EXPECT_FALSE(judge({200, 20}, {100, 10}).rough);
    EXPECT_EQ(judge({0, 0}, {0, 0}).says, verdict::unclear);
}

TEST(Judging, measures_the_spread_from_the_smallest_to_the_largest)
{
    EXPECT_EQ(spread(rounds{}), 0);
    EXPECT_EQ(spread(rounds{7}), 0);
    EXPECT_THAT(spread(rounds{10, 15, 12}), DoubleEq(0.5));
}

exchange_figures row(way on, milliseconds round_trip, const rounds& medians, double segments = 2)
{
    exchange_figures out;
    out.on = on;
    out.round_trip = round_trip;
    out.exchanges = 400;
    out.opened = on == way::one_shot_http ? 400 : 4;
    out.p50 = out.p99 = microseconds(medians.at(0));
    if (round_trip.count() == 0)
        for (const double each : medians)
            out.rounds.push_back({microseconds(each), microseconds(each / 10)});
    if (round_trip.count() == 0 && on != way::raw_unix)
        out.wire = wire_share{segments, 100 * segments};
    return out;
}

void add_feeds(figures& all, milliseconds round_trip)
{
    for (const feed of : {feed::push, feed::poll_at_once, feed::poll_as_often})
    {
        feed_figures one;
        one.of = of;
        one.round_trip = round_trip;
        one.messages = 20;
        if (of == feed::poll_as_often)
            one.interval = microseconds(50000);
        one.mean_age = microseconds(of == feed::poll_as_often ? 25000 : 100);
        one.age_error = microseconds(10);
        if (of != feed::push)
            one.requests = of == feed::poll_as_often ? 20 : 1;
        all.feeds.push_back(one);
    }
}

figures straight_run(const rounds& one_shot, const rounds& kept, const rounds& raw)
{
    figures all;
    all.attempts = 3;
    all.exchanges = {row(way::one_shot_http, milliseconds(0), one_shot, 10),
                     row(way::kept_http, milliseconds(0), kept), row(way::raw_tcp, milliseconds(0), raw),
                     row(way::raw_unix, milliseconds(0), raw)};
    add_feeds(all, milliseconds(0));
    return all;
}

std::string text_of(const figures& all, const std::string& name)
{
    for (const finding& each : findings(all))
        if (each.name == name)
            return each.text;
    return {};
}

TEST(Words, state_the_differences_of_a_quiet_run)
{
    const figures all = straight_run({300, 301, 299, 300}, {100, 101, 99, 100}, {98, 99, 97, 98});
    const std::string opening = text_of(all, "opening");
    EXPECT_THAT(opening, HasSubstr("Straight: One-shot HTTP took 3.00 times as long as kept HTTP."));
    EXPECT_THAT(opening, HasSubstr("It took 3.00 times the server's CPU."));
    EXPECT_THAT(opening, HasSubstr("An exchange took 10.0 segments instead of 2.00."));
    EXPECT_THAT(opening, HasSubstr("Kept HTTP ran on 4 connections instead of 400."));
    EXPECT_THAT(opening, Not(HasSubstr("busy")));
    EXPECT_THAT(text_of(all, "http"), HasSubstr("Kept HTTP took as long as the TCP socket."));
    EXPECT_THAT(text_of(all, "http"), HasSubstr("An exchange took as many segments, 2.00."));
}

TEST(Words, say_no_time_and_all_counts_on_a_busy_machine)
{
    const figures all = straight_run({300, 900, 250, 400}, {100, 300, 90, 700}, {250, 90, 80, 600});
    const std::string opening = text_of(all, "opening");
    EXPECT_THAT(opening,
                HasSubstr("The machine was too busy to compare times: the same exchange took up to 7.78 "
                          "times as long in one round as in another, in the calmest of 3 attempts."));
    EXPECT_THAT(opening, HasSubstr("10.0 segments instead of 2.00."));
    EXPECT_THAT(opening, HasSubstr("4 connections instead of 400."));
    for (const char* const name : {"opening", "http"})
    {
        EXPECT_THAT(text_of(all, name), Not(HasSubstr("as long as"))) << name;
        EXPECT_THAT(text_of(all, name), Not(HasSubstr("CPU"))) << name;
    }
    EXPECT_THAT(text_of(all, "http"), HasSubstr("segments"));
}

TEST(Words, never_say_that_http_took_less_than_the_socket_below_it)
{
    const figures all = straight_run({60, 61, 62, 60}, {63, 64, 62, 63}, {100, 101, 99, 100});
    EXPECT_THAT(text_of(all, "http"),
                HasSubstr("Kept HTTP and the TCP socket: no difference in time that this run can show."));
    EXPECT_THAT(text_of(all, "http"), Not(HasSubstr("0.63")));
    EXPECT_THAT(text_of(all, "http"), Not(HasSubstr("server's CPU")));
}

TEST(Words, say_that_a_distant_run_measured_the_machine_and_not_the_distance)
{
    const milliseconds far(20);
    figures all;
    all.exchanges = {row(way::one_shot_http, far, {41000}), row(way::kept_http, far, {20300}),
                     row(way::raw_tcp, far, {20200})};
    add_feeds(all, far);
    EXPECT_THAT(text_of(all, "opening"),
                HasSubstr("At a round trip of 20 ms, one-shot HTTP took 41.0 ms and kept HTTP 20.3 ms. To "
                          "open costs 1.03 round trips, every time."));
    all.exchanges[2].p50 = microseconds(39000);
    EXPECT_THAT(text_of(all, "opening"), HasSubstr("it took 1.95."));
    EXPECT_THAT(text_of(all, "opening"), Not(HasSubstr("costs")));
    EXPECT_FALSE(text_of(all, "http").empty());
}

TEST(Words, compare_the_ages_of_messages_by_their_errors)
{
    figures all = straight_run({300, 301, 299, 300}, {100, 101, 99, 100}, {98, 99, 97, 98});
    const std::string quiet = text_of(all, "speaking_first");
    EXPECT_THAT(quiet, HasSubstr("Straight, a message that the server sent was 100 us old on arrival."));
    EXPECT_THAT(quiet, HasSubstr("Asking without a pause: the messages were as old (100 us)."));
    EXPECT_THAT(quiet, HasSubstr("That took 1 request for 20 messages; 0 brought nothing."));
    EXPECT_THAT(quiet, HasSubstr("Asking every 50.0 ms: the messages were 250 times as old (25.0 ms)."));

    all.feeds[2].age_error = microseconds(12000);
    EXPECT_THAT(text_of(all, "speaking_first"),
                HasSubstr("Asking every 50.0 ms: the messages were older (25.0 ms)."));

    all.feeds[1].mean_age = microseconds(40);
    all.feeds[0].age_error = microseconds(90);
    EXPECT_THAT(text_of(all, "speaking_first"),
                HasSubstr("Asking without a pause: no difference in age that this run can show (40.0 us)."));
}

} // namespace

} // namespace compare
