// An HTTP server: plain functions and coroutines answer. example-http-hello [ENDPOINT]

#include <naru/naru.hpp>

#include <boost/json/object.hpp>

#include <iostream>
#include <string_view>

namespace http = naru::http;

http::response greet(const http::request& r)
{
    return http::text("hello, " + r.param("name") + "\n");
}

// A handler that has to wait for something is a coroutine; meanwhile its shard serves others.
naru::task<http::response> measure(const http::request& r)
{
    co_return http::json({{"bytes", r.body().size()}});
}

constexpr std::string_view usage =
    "usage: example-http-hello [ENDPOINT]: serves /hello/NAME, on tcp://127.0.0.1:8081 by default\n";

int main(int argc, char** argv)
try
{
    const bool help = argc == 2 && std::string_view(argv[1]) == "--help";
    if (help || argc > 2)
    {
        (help ? std::cout : std::cerr) << usage;
        return help ? 0 : 2;
    }

    http::router site;
    site.get("/hello/{name}", greet);
    site.post("/measure", measure);

    naru::server server;
    const auto at = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:8081", http::serve(site));
    std::cout << "listening http " << at.local().text() << std::endl;
    return server.run();
}
catch (const naru::error& e) // a port in use, a bad endpoint: one line that says what, where and why
{
    std::cerr << "example-http-hello: " << e.what() << "\n";
    return e.code() == naru::errc::bad_endpoint ? 2 : 1;
}
