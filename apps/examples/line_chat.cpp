// A line from anyone goes to everyone. example-line-chat [ENDPOINT]

#include <naru/naru.hpp>

#include <iostream>
#include <set>
#include <string_view>

std::set<naru::session*> present; // one shard, one thread: no lock

naru::task<> chat(naru::session& me)
{
    struct seat // given back however the session ends
    {
        naru::session* who;
        ~seat() { present.erase(who); }
    } const mine{*present.insert(&me).first};
    while (const auto line = co_await me.read_line())
        for (naru::session* each : present)
            each->send(*line, "\r\n");
}

constexpr std::string_view usage =
    "usage: example-line-chat [ENDPOINT]: sends every line to all, on tcp://127.0.0.1:9191 by default\n";

int main(int argc, char** argv)
try
{
    const bool help = argc == 2 && std::string_view(argv[1]) == "--help";
    if (help || argc > 2)
    {
        (help ? std::cout : std::cerr) << usage;
        return help ? 0 : 2;
    }

    naru::server server({.threads = 1});
    const auto at = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9191", naru::raw(chat));
    std::cout << "listening raw " << at.local().text() << std::endl;
    return server.run();
}
catch (const naru::error& e) // a port in use, a bad endpoint: one line that says what, where and why
{
    std::cerr << "example-line-chat: " << e.what() << "\n";
    return e.code() == naru::errc::bad_endpoint ? 2 : 1;
}
