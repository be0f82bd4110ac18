#pragma once

#include <string>
#include <string_view>

namespace demo
{

/// The bytes of a telnet, RFC 854, taken apart: what was typed, and what belongs to telnet itself. Sans-IO:
/// bytes go in as they come, cut anywhere. A peer that is no telnet and never sends 0xff is not touched.
///
/// `IAC IAC` is the byte 0xff. To erase a character or the line are the keys that do so, a peer that asks
/// whether we are there is told, all other commands and sub-negotiations are dropped. Every option that the
/// peer wants or offers is declined, RFC 855, so that both sides stay with what every telnet can do: lines,
/// edited at the peer's end.
class telnet_bytes
{
  public:
    /// Appends to `typed` what was typed and to `answer` what telnet wants to be answered.
    void take(std::string_view bytes, std::string& typed, std::string& answer);

  private:
    enum class place
    {
        text,
        command,         // after IAC
        option,          // after IAC and WILL, WONT, DO or DONT
        sub_negotiation, // after IAC SB
        sub_command,     // and after an IAC in there
    };

    void decline(char option, std::string& answer);

    place at_ = place::text;
    unsigned char verb_ = 0;

    // A telnet asks for a dozen options. Who asks on and on only wants to be answered.
    unsigned refusals_left_ = 64;
};

} // namespace demo
