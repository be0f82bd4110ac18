#include "measure.hpp"

#include "meter.hpp"
#include "road.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <latch>
#include <thread>

namespace compare
{

namespace
{

using steady = std::chrono::steady_clock;

constexpr unsigned rounds = 4;
constexpr unsigned warm_up = 50;

/// All clients of one way, and what has been measured of them.
class team
{
  public:
    team(way on, const servers& of, const options& chosen, std::chrono::milliseconds round_trip)
        : way_(on), road_(address_of(on, of.at()), round_trip), round_trip_(round_trip),
          meter_(of, round_trip)
    {
        for (unsigned i = 0; i < chosen.clients; ++i)
            clients_.push_back(make_exchanger(on, road_.entry(), chosen.bytes));
    }

    /// Each client carries `count` exchanges; all at a time. With `last`, the ends of the connections are
    /// measured too.
    void run(unsigned count, bool last);

    exchange_figures result() &&;

  private:
    way way_;
    road road_;
    std::chrono::milliseconds round_trip_;
    meter meter_;
    std::vector<std::unique_ptr<exchanger>> clients_;
    std::vector<steady::duration> took_;
    steady::duration elapsed_{0};
    std::uint64_t opened_ = 0;
    std::vector<round_figures> rounds_;
};

/// What one client did in one round.
struct share
{
    std::vector<steady::duration> took;
    steady::time_point end;
    std::exception_ptr failed;
};

void carry(exchanger& client, unsigned count, share& out)
{
    try
    {
        for (unsigned i = 0; i < count; ++i)
        {
            const auto start = steady::now();
            client.exchange();
            out.end = steady::now();
            out.took.push_back(out.end - start);
        }
    }
    catch (...)
    {
        out.failed = std::current_exception();
    }
}

/// The smallest of the sorted values that at least `part` of them do not exceed.
microseconds percentile(const std::vector<steady::duration>& sorted, double part)
{
    const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(sorted.size())));
    return sorted[std::max<std::size_t>(rank, 1) - 1];
}

void team::run(unsigned count, bool last)
{
    std::vector<share> shares(clients_.size());
    std::vector<std::thread> threads;
    std::latch go(1);
    for (std::size_t i = 0; i < clients_.size(); ++i)
    {
        shares[i].took.reserve(count);
        threads.emplace_back(
            [&, i]
            {
                go.wait();
                carry(*clients_[i], count, shares[i]);
            });
    }

    const auto cpu_before = meter_.server_cpu();
    meter_.start();
    const auto start = steady::now();
    go.count_down();
    for (std::thread& each : threads)
        each.join();
    if (last)
    {
        for (const auto& each : clients_)
            opened_ += each->opened();
        clients_.clear();
    }
    meter_.stop();

    steady::time_point end = start;
    const auto before = static_cast<std::ptrdiff_t>(took_.size());
    for (const share& each : shares)
    {
        if (each.failed)
            std::rethrow_exception(each.failed);
        end = std::max(end, each.end);
        took_.insert(took_.end(), each.took.begin(), each.took.end());
    }
    elapsed_ += end - start;

    std::vector<steady::duration> round(took_.begin() + before, took_.end());
    std::sort(round.begin(), round.end());
    rounds_.push_back({percentile(round, 0.50),
                       microseconds(meter_.server_cpu() - cpu_before) / static_cast<double>(round.size())});
}

exchange_figures team::result() &&
{
    std::sort(took_.begin(), took_.end());
    const auto count = static_cast<double>(took_.size());
    exchange_figures out;
    out.on = way_;
    out.round_trip = round_trip_;
    out.exchanges = took_.size();
    out.opened = opened_;
    out.per_second = count / std::chrono::duration<double>(elapsed_).count();
    out.p50 = percentile(took_, 0.50);
    out.p99 = percentile(took_, 0.99);
    out.server_cpu = microseconds(meter_.server_cpu()) / count;
    if (round_trip_.count() == 0 && way_ != way::raw_unix)
        out.wire = wire_share{static_cast<double>(meter_.carried().segments()) / count,
                              static_cast<double>(meter_.carried().bytes()) / count};
    out.rounds = std::move(rounds_);
    return out;
}

std::vector<team> make_teams(const servers& on, const options& chosen, std::chrono::milliseconds round_trip)
{
    std::vector<team> teams;
    for (const way each : all_ways)
        if (each != way::raw_unix || round_trip.count() == 0)
            teams.emplace_back(each, on, chosen, round_trip);
    return teams;
}

} // namespace

std::vector<exchange_figures> measure_exchanges(const servers& on, const options& chosen,
                                                std::chrono::milliseconds round_trip)
{
    const bool straight = round_trip.count() == 0;
    const unsigned count = chosen.exchanges_at(round_trip);
    if (straight)
        for (team& each : make_teams(on, chosen, round_trip))
            each.run(std::min(warm_up, count), true);

    std::vector<team> teams = make_teams(on, chosen, round_trip);
    const unsigned parts = straight ? std::min(rounds, count) : 1;
    for (unsigned i = 0; i < parts; ++i)
        for (team& each : teams)
            each.run(count * (i + 1ull) / parts - count * (i + 0ull) / parts, i + 1 == parts);

    std::vector<exchange_figures> rows;
    for (team& each : teams)
        rows.push_back(std::move(each).result());
    return rows;
}

} // namespace compare
