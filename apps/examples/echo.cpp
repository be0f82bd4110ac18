// A raw server: every line comes back. example-echo [ENDPOINT]

#include <naru/naru.hpp>

#include <iostream>
#include <string_view>

naru::task<> echo(naru::session& s)
{
    while (const auto line = co_await s.read_line())
        co_await s.write(*line, "\r\n");
}

constexpr std::string_view usage =
    "usage: example-echo [ENDPOINT]: sends every line back, on tcp://127.0.0.1:9191 by default\n";

int main(int argc, char** argv)
try
{
    const bool help = argc == 2 && std::string_view(argv[1]) == "--help";
    if (help || argc > 2)
    {
        (help ? std::cout : std::cerr) << usage;
        return help ? 0 : 2;
    }

    naru::server server;
    const auto at = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9191", naru::raw(echo));
    std::cout << "listening raw " << at.local().text() << std::endl;
    return server.run();
}
catch (const naru::error& e) // a port in use, a bad endpoint: one line that says what, where and why
{
    std::cerr << "example-echo: " << e.what() << "\n";
    return e.code() == naru::errc::bad_endpoint ? 2 : 1;
}
