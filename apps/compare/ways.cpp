#include "ways.hpp"

#include "connection.hpp"
#include "http_client.hpp"
#include "servers.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace compare
{

namespace
{

/// The same bytes on every way: a line.
std::string payload_of(std::size_t bytes)
{
    return std::string(bytes - 1, 'n') + '\n';
}

void expect_same(std::string_view sent, std::string_view came)
{
    if (sent != came)
        throw std::runtime_error("what came back is not what was sent");
}

class http_exchanger final : public exchanger
{
  public:
    http_exchanger(const naru::endpoint& to, std::size_t bytes, bool one_shot)
        : client_(to), payload_(payload_of(bytes)), request_(write_request("POST", "/echo", to, payload_)),
          one_shot_(one_shot)
    {
    }

    void exchange() override
    {
        expect_same(payload_, client_.ask(request_));
        if (one_shot_)
            client_.finish();
    }

    unsigned opened() const noexcept override { return client_.opened(); }

  private:
    http_client client_;
    const std::string payload_;
    const std::string request_;
    const bool one_shot_;
};

class raw_exchanger final : public exchanger
{
  public:
    raw_exchanger(const naru::endpoint& to, std::size_t bytes)
        : to_(to), payload_(payload_of(bytes)), answer_(bytes)
    {
    }

    void exchange() override
    {
        if (!connection_)
            connection_.emplace(to_);
        connection_->send(payload_);
        for (std::span<char> room = answer_; !room.empty();)
        {
            const std::size_t got = connection_->receive(room);
            if (got == 0)
                throw std::runtime_error("the server ended in the middle of a line");
            room = room.subspan(got);
        }
        expect_same(payload_, {answer_.data(), answer_.size()});
    }

    unsigned opened() const noexcept override { return connection_ ? 1 : 0; }

  private:
    const naru::endpoint to_;
    const std::string payload_;
    std::vector<char> answer_;
    std::optional<connection> connection_;
};

} // namespace

std::string_view name_of(way which) noexcept
{
    constexpr std::array<std::string_view, 4> names{"one_shot_http", "kept_http", "raw_tcp", "raw_unix"};
    return names[static_cast<std::size_t>(which)];
}

std::string_view title_of(way which) noexcept
{
    constexpr std::array<std::string_view, 4> titles{"one-shot HTTP", "kept HTTP", "TCP socket",
                                                     "Unix socket"};
    return titles[static_cast<std::size_t>(which)];
}

const naru::endpoint& address_of(way which, const addresses& all) noexcept
{
    const std::array<const naru::endpoint*, 4> in_order{&all.one_shot_http, &all.kept_http, &all.raw_tcp,
                                                        &all.raw_unix};
    return *in_order[static_cast<std::size_t>(which)];
}

std::unique_ptr<exchanger> make_exchanger(way which, const naru::endpoint& to, std::size_t bytes)
{
    if (which == way::one_shot_http || which == way::kept_http)
        return std::make_unique<http_exchanger>(to, bytes, which == way::one_shot_http);
    return std::make_unique<raw_exchanger>(to, bytes);
}

} // namespace compare
