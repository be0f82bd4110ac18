#pragma once

#include <naru/server/close_reason.hpp>

#include <chrono>
#include <cstdint>
#include <source_location>
#include <string>

namespace naru
{

/// What a session waits for: an operation, where in the code it was called, and for how long already.
struct awaited
{
    const char* operation = ""; ///< "read_line", "write", "request", …; "" while the handler runs, or awaits
                                ///< something that is not the session's
    const char* file = "";
    std::uint32_t line = 0;
    std::chrono::milliseconds since{0};
};

/// A picture of one session at one moment, for a page, a log or a test.
struct session_info
{
    std::uint64_t id = 0; ///< unique within the server, counted from 1
    std::string protocol; ///< "raw", "http"
    std::string listener; ///< the listener's endpoint
    std::string peer;     ///< `tcp://[::1]:50714`; `unix:` for a Unix peer without a name
    int descriptor = -1;
    unsigned shard = 0;
    std::chrono::milliseconds age{0};
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t bytes_waiting = 0; ///< in the outbox
    awaited awaits;
};

} // namespace naru
