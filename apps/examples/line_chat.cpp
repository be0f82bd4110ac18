// A line from anyone goes to everyone. example-line-chat [ENDPOINT]

#include <naru/naru.hpp>

#include <iostream>
#include <set>

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

int main(int argc, char** argv)
{
    naru::server server({.threads = 1});
    const auto at = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9190", naru::raw(chat));
    std::cout << "listening raw " << at.local().text() << std::endl;
    return server.run();
}
