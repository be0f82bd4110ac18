#pragma once

#include "newsroom.hpp"

#include <naru/net/endpoint.hpp>

#include <chrono>
#include <cstddef>
#include <memory>

namespace compare
{

/// Where each of the servers listens.
struct addresses
{
    naru::endpoint one_shot_http; ///< POST /echo
    naru::endpoint kept_http;     ///< POST /echo, GET /news?after=NUMBER
    naru::endpoint raw_tcp;       ///< a line for a line
    naru::endpoint raw_unix;      ///< the same
    naru::endpoint news;          ///< newsroom::serve
};

/// What is compared with what: four listeners of one server, on one shard, which send back what they get; and
/// two that tell the news. Serves from construction to destruction, on a thread of its own.
class servers
{
  public:
    /// For exchanges, and messages, of `bytes`.
    explicit servers(std::size_t bytes);
    servers(const servers&) = delete;
    servers& operator=(const servers&) = delete;
    ~servers();

    const addresses& at() const noexcept;

    newsroom& newsdesk() noexcept;

    /// CPU time of the server's thread since it began: its system calls included, the clients and relays not.
    std::chrono::nanoseconds cpu() const;

  private:
    class state;
    std::unique_ptr<state> state_;
};

} // namespace compare
