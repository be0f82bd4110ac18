// Raw sockets and HTTP in one process. example-both [RAW-ENDPOINT HTTP-ENDPOINT]

#include <naru/naru.hpp>

#include <iostream>
#include <string_view>

naru::task<> echo(naru::session& s) // one coroutine per accepted socket
{
    while (const auto line = co_await s.read_line()) // nullopt when the peer has finished
        co_await s.write(*line, "\r\n");
}

naru::http::response greet(const naru::http::request& r) // plain function or coroutine
{
    return naru::http::text("hello, " + r.param("name") + "\n");
}

constexpr std::string_view usage =
    "usage: example-both [RAW-ENDPOINT HTTP-ENDPOINT]: echoes lines and serves /hello/NAME, by default on "
    "tcp://127.0.0.1:9191 and tcp://127.0.0.1:8081\n";

int main(int argc, char** argv)
try
{
    const bool help = argc == 2 && std::string_view(argv[1]) == "--help";
    if (help || (argc != 1 && argc != 3))
    {
        (help ? std::cout : std::cerr) << usage;
        return help ? 0 : 2;
    }

    naru::http::router site;
    site.get("/hello/{name}", greet);

    naru::server server({.threads = 2});
    const auto raw = server.listen(argc > 2 ? argv[1] : "tcp://127.0.0.1:9191", naru::raw(echo));
    const auto web = server.listen(argc > 2 ? argv[2] : "tcp://127.0.0.1:8081", naru::http::serve(site));
    std::cout << "listening raw " << raw.local().text() << "\nlistening http " << web.local().text()
              << std::endl;
    return server.run(); // SIGTERM drains, a second one stops
}
catch (const naru::error& e) // a port in use, a bad endpoint: one line that says what, where and why
{
    std::cerr << "example-both: " << e.what() << "\n";
    return e.code() == naru::errc::bad_endpoint ? 2 : 1;
}
