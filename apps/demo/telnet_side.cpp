#include "telnet_side.hpp"

#include "questions.hpp"
#include "telnet_bytes.hpp"
#include "typed_lines.hpp"
#include "visitor.hpp"

#include <naru/raw/raw.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/socket.h>

#include <exception>
#include <string>
#include <string_view>

namespace demo
{

namespace
{

/// The conversation with one telnet.
class conversation
{
  public:
    conversation(naru::session& with, questions& asked) : session_(with), asked_(asked), visitor_(with, asked)
    {
    }

    naru::task<> hold();

  private:
    naru::task<> greet();
    naru::task<bool> hear();
    naru::task<> obey(const typed_lines::line& line);
    naru::task<> stream(unsigned count, std::chrono::milliseconds pace);

    naru::session& session_;
    questions& asked_;
    visitor visitor_;
    telnet_bytes telnet_;
    typed_lines lines_{visitor::longest_line};
    bool over_ = false;
};

naru::task<> conversation::hold()
{
    // A telnet's interrupt key sends one byte of a command as urgent data, tcp(7), which would be missing
    // from the stream and garble what follows. On a Unix socket there is no such thing, and the call fails
    // without harm.
    const int on = 1;
    static_cast<void>(::setsockopt(session_.descriptor(), SOL_SOCKET, SO_OOBINLINE, &on, sizeof on));

    std::string_view goodbye;
    std::exception_ptr silence;
    try
    {
        co_await greet();
        while (!over_)
        {
            if (const auto line = lines_.next())
                co_await obey(*line);
            else if (!co_await hear())
                break;
        }
        if (session_.draining() && !over_)
            goodbye = "the server is going down; goodbye\r\n";
    }
    catch (const naru::error& e)
    {
        if (e.code() != naru::errc::timed_out)
            throw;
        silence = std::current_exception();
        goodbye = "nothing was heard of you for too long; goodbye\r\n";
    }
    if (!goodbye.empty())
        co_await session_.write(goodbye);
    if (silence)
        std::rethrow_exception(silence); // so that the session's reason is the time that is over
}

naru::task<> conversation::greet()
{
    const std::string banner = "naru-demo: this socket stays open, and either side may speak.\r\n"
                               "You are session " +
                               std::to_string(session_.id()) + ", and a file to the server: descriptor " +
                               std::to_string(session_.descriptor()) + ". Type `help`.\r\n";
    co_await session_.write(banner);
}

/// Takes in what comes next. False when nothing will, or when the server drains.
naru::task<bool> conversation::hear()
{
    const auto bytes = co_await session_.read_some();
    if (!bytes)
        co_return false;
    std::string typed;
    std::string answer;
    telnet_.take(*bytes, typed, answer);
    lines_.add(typed);
    if (!answer.empty())
        co_await session_.write(answer);
    co_return true;
}

naru::task<> conversation::obey(const typed_lines::line& line)
{
    visitor::outcome done;
    if (line.too_long)
        done.answer =
            "a line is at most " + std::to_string(visitor::longest_line) + " bytes; yours was not obeyed\r\n";
    else
        done = visitor_.obey(line.text);
    over_ = done.goodbye;
    if (!done.answer.empty())
        co_await session_.write(done.answer);
    if (done.stream > 0)
        co_await stream(done.stream, done.pace);
}

/// The server speaks without being asked. Nothing is read meanwhile: what is typed is answered afterwards, in
/// order.
naru::task<> conversation::stream(unsigned count, std::chrono::milliseconds pace)
{
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor);
    for (unsigned i = 1; i <= count && !session_.draining(); ++i)
    {
        if (i > 1)
        {
            timer.expires_after(pace);
            co_await timer.async_wait(boost::asio::use_awaitable);
        }
        const std::string spoken =
            std::to_string(i) + " of " + std::to_string(count) + " at " + asked_.time() + "\r\n";
        co_await session_.write(spoken);
    }
}

} // namespace

naru::protocol telnet_side(questions& asked, std::chrono::seconds idle)
{
    const auto serve = [&asked](naru::session& s) -> naru::task<>
    {
        conversation with_them(s, asked);
        co_await with_them.hold();
    };
    naru::limits bounds;
    bounds.idle = idle;
    return naru::raw(serve, bounds);
}

} // namespace demo
