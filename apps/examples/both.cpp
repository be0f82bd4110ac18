// Raw sockets and HTTP in one process. example-both [RAW-ENDPOINT HTTP-ENDPOINT]

#include <naru/naru.hpp>

#include <iostream>

naru::task<> echo(naru::session& s) // one coroutine per accepted socket
{
    while (const auto line = co_await s.read_line()) // nullopt when the peer has finished
        co_await s.write(*line, "\r\n");
}

naru::http::response greet(const naru::http::request& r) // plain function or coroutine
{
    return naru::http::text("hello, " + r.param("name") + "\n");
}

int main(int argc, char** argv)
try
{
    naru::http::router site;
    site.get("/hello/{name}", greet);

    naru::server server({.threads = 2});
    const auto raw = server.listen(argc > 2 ? argv[1] : "tcp://127.0.0.1:9190", naru::raw(echo));
    const auto web = server.listen(argc > 2 ? argv[2] : "tcp://127.0.0.1:8080", naru::http::serve(site));
    std::cout << "listening raw " << raw.local().text() << "\nlistening http " << web.local().text()
              << std::endl;
    return server.run(); // SIGTERM drains, a second one stops
}
catch (const naru::error& e)
{
    std::cerr << e.what() << "\n";
    return 1;
}
