// The neighbour: Asio and Beast header-only, as a unit has them that knows nothing of Naru.
#if defined(BOOST_ASIO_SEPARATE_COMPILATION) || defined(BOOST_BEAST_SEPARATE_COMPILATION)
#error "this unit is the header-only one"
#endif

#include "sides.hpp"

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

namespace asio = boost::asio;
namespace beast = boost::beast;

boost::system::error_code header_end_of_file()
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

bool header_judges_end_of_file(boost::system::error_code ec)
{
    return ec == asio::error::eof;
}

std::vector<boost::system::error_code> header_codes()
{
    return {asio::error::eof, asio::error::host_not_found, asio::error::service_not_found,
            make_error_code(beast::http::error::end_of_stream),
            make_error_code(beast::websocket::error::closed)};
}

bool header_hears_a_signal()
{
    asio::io_context loop;
    asio::signal_set signals(loop, SIGUSR2);
    bool heard = false;
    signals.async_wait([&](boost::system::error_code ec, int) { heard = !ec; });
    std::raise(SIGUSR2);
    loop.run_for(std::chrono::seconds(20));
    return heard;
}
