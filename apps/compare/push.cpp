#include "push.hpp"

#include "connection.hpp"
#include "http_client.hpp"
#include "meter.hpp"
#include "road.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>

namespace compare
{

namespace
{

using steady = std::chrono::steady_clock;

// Often enough for a mean in a second, seldom enough that most messages find the line silent.
constexpr double messages_a_second = 20;

/// What a client has got, message by message; throws when one is missing.
class reader
{
  public:
    explicit reader(std::uint64_t last) : last_(last) {}

    void take(std::string_view line)
    {
        const auto now = steady::now();
        const message one = message::parse(line);
        if (one.number != last_ + 1)
            throw std::runtime_error("message " + std::to_string(last_ + 1) + " is missing");
        last_ = one.number;
        const microseconds age = now - one.made;
        total_ += age;
        squares_ += age.count() * age.count();
        worst_ = std::max(worst_, now - one.made);
    }

    std::uint64_t last() const noexcept { return last_; }
    microseconds total() const noexcept { return total_; }
    /// Twice the standard error of the mean of `count` ages; the whole mean when there is but one.
    microseconds error(unsigned count) const
    {
        const double mean = total_.count() / count;
        if (count < 2)
            return microseconds(mean);
        const double variance = std::max(0.0, squares_ - count * mean * mean) / (count - 1);
        return microseconds(2 * std::sqrt(variance / count));
    }
    steady::duration worst() const noexcept { return worst_; }

  private:
    std::uint64_t last_;
    microseconds total_{0};
    double squares_ = 0; // of microseconds
    steady::duration worst_{0};
};

/// Takes the whole lines of `bytes` and leaves what is left.
void take_lines(std::string& bytes, reader& by)
{
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = bytes.find('\n', begin)) != std::string::npos; begin = end + 1)
        by.take(std::string_view(bytes).substr(begin, end - begin));
    bytes.erase(0, begin);
}

/// A client that follows the news over one feed.
class follower
{
  public:
    virtual ~follower() = default;
    /// Until it has message number `last`.
    virtual void follow(reader& by, std::uint64_t last) = 0;
};

class listening final : public follower
{
  public:
    explicit listening(const naru::endpoint& to) : connection_(to), room_(64 * 1024)
    {
        while (bytes_.find('\n') == std::string::npos)
            receive();
        if (bytes_ != "ready\n")
            throw std::runtime_error("the server greets with " + bytes_);
        bytes_.clear();
    }

    void follow(reader& by, std::uint64_t last) override
    {
        while (by.last() < last)
        {
            receive();
            take_lines(bytes_, by);
        }
    }

  private:
    void receive()
    {
        const std::size_t got = connection_.receive(room_);
        if (got == 0)
            throw std::runtime_error("the server ended before its last message");
        bytes_.append(room_.data(), got);
    }

    connection connection_;
    std::vector<char> room_;
    std::string bytes_;
};

class asking final : public follower
{
  public:
    /// An interval of nothing asks again at once.
    asking(const naru::endpoint& to, std::uint64_t newest, microseconds interval)
        : to_(to), client_(to), interval_(std::chrono::duration_cast<steady::duration>(interval))
    {
        ask(newest); // opens the connection
    }

    void follow(reader& by, std::uint64_t last) override
    {
        steady::time_point due = steady::now();
        while (by.last() < last)
        {
            due = std::max(due + interval_, steady::now());
            if (interval_.count() > 0)
                std::this_thread::sleep_until(due);
            std::string news(ask(by.last()));
            ++requests_;
            if (news.empty())
                ++wasted_;
            take_lines(news, by);
        }
    }

    std::uint64_t requests() const noexcept { return requests_; }
    std::uint64_t wasted() const noexcept { return wasted_; }

  private:
    std::string_view ask(std::uint64_t after)
    {
        return client_.ask(write_request("GET", "/news?after=" + std::to_string(after), to_));
    }

    const naru::endpoint to_;
    http_client client_;
    const steady::duration interval_;
    std::uint64_t requests_ = 0;
    std::uint64_t wasted_ = 0;
};

/// Lets `count` messages happen while `client` follows, and fills in what all feeds have in common.
void run(servers& on, follower& client, unsigned count, double seconds, feed_figures& out)
{
    newsroom& news = on.newsdesk();
    reader by(news.newest());
    const std::uint64_t last = by.last() + count;

    meter measured(on, out.round_trip);
    measured.start();
    std::exception_ptr failed;
    std::thread following(
        [&]
        {
            try
            {
                client.follow(by, last);
            }
            catch (...)
            {
                failed = std::current_exception();
            }
        });
    news.publish(count, std::chrono::duration<double>(seconds));
    following.join();
    if (failed)
        std::rethrow_exception(failed);
    measured.stop();

    out.messages = count;
    out.mean_age = by.total() / count;
    out.age_error = by.error(count);
    out.worst_age = by.worst();
    out.server_cpu = microseconds(measured.server_cpu()) / count;
    if (out.round_trip.count() == 0)
        out.wire = wire_share{static_cast<double>(measured.carried().segments()) / count,
                              static_cast<double>(measured.carried().bytes()) / count};
}

feed_figures push(servers& on, unsigned count, double seconds, std::chrono::milliseconds round_trip)
{
    feed_figures out;
    out.of = feed::push;
    out.round_trip = round_trip;
    road way_there(on.at().news, round_trip);
    listening client(way_there.entry());
    run(on, client, count, seconds, out);
    return out;
}

feed_figures poll(servers& on, unsigned count, double seconds, std::chrono::milliseconds round_trip,
                  feed kind)
{
    feed_figures out;
    out.of = kind;
    out.round_trip = round_trip;
    if (kind == feed::poll_as_often)
        out.interval = microseconds(std::chrono::duration<double>(seconds)) / count;
    road way_there(on.at().kept_http, round_trip);
    asking client(way_there.entry(), on.newsdesk().newest(), out.interval.value_or(microseconds(0)));
    run(on, client, count, seconds, out);
    out.requests = client.requests();
    out.wasted = client.wasted();
    return out;
}

} // namespace

std::vector<feed_figures> measure_feeds(servers& on, const options& chosen,
                                        std::chrono::milliseconds round_trip)
{
    const double seconds = chosen.push_seconds;
    const auto count = static_cast<unsigned>(std::lround(std::max(1.0, messages_a_second * seconds)));
    return {push(on, count, seconds, round_trip), poll(on, count, seconds, round_trip, feed::poll_at_once),
            poll(on, count, seconds, round_trip, feed::poll_as_often)};
}

} // namespace compare
