// Naru inside somebody else's program: started, drained, stopped and destroyed with 1,000 sessions in every
// state.

#include "crowd.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <memory>
#include <numeric>
#include <optional>
#include <thread>

namespace embedding
{

namespace
{

using namespace std::chrono_literals;

constexpr std::size_t each = 91; // of 11 kinds: 1,001 sessions, and as many clients

/// A server on threads of its own, or on the one of an event loop that the program has anyway.
class Embedding : public testing::TestWithParam<const char*>
{
  protected:
    void SetUp() override
    {
        rlimit limit{};
        ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
        if (limit.rlim_cur < 4 * crowd::kinds * each)
            GTEST_SKIP() << "may open only " << limit.rlim_cur << " files";

        naru::server_options options;
        options.threads = 2;
        options.log.level = naru::log_level::off;
        if (borrowed())
            server_ = std::make_unique<naru::server>(loop_, options);
        else
            server_ = std::make_unique<naru::server>(options);
        naru::listen_options narrow;
        narrow.socket.send_buffer = 16 * 1024;
        raw_.emplace(server_->listen("tcp://127.0.0.1:0", site_.raw(), narrow));
        http_.emplace(server_->listen("tcp://127.0.0.1:0", site_.http()));
        server_->start();
        if (borrowed())
            thread_ = std::thread([this] { loop_.run(); });
    }

    void TearDown() override
    {
        if (server_)
            server_->stop();
        if (thread_.joinable())
            thread_.join();
    }

    bool borrowed() const { return GetParam() == std::string_view("borrowed_loop"); }

    /// Blocks until the server has ended.
    void wait()
    {
        if (borrowed())
            thread_.join();
        else
            server_->wait();
    }

    std::size_t closed_as(naru::close_reason reason) const
    {
        return server_->figures().closed[static_cast<std::size_t>(reason)];
    }

    void expect_all_closed(std::size_t sessions) const
    {
        const naru::server_figures figures = server_->figures();
        EXPECT_EQ(figures.open, 0u);
        EXPECT_EQ(figures.opened, sessions);
        EXPECT_EQ(std::accumulate(figures.closed.begin(), figures.closed.end(), std::size_t{0}), sessions);
    }

    site site_;
    boost::asio::io_context loop_;
    std::unique_ptr<naru::server> server_;
    std::optional<naru::listener> raw_;
    std::optional<naru::listener> http_;
    std::thread thread_;
};

TEST_P(Embedding, drain_finishes_what_has_begun_and_cuts_the_rest_in_time)
{
    crowd all(*raw_, *http_, site_, each);
    constexpr auto deadline = 5s;
    const auto began = std::chrono::steady_clock::now();
    server_->drain(deadline);

    for (const client& c : all.idle_raw)
        EXPECT_EQ(c.rest(), "");
    for (const client& c : all.idle_http)
        EXPECT_EQ(c.rest(), "");
    EXPECT_THROW(client late(raw_->local()), std::system_error);

    for (const client& c : all.mid_line)
        c.send("ne\n");
    for (const client& c : all.half_head)
        c.send("lf: b\r\n\r\n");
    for (const client& c : all.half_body)
        c.send("half");
    site_.gate_open = true;
    for (const client& c : all.mid_line)
        EXPECT_EQ(c.rest(), "half a line\n");
    for (const client& c : all.half_head)
        EXPECT_TRUE(c.rest().ends_with("here\n"));
    for (const client& c : all.half_body)
        EXPECT_TRUE(c.rest().ends_with("halfhalf"));
    for (const client& c : all.gated)
    {
        const std::string answer = c.rest();
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
        EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << answer;
        EXPECT_TRUE(answer.ends_with("let through\n")) << answer;
    }
    for (auto* finished : {&all.idle_raw, &all.mid_line, &all.lingering_raw, &all.idle_http, &all.half_head,
                           &all.half_body, &all.gated, &all.lingering_http})
        for (client& c : *finished)
            c.close();

    wait();
    const auto took = std::chrono::steady_clock::now() - began;
    EXPECT_GE(took, deadline - 200ms); // some would have taken an hour
    EXPECT_LT(took, deadline + 30s);
    for (const client& c : all.in_timer)
        EXPECT_EQ(c.rest(), "");
    for (const client& c : all.stuck)
        EXPECT_TRUE(c.rest().starts_with("HTTP/1.1 503 "));
    expect_all_closed(all.size());
    EXPECT_EQ(closed_as(naru::close_reason::shutdown), 3 * each); // in_timer, not_reading, stuck
    EXPECT_EQ(closed_as(naru::close_reason::drained), 6 * each);
}

TEST_P(Embedding, stop_ends_all_at_once)
{
    crowd all(*raw_, *http_, site_, each);
    const auto began = std::chrono::steady_clock::now();
    server_->stop();
    wait();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
    expect_all_closed(all.size());
    for (const client& c : all.gated)
        EXPECT_TRUE(c.rest().starts_with("HTTP/1.1 503 "));
}

TEST_P(Embedding, a_second_drain_shortens_the_first_and_a_longer_one_does_not_lengthen_it)
{
    crowd all(*raw_, *http_, site_, 5);
    const auto began = std::chrono::steady_clock::now();
    server_->drain(1h);
    server_->drain(100ms);
    server_->drain(1h);
    wait();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
    expect_all_closed(all.size());
}

TEST_P(Embedding, destruction_ends_what_is_open)
{
    crowd all(*raw_, *http_, site_, each);
    if (borrowed())
    {
        loop_.stop(); // its owner has had enough of it
        thread_.join();
    }
    server_.reset();
    for (const client& c : all.idle_raw)
        EXPECT_EQ(c.rest(), "");
    for (const client& c : all.stuck)
        EXPECT_TRUE(c.rest().starts_with("HTTP/1.1 503 "));
}

TEST_P(Embedding, a_handler_that_knows_no_cancellation_keeps_nobody_for_long)
{
    std::thread waiting; // since before anything ended
    if (!borrowed())
        waiting = std::thread([this] { server_->wait(); });
    std::vector<client> deaf;
    for (std::size_t i = 0; i < 10; ++i)
    {
        deaf.emplace_back(raw_->local());
        deaf.back().send("deaf\n");
    }
    wait_until_entered(site_, deaf.size());
    const auto began = std::chrono::steady_clock::now();
    server_->drain(100ms);
    for (const client& c : deaf)
        EXPECT_EQ(c.rest(), "");
    if (borrowed()) // how long the loop runs is its owner's to say
    {
        loop_.stop();
        thread_.join();
    }
    else
        waiting.join();
    server_.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
}

TEST_P(Embedding, what_has_never_been_served_can_be_destroyed)
{
    server_->stop();
    wait();
    naru::server_options quiet;
    quiet.log.level = naru::log_level::off;
    naru::server never(quiet);
    never.listen("tcp://127.0.0.1:0", site_.raw());
}

TEST_P(Embedding, listeners_come_and_go_while_it_serves)
{
    const naru::endpoint first = raw_->local();
    client before(first);
    before.send("a\n");
    EXPECT_EQ(before.read(2), "a\n"); // it has been accepted, and does not wait in the queue that is closed
    raw_->close();
    EXPECT_THROW(client late(first), std::system_error);

    naru::listener again = server_->listen(first, site_.raw());
    client after(again.local());
    after.send("b\nleave\n");
    EXPECT_EQ(after.rest(), "b\n");
    before.send("c\nleave\n");
    EXPECT_EQ(before.rest(), "c\n"); // a listener closes, its sessions go on
    server_->stop();
    wait();
}

INSTANTIATE_TEST_SUITE_P(, Embedding, testing::Values("own_threads", "borrowed_loop"),
                         [](const auto& which) { return std::string(which.param); });

} // namespace

} // namespace embedding
