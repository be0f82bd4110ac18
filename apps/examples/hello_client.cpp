// The client's sequence: socket, connect. `hello_client ADDRESS PORT` prints what the server says.

#include <naru/naru.hpp>

#include <charconv>
#include <cstdint>
#include <iostream>
#include <string_view>

namespace
{

// The socket is connected. It is a file: read() gives its bytes, until the server has closed its end.
naru::task<> listen_to(naru::session& s)
{
    while (const auto bytes = co_await s.read_some())
        std::cout << *bytes << std::flush;
}

} // namespace

constexpr std::string_view usage =
    "usage: hello_client ADDRESS PORT: prints what the server says, for example 127.0.0.1 9191\n";

int main(int argc, char** argv)
{
    const bool help = argc == 2 && std::string_view(argv[1]) == "--help";
    if (help || argc != 3)
    {
        (help ? std::cout : std::cerr) << usage;
        return help ? 0 : 2;
    }

    std::uint16_t port = 0;
    const std::string_view digits(argv[2]);
    const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (wrong != std::errc{} || end != digits.data() + digits.size() || port == 0)
    {
        std::cerr << "hello_client: '" << digits
                  << "' is not a PORT (1 to 65535); try hello_client 127.0.0.1 9191\n";
        return 2;
    }

    try
    {
        // 1. socket() makes the socket; 2. connect() reaches for address and port; then read() and write() as
        // often as the two sides like.
        naru::dial(naru::endpoint::tcp(argv[1], port).text(), listen_to);
        return 0;
    }
    catch (const naru::error& e)
    {
        std::cerr << "hello_client: " << e.what() << "\n";
        return e.code() == naru::errc::bad_endpoint ? 2 : 1;
    }
}
