// bench-beast PORT: Hello, World! the way that Beast's own awaitable example does HTTP: string_body, a
// flat_buffer, one async_read and one async_write an exchange, the deadline in tcp_stream.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <sys/resource.h>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using tcp_stream = asio::use_awaitable_t<>::as_default_on_t<beast::tcp_stream>;
using acceptor = asio::use_awaitable_t<>::as_default_on_t<tcp::acceptor>;

namespace
{

http::message_generator answer(const http::request<http::string_body>& request)
{
    const std::string_view target(request.target().data(), request.target().size());
    const bool found = request.method() == http::verb::get && (target == "/" || target.starts_with("/?"));
    http::response<http::string_body> response(found ? http::status::ok : http::status::not_found,
                                               request.version());
    response.set(http::field::server, BOOST_BEAST_VERSION_STRING);
    response.set(http::field::content_type, "text/plain");
    response.keep_alive(request.keep_alive());
    response.body() = found ? "Hello, World!" : "not found\n";
    response.prepare_payload();
    return response;
}

asio::awaitable<void> serve(tcp_stream stream)
{
    beast::flat_buffer buffer;
    try
    {
        for (;;)
        {
            stream.expires_after(std::chrono::seconds(30));
            http::request<http::string_body> request;
            co_await http::async_read(stream, buffer, request);
            http::message_generator response = answer(request);
            const bool keep_alive = response.keep_alive();
            co_await beast::async_write(stream, std::move(response), asio::use_awaitable);
            if (!keep_alive)
            {
                break;
            }
        }
    }
    catch (const boost::system::system_error&)
    {
        // the peer has gone, or its time is over
    }
    beast::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

asio::awaitable<void> listen(unsigned short port)
{
    const tcp::endpoint loopback(asio::ip::address_v4::loopback(), port);
    acceptor listener(co_await asio::this_coro::executor, loopback);
    std::cout << "listening http tcp://127.0.0.1:" << listener.local_endpoint().port() << std::endl;
    for (;;)
    {
        tcp_stream stream(co_await listener.async_accept());
        // The example leaves Nagle on, and then every pipelined burst waits 40 ms for a delayed
        // acknowledgement.
        beast::error_code ignored;
        stream.socket().set_option(tcp::no_delay(true), ignored);
        asio::co_spawn(listener.get_executor(), serve(std::move(stream)), asio::detached);
    }
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2)
    {
        std::cerr << "usage: bench-beast PORT\n";
        return 2;
    }
    rlimit descriptors{};
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);

    asio::io_context context(1);
    asio::co_spawn(context, listen(static_cast<unsigned short>(std::atoi(argv[1]))),
                   [](std::exception_ptr failure)
                   {
                       if (failure)
                       {
                           std::rethrow_exception(failure);
                       }
                   });
    try
    {
        context.run();
    }
    catch (const std::exception& failure)
    {
        std::cerr << "bench-beast: " << failure.what() << '\n';
        return 1;
    }
}
