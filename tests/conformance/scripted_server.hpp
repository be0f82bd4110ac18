#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>

namespace conformance
{

/// A server for one connection that does what its script says, good or bad: what the tests of the runner run
/// against.
class scripted_server
{
  public:
    enum class last_act
    {
        finish, ///< FIN
        reset,  ///< RST
        wait,   ///< nothing until the client has finished
    };

    struct script
    {
        std::size_t await = 0;   ///< bytes of the client before the first answer
        std::string says;        ///< then this
        std::string then_says{}; ///< and this when further bytes have come
        last_act end = last_act::wait;
    };

    explicit scripted_server(script plays);
    scripted_server(const scripted_server&) = delete;
    scripted_server& operator=(const scripted_server&) = delete;
    ~scripted_server();

    std::uint16_t port() const noexcept { return port_; }

  private:
    void play(const script& plays) const;

    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::thread player_;
};

} // namespace conformance
