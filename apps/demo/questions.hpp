#pragma once

#include "rooms.hpp"

#include <naru/base/task.hpp>
#include <naru/server/listener.hpp>
#include <naru/server/session_info.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace naru
{
class server;
}

namespace demo
{

/// What can be asked, by telnet and by HTTP alike: each side reads a question, calls one of these and writes
/// the answer down its own way. Whatever comes from outside is checked and cleaned here, once. Throws
/// `refusal`. Any thread.
class questions
{
  public:
    /// Both have to be there for as long as questions are asked.
    questions(naru::server& asked_about, rooms& all) : server_(asked_about), rooms_(all) {}

    /// A listener that is to be counted and shown; before the server serves.
    void show(std::string kind, naru::listener at);

    std::string hello(std::string_view name) const;
    std::string time() const;
    std::string echo(std::string_view text) const;

    /// A name or room as it is to be used, or a refusal that says what is allowed.
    static std::string name(std::string_view wanted);
    static std::string room(std::string_view wanted);

    rooms::seat join(std::string_view room, std::string_view name, const naru::session_ref& who);
    std::size_t say(std::string_view room, std::string_view from, std::string_view text);
    rooms::picture who(std::string_view room) const;

    struct listener_stats
    {
        std::string kind; ///< "raw", "http"
        std::string endpoint;
        naru::listener_figures figures;
    };
    std::vector<listener_stats> stats() const;

    naru::task<std::vector<naru::session_info>> sessions() const;

    bool going_down() const noexcept;

    static constexpr std::size_t longest_name = 32;   ///< characters
    static constexpr std::size_t longest_room = 32;   ///< characters
    static constexpr std::size_t longest_text = 1000; ///< bytes

  private:
    struct shown
    {
        std::string kind;
        naru::listener at;
    };

    naru::server& server_;
    rooms& rooms_;
    std::vector<shown> listeners_;
};

} // namespace demo
