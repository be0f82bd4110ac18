// The server's sequence: socket, bind, listen, accept. `hello_server PORT` greets whoever connects.

#include <naru/naru.hpp>

#include <iostream>
#include <string>
#include <string_view>

namespace
{

// Runs for each connection, on the socket that accept() has made for it. A socket is a file: write() puts
// bytes into it, and when this returns it is closed.
naru::task<> greet(naru::session& s)
{
    co_await s.write("Hello World!\r\n");
}

} // namespace

constexpr std::string_view usage = "usage: hello_server PORT: greets each client, for example on port 9191\n";

int main(int argc, char** argv)
{
    const bool help = argc == 2 && std::string_view(argv[1]) == "--help";
    if (help || argc != 2)
    {
        (help ? std::cout : std::cerr) << usage;
        return help ? 0 : 2;
    }

    // Every address of this machine, INADDR_ANY, and this port.
    const auto here = naru::endpoint::parse(std::string("tcp://0.0.0.0:") + argv[1]);
    if (!here)
    {
        std::cerr << "hello_server: '" << argv[1] << "' is not a PORT (0 to 65535); try hello_server 9191\n";
        return 2;
    }

    try
    {
        naru::server server;
        // 1. socket() makes the socket, a file descriptor; 2. bind() gives it address and port; 3. listen()
        // makes the queue in which connections wait.
        const naru::listener at = server.listen(*here, naru::raw(greet));
        std::cout << "listening raw " << at.local().text() << std::endl;
        // 4. accept() takes them out of the queue, one after the other, until SIGTERM or Ctrl-C.
        return server.run();
    }
    catch (const naru::error& e)
    {
        std::cerr << "hello_server: " << e.what() << "\n";
        return 1;
    }
}
