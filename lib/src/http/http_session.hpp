#pragma once

#include "base/root_coroutine.hpp"
#include "base/suspension.hpp"
#include "http/answer.hpp"
#include "http/exchange.hpp"
#include "server/input.hpp"
#include "server/protocol_model.hpp"

#include <naru/http/serve.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <exception>
#include <memory>
#include <vector>

namespace naru
{
class log_line;
}

namespace naru::http
{

/// What HTTP keeps for one listener on one shard: its bounds, exchanges to reuse, and the date.
class http_part final : public shard_part
{
  public:
    explicit http_part(const exchange::bounds& bounds) : bounds_(bounds) {}

    void listens_at(const endpoint& local) override
    {
        if (!local.is_tcp())
            bounds_.when_empty = empty_host::served;
    }
    const exchange::bounds& bounds() const noexcept { return bounds_; }

    std::unique_ptr<exchange> take();
    void give_back(std::unique_ptr<exchange> used);

    date_field date;

  private:
    static constexpr std::size_t kept = 16;
    exchange::bounds bounds_;
    std::vector<std::unique_ptr<exchange>> spare_;
};

class http_model;

/// A connection that speaks HTTP/1.1. Requests are read where they lie and answered in their order; the
/// answers of one turn go out together. A plain handler is called in the turn. A coroutine runs in one
/// coroutine of the connection's, which is there only while the connection is busy; an idle connection has
/// neither coroutine nor buffer.
class http_session final : public session_core, private root_events
{
  public:
    http_session(arrival from, const http_model& model);
    ~http_session() override;

  private:
    void drop_coroutine() override;
    bool wants_bytes() const noexcept override { return !busy_ && !paused_; }
    void on_open() override;
    void on_bytes(std::span<char> bytes) override;
    void on_end() override;
    void on_sent() override;
    void on_read_deadline() override;
    void on_drain() override;
    void on_stop() override;
    bool on_closed() override;
    void on_attention() override;

    void process();
    void after_burst();
    bool between_requests() const noexcept;
    void wait_for_more();
    void refuse_early(exchange& current);
    void dispatch(exchange& current);
    void call_plain(const plain_handler& handler, exchange& current);
    void call_coroutine(exchange& current, const route& to);
    task<> converse();
    void coroutine_begun() noexcept override { runner_->running = true; }
    void coroutine_ended(std::exception_ptr thrown) override;
    void coroutine_destroyed() noexcept override;
    bool on_own_thread() const noexcept override;
    bool input_grew();
    void begin_coroutine();
    void handler_overdue();
    void let_coroutine_end();

    /// `ends`: the connection ends after this answer, and why; none leaves that to the rules.
    void answer(response from, const exchange* to, close_reason ends = close_reason::none);
    std::uint64_t still_to_come() const noexcept;
    void refuse(const refusal& why);
    void complete(std::size_t consumed);
    response unrouted(exchange& current) const;
    response failed(const exchange& current, const char* what) const;
    void log_request(const exchange& current, status answered, std::size_t content) const;
    void add_request(log_line& to, const exchange& current) const;

    http_part& part() const noexcept;

    const http_model& model_;
    input input_;
    std::unique_ptr<exchange> current_;  // the request under way; none between requests
    time_point began_ = deadline::never; // the part of it that a deadline is over: head, then body
    bool body_began_ = false;
    bool busy_ = false;        // a coroutine handler has the current request
    bool paused_ = false;      // too many answers wait: read no more
    bool in_turn_ = false;     // process() runs, and after_burst() will follow
    bool in_converse_ = false; // process() runs inside the coroutine

    // The coroutine, while there is one.
    struct runner
    {
        suspension parked;
        boost::asio::cancellation_signal cancel;
        boost::asio::cancellation_slot awaited;
        bool running = false;
        bool ending = false;
    };
    std::unique_ptr<runner> runner_;
};

/// The model behind `http::serve`.
class http_model final : public protocol_model
{
  public:
    http_model(router site, const http::options& options);

    std::string_view name() const noexcept override { return "http"; }
    const limits& bounds() const noexcept override { return bounds_; }
    std::unique_ptr<session_core> make_session(session_core::arrival from) const override;
    std::unique_ptr<shard_part> make_shard_part() const override
    {
        return std::make_unique<http_part>(exchange_bounds_);
    }
    std::string_view refusal() const noexcept override;

    const router::tree& routes() const noexcept { return site_.read(); }
    const http::options& options() const noexcept { return options_; }
    const exchange::bounds& exchange_bounds() const noexcept { return exchange_bounds_; }

  private:
    router site_;
    http::options options_;
    limits bounds_;
    exchange::bounds exchange_bounds_;
};

} // namespace naru::http
