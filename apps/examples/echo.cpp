// A raw server: every line comes back. example-echo [ENDPOINT]

#include <naru/naru.hpp>

#include <iostream>

naru::task<> echo(naru::session& s)
{
    while (const auto line = co_await s.read_line())
        co_await s.write(*line, "\r\n");
}

int main(int argc, char** argv)
try
{
    naru::server server;
    const auto at = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9190", naru::raw(echo));
    std::cout << "listening raw " << at.local().text() << std::endl;
    return server.run();
}
catch (const naru::error& e)
{
    std::cerr << e.what() << "\n";
    return 1;
}
