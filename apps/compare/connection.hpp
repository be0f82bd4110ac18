#pragma once

#include <naru/net/endpoint.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace compare
{

/// The client's side of a connection: a socket with blocking calls and nothing in between, so that it costs
/// as little as a client can. Failures, and silence of ten seconds, are thrown as `naru::error`.
class connection
{
  public:
    /// socket, connect. `to` is numeric IPv4, or an abstract Unix name.
    explicit connection(const naru::endpoint& to);
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    ~connection();

    void send(std::string_view bytes);
    /// At least one byte; 0 at the server's end.
    std::size_t receive(std::span<char> room);

  private:
    [[noreturn]] void fail(const char* step) const;

    const naru::endpoint to_;
    int fd_ = -1;
};

} // namespace compare
