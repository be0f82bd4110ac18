// naru-demo: raw sockets and HTTP side by side, both answering the same questions.

#include "command_line.hpp"
#include "http_side.hpp"
#include "questions.hpp"
#include "rooms.hpp"
#include "telnet_side.hpp"

#include <naru/naru.hpp>

#include <exception>
#include <iostream>

namespace
{

int serve(const demo::wishes& wanted)
{
    demo::rooms rooms; // before the server: its last sessions still leave their rooms

    naru::server_options options;
    options.threads = wanted.threads;
    options.drain = wanted.drain;
    options.log.level = wanted.log_level;
    options.log.json = wanted.log_json;
    naru::server server(options);
    demo::questions asked(server, rooms);

    for (const std::string& at : wanted.raw)
        asked.show("raw", server.listen(at, demo::telnet_side(asked, wanted.idle)));
    for (const std::string& at : wanted.http)
        asked.show("http", server.listen(at, demo::http_side(asked, wanted.one_shot)));
    const auto announce = [&asked]
    {
        for (const auto& each : asked.stats())
            std::cout << "listening " << each.kind << " " << each.endpoint << "\n";
        std::cout << std::flush;
    };
    return server.run(announce);
}

} // namespace

int main(int argc, char** argv)
{
    int status = 0;
    const auto wanted = demo::read_command_line(argc, argv, status);
    if (!wanted)
        return status;
    try
    {
        return serve(*wanted);
    }
    catch (const std::exception& e)
    {
        std::cerr << "naru-demo: " << e.what() << "\n";
        return 1;
    }
}
