#pragma once

#include "connection.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace compare
{

/// As much of an HTTP client as this needs: it reads an answer by its Content-Length.
class http_client
{
  public:
    explicit http_client(const naru::endpoint& to) : to_(to) {}

    /// Sends a whole request on the connection that is there, or on a new one, and gives the body of a 200;
    /// good until the next call. Throws std::runtime_error for any other answer.
    std::string_view ask(std::string_view request);

    /// After the answer: reads on to the server's end, and closes.
    void finish();

    unsigned opened() const noexcept { return opened_; }

  private:
    bool receive_more();

    naru::endpoint to_;
    std::optional<connection> connection_;
    std::vector<char> room_ = std::vector<char>(64 * 1024);
    std::string answer_;
    unsigned opened_ = 0;
};

/// A request with a body for this server; without one when `body` is empty.
std::string write_request(std::string_view method, std::string_view target, const naru::endpoint& to,
                          std::string_view body = {});

} // namespace compare
