// An HTTP server: plain functions and coroutines answer. example-http-hello [ENDPOINT]

#include <naru/naru.hpp>

#include <boost/json/object.hpp>

#include <iostream>

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

int main(int argc, char** argv)
try
{
    http::router site;
    site.get("/hello/{name}", greet);
    site.post("/measure", measure);

    naru::server server;
    const auto at = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:8080", http::serve(site));
    std::cout << "listening http " << at.local().text() << std::endl;
    return server.run();
}
catch (const naru::error& e)
{
    std::cerr << e.what() << "\n";
    return 1;
}
