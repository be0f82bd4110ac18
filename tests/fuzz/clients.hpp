#pragma once

#include "script.hpp"

#include <naru/testing/loopback.hpp>

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz
{

/// The clients of one server in memory. They do what a script says, and after each step they compare the
/// server's figures with what they have seen.
class clients
{
  public:
    struct client
    {
        naru::testing::memory_peer end;
        std::string sent;
        std::size_t received = 0;
        bool finished = false;
        bool broken = false; // reset, or a read or a write was made to fail
    };

    struct hooks
    {
        /// Client `index` has received `bytes`.
        std::function<void(std::size_t index, std::string_view bytes)> received;
        /// Something from outside of the connection of client `index`.
        std::function<void(std::size_t index)> outside;
        std::function<void()> ring_all;
    };

    clients(naru::testing::loopback& server, script& steps, std::span<const std::string_view> words,
            hooks seen);

    /// The first client connects; then as the script says, until it is over.
    void play();

    /// Every client takes what there is and finishes, until no session is left.
    void end_in_order();
    /// stop(), after which no session is left.
    void end_by_stop();

    const client& at(std::size_t index) const { return all_.at(index); }
    std::size_t count() const noexcept { return all_.size(); }
    /// Nobody broke a connection, and the server was not stopped.
    bool undisturbed() const;

  private:
    void run();
    void step(std::size_t what);
    void connect();
    void send(std::string bytes);
    void send_slowly(std::string_view bytes);
    void take(std::size_t index, std::size_t at_most);
    void take_all();
    void change_script(client& of);
    void make_fail(client& of);
    void check();

    naru::testing::loopback& server_;
    script& steps_;
    std::span<const std::string_view> words_;
    hooks seen_;
    std::vector<client> all_;
    std::size_t current_ = 0;
    bool draining_ = false;
    bool stopped_ = false;
};

} // namespace fuzz
