// The unit that uses Naru, and Asio as it is compiled inside the library. Each unit judges what the other
// did.
#include "sides.hpp"

#include <naru/naru.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/websocket/error.hpp>

#include <chrono>
#include <csignal>
#include <iostream>

namespace asio = boost::asio;
namespace beast = boost::beast;

boost::system::error_code library_end_of_file()
{
    asio::io_context loop;
    asio::local::stream_protocol::socket a(loop);
    asio::local::stream_protocol::socket b(loop);
    asio::local::connect_pair(a, b);
    a.close();
    char byte = 0;
    boost::system::error_code ec;
    asio::read(b, asio::buffer(&byte, 1), ec);
    return ec;
}

std::vector<boost::system::error_code> library_codes()
{
    return {asio::error::eof, asio::error::host_not_found, asio::error::service_not_found,
            make_error_code(beast::http::error::end_of_stream),
            make_error_code(beast::websocket::error::closed)};
}

namespace
{

int failures = 0;

void expect(bool good, const char* what)
{
    if (good)
        return;
    std::cerr << "two Asios: " << what << "\n";
    ++failures;
}

void expect_same_codes()
{
    const auto here = library_codes();
    const auto there = header_codes();
    for (std::size_t i = 0; i < here.size(); ++i)
        expect(here[i] == there[i] && &here[i].category() == &there[i].category(), here[i].category().name());
}

void expect_heard_here()
{
    asio::io_context loop;
    asio::signal_set signals(loop, SIGUSR1);
    bool heard = false;
    signals.async_wait([&](boost::system::error_code ec, int) { heard = !ec; });
    std::raise(SIGUSR1);
    loop.run_for(std::chrono::seconds(20));
    expect(heard, "a signal_set of the library's side heard nothing");
}

naru::task<> nothing(naru::session&)
{
    co_return;
}

} // namespace

int main()
{
    expect(library_end_of_file() == asio::error::eof, "library's eof, judged by the library's side");
    expect(header_judges_end_of_file(library_end_of_file()), "library's eof, judged by the header-only side");
    expect(header_end_of_file() == asio::error::eof, "header-only eof, judged by the library's side");
    expect_same_codes();
    expect_heard_here();
    expect(header_hears_a_signal(), "a signal_set of the header-only side heard nothing");

    // With two signal states the server below would wait for ever.
    if (failures != 0)
        return failures;

    naru::server server;
    server.listen("tcp://127.0.0.1:0", naru::raw(nothing));
    expect(server.run([] { std::raise(SIGTERM); }) == 0, "the server did not hear SIGTERM");
    return failures;
}
