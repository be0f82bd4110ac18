#pragma once

#include <naru/naru.hpp>

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace embedding
{

/// One client's socket, blocking, with a deadline that only a failure reaches.
class client
{
  public:
    explicit client(const naru::endpoint& to);
    client(client&& from) noexcept;
    client& operator=(client&&) = delete;
    ~client();

    void send(std::string_view bytes) const;
    /// So many bytes.
    std::string read(std::size_t size) const;
    /// What comes until the server has finished or cut the connection.
    std::string rest() const;
    void close();

  private:
    int socket_ = -1;
};

/// What the server under test serves, and how it stands with its handlers.
struct site
{
    std::atomic<bool> gate_open{false};      ///< what gated handlers wait for
    std::atomic<std::size_t> in_handlers{0}; ///< entered: gated, for ever, and those who write to nobody

    naru::protocol raw();
    naru::protocol http();

  private:
    naru::task<> serve(naru::session& s);
    naru::task<naru::http::response> gated(const naru::http::request& r);
    naru::task<> wait_for_ever();
};

void wait_until_entered(const site& at, std::size_t handlers);

/// Clients in every state that a session can be in, `each` of every kind, all seen by the server.
struct crowd
{
    static constexpr std::size_t kinds = 11;

    std::vector<client> idle_raw;
    std::vector<client> mid_line;
    std::vector<client> in_timer;      ///< the raw handler waits for something that never comes
    std::vector<client> not_reading;   ///< the raw handler writes what nobody reads
    std::vector<client> lingering_raw; ///< the raw handler has returned, and the client has not finished
    std::vector<client> idle_http;
    std::vector<client> half_head;
    std::vector<client> half_body;
    std::vector<client> gated;          ///< the HTTP handler waits, and will be let go
    std::vector<client> stuck;          ///< the HTTP handler waits for ever
    std::vector<client> lingering_http; ///< answered `Connection: close`, and the client has not finished

    crowd(naru::listener raw, naru::listener http, site& at, std::size_t each);

    std::size_t size() const noexcept { return kinds * idle_raw.size(); }
};

} // namespace embedding
