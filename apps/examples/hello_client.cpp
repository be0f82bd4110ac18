// The client's sequence: socket, connect. `hello_client ADDRESS PORT` prints what the server says.

#include <naru/naru.hpp>

#include <charconv>
#include <cstring>
#include <iostream>

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
    const char* const end = argc == 3 ? argv[2] + std::strlen(argv[2]) : nullptr;
    const auto number = argc == 3 ? std::from_chars(argv[2], end, port) : std::from_chars_result{nullptr, {}};
    if (argc != 3 || number.ec != std::errc{} || number.ptr != end || port == 0)
    {
        std::cerr
            << "hello_client: ADDRESS and PORT (1 to 65535) are needed; try hello_client 127.0.0.1 9190\n";
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
