// The client's sequence: socket, connect. `hello_client ADDRESS PORT` prints what the server says.

#include <naru/naru.hpp>

#include <charconv>
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

int main(int argc, char** argv)
{
    std::uint16_t port = 0;
    const std::string_view digits(argc == 3 ? argv[2] : "");
    const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (wrong != std::errc{} || end != digits.data() + digits.size() || port == 0)
    {
        std::cerr << "hello_client: '" << digits << "' is no PORT; try hello_client 127.0.0.1 9190\n";
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
