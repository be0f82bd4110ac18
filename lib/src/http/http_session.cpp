#include "http/http_session.hpp"

#include "base/event_log.hpp"
#include "server/berth.hpp"
#include "server/shard.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace naru::http
{

namespace
{

// A body from here on is sent from where it lies instead of through the cork.
constexpr std::size_t large_body = 8 * 1024;

// What the coding of chunks may leave behind in memory before it is taken out.
constexpr std::size_t longest_gap = 16 * 1024;

// How long a connection keeps its coroutine after the last request that needed it.
constexpr std::chrono::milliseconds keeps_coroutine{1000};

/// 0 is no limit. Sums with what a limit is compared with do not overflow.
constexpr std::size_t bounded(std::size_t limit, std::size_t most) noexcept
{
    return limit > 0 ? std::min(limit, most) : most;
}

exchange::bounds bounds_from(const options& from, std::span<const std::string> methods)
{
    return {{bounded(from.line, longest_head), bounded(from.head, longest_head),
             bounded(from.fields, longest_head), methods},
            bounded(from.body, std::numeric_limits<std::size_t>::max() / 2)};
}

} // namespace

// --- shared parts --------------------------------------------------------------------------------

std::unique_ptr<exchange> http_part::take()
{
    if (spare_.empty())
        return std::make_unique<exchange>();
    auto one = std::move(spare_.back());
    spare_.pop_back();
    return one;
}

void http_part::give_back(std::unique_ptr<exchange> used)
{
    if (used && spare_.size() < kept)
        spare_.push_back(std::move(used));
}

http_model::http_model(router site, const http::options& options)
    : site_(std::move(site)), options_(options),
      exchange_bounds_(bounds_from(options, site_.read().methods()))
{
    bounds_.outbox_high = options.outbox_high;
    bounds_.outbox_low = options.outbox_low;
    bounds_.idle = options.idle;
    bounds_.write_stall = options.write_stall;
    bounds_.write_rate = options.write_rate;
    bounds_.linger = options.linger;
    bounds_.linger_idle = options.linger_idle;
}

std::unique_ptr<session_core> http_model::make_session(session_core::arrival from) const
{
    return std::make_unique<http_session>(std::move(from), *this);
}

std::string_view http_model::refusal() const noexcept
{
    return "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: "
           "close\r\n\r\n";
}

http_session::http_session(arrival from, const http_model& model)
    : session_core(std::move(from)), model_(model)
{
}

http_session::~http_session() = default;

http_part& http_session::part() const noexcept
{
    return berth_.part<http_part>();
}

// --- bytes in ------------------------------------------------------------------------------------

void http_session::on_open()
{
    wait_for_more();
}

void http_session::on_bytes(std::span<char> bytes)
{
    if (body_began_ && began_ != deadline::never)
        began_ = put_off(began_, bytes.size(), model_.options().body_rate, now());
    const std::size_t expected = current_ ? current_->expected() : 0;
    if (read_block back = input_.add({bytes.data(), bytes.size()}, expected))
        turn().give_back(std::move(back));
    if (!input_grew())
        return;
    in_turn_ = true;
    process();
    in_turn_ = false;
    after_burst();
}

/// False when the listener's sessions hold too much, and this one is refused for it.
bool http_session::input_grew()
{
    if (input_.count_in(berth_.memory()))
        return true;
    answer(plain(status::service_unavailable), nullptr, close_reason::limit_exceeded);
    part().give_back(std::move(current_));
    input_ = {}; // at once, and not when the client has read the answer
    return false;
}

/// Deals with what has come, request by request, until more is needed, a coroutine has the word, or too many
/// answers wait.
void http_session::process()
{
    while (at() == phase::open && !busy_ && !input_.empty())
    {
        if (waiting() > bounds_->outbox_high)
        {
            paused_ = true;
            return;
        }
        if (!current_)
        {
            current_ = part().take();
            current_->begin(*this);
        }
        exchange& current = *current_;
        switch (current.advance(input_.writable(), part().bounds()))
        {
        case progress::refused:
            refuse(current.refused());
            return;
        case progress::partial:
            if (current.has_head())
                refuse_early(current);
            if (const std::size_t gap = current.gap(); gap > longest_gap)
            {
                input_.cut(current.gap_at(), gap);
                current.gap_closed();
            }
            return;
        case progress::whole:
            dispatch(current);
        }
    }
}

/// The head has been read and the body has not. Answers `Expect: 100-continue` (RFC 9110, 10.1.1).
void http_session::refuse_early(exchange& current)
{
    if (!current.judged().expects_continue || std::exchange(current.told_to_continue, true))
        return;
    if (!current.look_up(model_.routes()).found)
    {
        answer(unrouted(current), &current, close_reason::handler_done);
        return;
    }
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    put({&go_on, 1}, go_on.size());
}

/// The burst is dealt with: where do the bytes lie that are left, and what comes next?
void http_session::after_burst()
{
    if (at() != phase::open)
        return;
    if (busy_)
    {
        if (input_.lent()) // the handler suspended and holds views into the block
            input_.take_along(turn().take_block());
        goes_on();
        return;
    }
    input_.keep();
    if (read_block back = input_.empty() ? input_.release() : input_.settle())
        turn().give_back(std::move(back));
    if (current_ && !input_.empty())
        current_->rebase(input_.unread().data());
    if (!input_grew())
        return;
    if (paused_)
    {
        awaiting("write");
        set_read_deadline(deadline::never);
        return;
    }
    wait_for_more();
}

/// Nothing has come of a request. Empty lines before one are not part of it (RFC 9112, 2.2).
bool http_session::between_requests() const noexcept
{
    return input_.unread().find_first_not_of("\r\n") == std::string_view::npos;
}

void http_session::wait_for_more()
{
    const http::options& options = model_.options();
    if (between_requests())
    {
        began_ = deadline::never;
        awaiting("request");
        // A coroutine that is not needed for a while is ended, and made again when it is needed.
        if (runner_ && (options.idle.count() <= 0 || options.idle > keeps_coroutine))
            set_read_deadline(now() + keeps_coroutine);
        else
            set_idle_deadline(now());
    }
    else
    {
        const bool in_body = current_ && current_->has_head();
        if (began_ == deadline::never || in_body != body_began_)
            began_ = now();
        body_began_ = in_body;
        awaiting(in_body ? "body" : "head");
        set_read_deadline(due_after(began_, in_body ? options.body_deadline : options.header_deadline));
    }
    want_read();
}

void http_session::on_end()
{
    if (!between_requests()) // one is not whole, and will not be
        refuse({status::bad_request, "the client finished in the middle of a request"});
    else
        finish(close_reason::peer_closed);
}

void http_session::on_sent()
{
    if (!paused_ || waiting() > bounds_->outbox_low)
        return;
    paused_ = false;
    in_turn_ = true;
    process();
    in_turn_ = false;
    after_burst();
}

void http_session::on_read_deadline()
{
    if (busy_)
    {
        handler_overdue();
        return;
    }
    if (between_requests())
    {
        if (!idles())
        {
            if (runner_ && runner_->parked)
                let_coroutine_end();
            set_idle_deadline(now() - keeps_coroutine);
            return;
        }
        finish(close_reason::idle_timeout);
        return;
    }
    if (body_began_ && current_ && current_->told_to_continue && peer_receives())
    {
        // The client may wait for a 100 (Continue) that is still behind other answers.
        began_ = now();
        set_read_deadline(due_after(began_, model_.options().body_deadline));
        return;
    }
    answer(plain(status::request_timeout), nullptr,
           body_began_ ? close_reason::body_timeout : close_reason::header_timeout);
}

void http_session::on_drain()
{
    if (!busy_ && !paused_ && between_requests())
        finish(close_reason::drained);
}

/// A client whose request has begun, and is not answered, gets a 503. Best effort: one write, nobody waits.
void http_session::on_stop()
{
    if (busy_ || !between_requests())
        answer(plain(status::service_unavailable),
               current_ && current_->has_head() ? current_.get() : nullptr, close_reason::shutdown);
}

// --- handlers ------------------------------------------------------------------------------------

void http_session::dispatch(exchange& current)
{
    const route* to = current.look_up(model_.routes()).found;
    if (!to)
    {
        answer(unrouted(current), &current);
        complete(current.size());
        return;
    }
    if (const auto* handler = std::get_if<plain_handler>(&to->handler))
        call_plain(*handler, current);
    else
        call_coroutine(current, *to);
}

void http_session::call_plain(const plain_handler& handler, exchange& current)
{
    try
    {
        answer(handler(current.face()), &current);
    }
    catch (const std::exception& e)
    {
        answer(failed(current, e.what()), &current);
    }
    catch (...)
    {
        answer(failed(current, "something that is no std::exception"), &current);
    }
    complete(current.size());
}

void http_session::call_coroutine(exchange& current, const route& to)
{
    const std::chrono::milliseconds patience = model_.options().handler_deadline;
    busy_ = true;
    set_read_deadline(due_after(now(), patience));
    if (to.suspends.load(std::memory_order_relaxed) && input_.lent())
    {
        input_.keep();
        current.rebase(input_.unread().data());
    }
    if (in_converse_)
        return; // the coroutine itself is here, and goes on with it
    if (runner_ && runner_->parked)
        runner_->parked.resume();
    else if (runner_ && runner_->running)
        return; // it was let go and has not ended yet: on_attention() begins the next one
    else        // none, or one that has ended and has not been cleared away yet
        begin_coroutine();
    if (busy_)
        to.suspends.store(true, std::memory_order_relaxed);
}

void http_session::begin_coroutine()
{
    runner_ = std::make_unique<runner>();
    task<> conversing = converse();
    launch_root(shard().executor(), std::move(conversing), runner_->cancel, runner_->awaited, *this);
}

/// The connection's coroutine: answers the current request, and what comes after it, and waits for the next.
task<> http_session::converse()
{
    while (!runner_->ending)
    {
        exchange& current = *current_;
        response made;
        const char* thrown = nullptr;
        std::string what;
        try
        {
            const auto& handler = std::get<coroutine_handler>(current.matched().found->handler);
            task<response> answering = handler(current.face());
            made = co_await std::move(answering);
        }
        catch (const std::exception& e)
        {
            what = e.what();
            thrown = what.c_str();
        }
        catch (...)
        {
            thrown = "something that is no std::exception";
        }
        if (!on_own_thread()) // an operation completed on another executor, and the handler went on there
        {
            const bool throws = co_await boost::asio::this_coro::throw_if_cancelled();
            co_await boost::asio::this_coro::throw_if_cancelled(false);
            auto back = boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::deferred);
            co_await std::move(back);
            co_await boost::asio::this_coro::throw_if_cancelled(throws);
        }
        busy_ = false;
        if (at() != phase::open)
            co_return;
        if (thrown)
            made = failed(current, thrown);
        answer(std::move(made), &current);
        complete(current.size());

        in_converse_ = true;
        process();
        in_converse_ = false;
        if (busy_)
            continue;
        if (!in_turn_)
            after_burst();
        if (at() != phase::open)
            co_return;
        auto next = suspend_at(runner_->parked, [] {});
        co_await std::move(next);
    }
}

bool http_session::on_own_thread() const noexcept
{
    return shard().on_own_thread();
}

/// The operation that the handler awaited dropped its completion handler, so nothing can resume it any more.
void http_session::coroutine_destroyed() noexcept
{
    coroutine_ended(nullptr);
}

void http_session::coroutine_ended(std::exception_ptr thrown)
{
    // One that was let go had no request any more: what there is now is for the next.
    const bool was_busy = !runner_->ending && std::exchange(busy_, false);
    runner_->running = false;
    turn().want_attention(*this); // clears it away when it is not under our feet any more
    if (closed())
    {
        retire();
        return;
    }
    if (thrown)
        guarded([&] { std::rethrow_exception(thrown); }); // of the library's own: the handler's are answered
    if (was_busy)
        abort(close_reason::handler_error);
}

void http_session::handler_overdue()
{
    auto line = berth_.shared().log.line("handler_timeout");
    add_request(line, *current_);
    berth_.shared().log.write(log_level::error, line);
    answer(plain(status::service_unavailable), current_.get(), close_reason::handler_timeout);
    if (!closed() && runner_ && runner_->running)
        cancel_awaited(runner_->cancel, runner_->awaited);
}

void http_session::let_coroutine_end()
{
    runner_->ending = true;
    runner_->parked.resume();
}

void http_session::drop_coroutine()
{
    if (runner_)
        runner_->parked.drop();
}

bool http_session::on_closed()
{
    if (!runner_ || !runner_->running)
        return true;
    turn().want_attention(*this);
    return false;
}

void http_session::on_attention()
{
    if (runner_ && !runner_->running)
        runner_.reset();
    if (busy_ && !runner_ && at() == phase::open)
        begin_coroutine();
    if (!closed() || !runner_)
        return;
    if (runner_->parked)
        let_coroutine_end();
    else
        cancel_awaited(runner_->cancel, runner_->awaited);
}

// --- answers -------------------------------------------------------------------------------------

/// `to` is the request, or null when there is none that could be understood.
void http_session::answer(response from, const exchange* to, close_reason ends)
{
    if (at() != phase::open)
        return;
    if (static_cast<unsigned>(from.code()) < 200 || static_cast<unsigned>(from.code()) > 999)
        from = to ? failed(*to, "a handler's answer has to have a final status") : plain(status::bad_request);
    if (from.code() == status::reset_content) // which has no content, and says so (RFC 9110, 15.3.6)
        from.body({});
    answer_context context;
    context.head_only = current_ && current_->asks_for_head_only();
    context.close = ends != close_reason::none || from.closes() || model_.options().one_shot || draining() ||
                    peer_ended() || (to && !to->judged().keep_alive);
    context.say_keep_alive = to && to->head().version == 10 && !context.close;
    const bool with_body = !context.head_only && has_content(from.code()) && !from.body().empty();
    if (to && model_.options().access_log)
        log_request(*to, from.code(), with_body ? from.body().size() : 0);

    const bool inline_body = with_body && from.body().size() < large_body;
    const std::size_t room = answer_head_size(from) + (inline_body ? from.body().size() : 0);
    date_field& date = part().date;
    date.look_at(now());
    if (char* const begin = place(room))
    {
        char* end = write_answer_head(begin, from, context, date);
        if (inline_body)
            end = std::copy(from.body().begin(), from.body().end(), end);
        turn().corked().grow(static_cast<std::size_t>(end - begin));
    }
    else
    {
        std::string head(room, '\0');
        char* end = write_answer_head(head.data(), from, context, date);
        if (inline_body)
            end = std::copy(from.body().begin(), from.body().end(), end);
        const std::string_view bytes(head.data(), static_cast<std::size_t>(end - head.data()));
        put({&bytes, 1}, bytes.size());
    }
    if (with_body && !inline_body)
        put_large(from.take_body());
    if (ends != close_reason::none)
        finish(ends, still_to_come());
    else if (context.close)
        finish(draining() ? close_reason::drained : close_reason::handler_done);
}

/// Bytes of the current request that the client has yet to send, as far as its head says.
std::uint64_t http_session::still_to_come() const noexcept
{
    const auto announced = current_ ? current_->announced_size() : std::nullopt;
    const std::uint64_t here = input_.unread().size();
    return announced ? *announced - std::min(*announced, here) : unknown_rest;
}

/// A request that is not served ends its connection: where the next one would begin is not known for sure.
void http_session::refuse(const refusal& why)
{
    const bool too_much = why.code == status::payload_too_large || why.code == status::uri_too_long ||
                          why.code == status::request_header_fields_too_large;
    if (berth_.shared().log.wants(log_level::info))
    {
        auto line = berth_.shared().log.line("request_refused");
        line.add("session", id())
            .add("peer", peer().text())
            .add("status", static_cast<unsigned>(why.code))
            .add("why", why.why);
        berth_.shared().log.write(log_level::info, line);
    }
    response refused = plain(why.code);
    refused.body(refused.body().substr(0, refused.body().size() - 1) + ": " + why.why + "\n");
    answer(std::move(refused), nullptr,
           too_much ? close_reason::limit_exceeded : close_reason::protocol_error);
}

/// The current request is answered and its bytes are over.
void http_session::complete(std::size_t consumed)
{
    if (at() == phase::closed)
        return;
    input_.consume(consumed);
    if (current_)
        current_->begin(*this);
    if (input_.empty())
        part().give_back(std::move(current_));
    began_ = deadline::never;
}

response http_session::unrouted(exchange& current) const
{
    const request_head& head = current.head();
    const bool site = current.path() == "*";
    if (!site && !current.matched().path_known)
        return plain(status::not_found);
    const std::string allowed =
        site ? model_.routes().allowed_anywhere() : model_.routes().allowed(current.path(), head.encoded);
    response made =
        head.method == verb::options ? response(status::no_content) : plain(status::method_not_allowed);
    made.header(field::allow, allowed);
    return made;
}

/// Says nothing of the inside to the client, and all to the log.
response http_session::failed(const exchange& current, const char* what) const
{
    auto line = berth_.shared().log.line("handler_error");
    add_request(line, current);
    line.add("what", what);
    berth_.shared().log.write(log_level::error, line);
    return plain(status::internal_server_error);
}

void http_session::log_request(const exchange& current, status answered, std::size_t content) const
{
    if (!berth_.shared().log.wants(log_level::info))
        return;
    auto line = berth_.shared().log.line("request");
    add_request(line, current);
    line.add("status", static_cast<unsigned>(answered)).add("bytes", content);
    berth_.shared().log.write(log_level::info, line);
}

void http_session::add_request(log_line& to, const exchange& current) const
{
    to.add("session", id())
        .add("peer", peer().text())
        .add("method", current.text(current.head().method_text))
        .add("target", current.text(current.head().target));
}

} // namespace naru::http
