#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace conformance
{

/// A TCP connection to a port of this host, with blocking calls. What is sent goes out at once, each call a
/// segment.
class client
{
  public:
    enum class event
    {
        bytes,
        finished, ///< the server's FIN
        reset,
        silence, ///< nothing for as long as the client is patient
    };

    /// Longer than a loaded machine under a sanitizer needs, shorter than any deadline of the server.
    static constexpr std::chrono::milliseconds usual_patience{5000};

    /// Throws std::system_error.
    explicit client(std::uint16_t port, std::chrono::milliseconds patience = usual_patience);
    client(const client&) = delete;
    client& operator=(const client&) = delete;
    ~client();

    /// False when the server no longer takes bytes; what it has said before can still be received.
    bool send(std::string_view bytes);

    /// Sends the FIN; receiving goes on.
    void finish();

    /// Waits for what comes next. With event::bytes it is in `received`, good until the next call.
    event receive(std::string_view& received);

  private:
    int fd_ = -1;
    std::array<char, 16 * 1024> buffer_;
};

} // namespace conformance
