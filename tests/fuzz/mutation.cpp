#include "mutation.hpp"

#include <algorithm>

namespace fuzz
{
namespace
{

using namespace std::string_view_literals;

// What HTTP/1.1 is made of, and what it must not be made of.
constexpr std::string_view words[] = {
    "\r\n"sv,
    "\r\n\r\n"sv,
    "\n"sv,
    "\r"sv,
    " "sv,
    "\t"sv,
    ":"sv,
    ";"sv,
    ","sv,
    "\0"sv,
    "\x7f"sv,
    "\xff"sv,
    "\""sv,
    "0"sv,
    "5"sv,
    "ffffffffffffffff"sv,
    "0\r\n\r\n"sv,
    "5\r\nhello\r\n"sv,
    "GET /probe HTTP/1.1\r\nHost: a\r\n\r\n"sv,
    "Host: a\r\n"sv,
    "Content-Length: 5\r\n"sv,
    "Content-Length: 0\r\n"sv,
    "Transfer-Encoding: chunked\r\n"sv,
    "Transfer-Encoding: "sv,
    "Connection: close\r\n"sv,
    "Connection: keep-alive\r\n"sv,
    "HTTP/1.0"sv,
    "HTTP/1.1"sv,
    "POST /echo "sv,
    "OPTIONS * "sv,
    "http://b"sv,
    "%2e%2e/"sv,
    "%"sv,
    "?"sv,
    "/"sv,
    " HTTP/1.1\r\n"sv,
    "X: y\r\n z\r\n"sv,
};

void change(std::string& message, const std::vector<std::string>& corpus, chance& by)
{
    const std::size_t at = by.below(message.size() + 1);
    const std::size_t size = std::min(by.below(by.one_in(4) ? 64 : 4) + 1, message.size() - at);
    switch (by.below(7))
    {
    case 0:
        if (at < message.size())
            message[at] = static_cast<char>(by.below(256));
        break;
    case 1:
        if (at < message.size())
            message[at] = static_cast<char>(message[at] ^ (1 << by.below(8)));
        break;
    case 2:
        message.erase(at, size);
        break;
    case 3:
        message.insert(at, message.substr(at, size));
        break;
    case 4:
    case 5:
        message.insert(at, words[by.below(std::size(words))]);
        break;
    case 6:
    {
        const std::string& other = corpus[by.below(corpus.size())];
        message = message.substr(0, at) + other.substr(by.below(other.size() + 1));
        break;
    }
    }
}

} // namespace

std::string mutate(std::string message, const std::vector<std::string>& corpus, chance& by)
{
    for (std::size_t times = by.below(4) + 1; times > 0; --times)
        change(message, corpus, by);
    return message;
}

} // namespace fuzz
