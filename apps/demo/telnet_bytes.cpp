#include "telnet_bytes.hpp"

#include "typed_lines.hpp"

namespace demo
{

namespace
{

// RFC 854, page 14.
constexpr unsigned char sub_end = 240;
constexpr unsigned char are_you_there = 246;
constexpr unsigned char erase_character = 247;
constexpr unsigned char erase_line = 248;
constexpr unsigned char sub_begin = 250;
constexpr unsigned char will = 251;
constexpr unsigned char wont = 252;
constexpr unsigned char do_it = 253;
constexpr unsigned char dont = 254;
constexpr unsigned char iac = 255;

} // namespace

void telnet_bytes::take(std::string_view bytes, std::string& typed, std::string& answer)
{
    for (const char c : bytes)
    {
        const auto byte = static_cast<unsigned char>(c);
        switch (at_)
        {
        case place::text:
            if (byte == iac)
                at_ = place::command;
            else
                typed += c;
            break;
        case place::command:
            at_ = place::text;
            if (byte == iac)
                typed += c;
            else if (byte == are_you_there)
                answer += "\r\n[here]\r\n";
            else if (byte == erase_character)
                typed += '\b';
            else if (byte == erase_line)
                typed += typed_lines::erase_all;
            else if (byte == sub_begin)
                at_ = place::sub_negotiation;
            else if (byte >= will && byte <= dont)
            {
                verb_ = byte;
                at_ = place::option;
            }
            break;
        case place::option:
            at_ = place::text;
            decline(c, answer);
            break;
        case place::sub_negotiation:
            if (byte == iac)
                at_ = place::sub_command;
            break;
        case place::sub_command:
            at_ = byte == sub_end ? place::text : place::sub_negotiation;
            break;
        }
    }
}

/// WONT and DONT say what is so already, and are not answered: that is what keeps two telnets from talking
/// for ever.
void telnet_bytes::decline(char option, std::string& answer)
{
    if ((verb_ != will && verb_ != do_it) || refusals_left_ == 0)
        return;
    --refusals_left_;
    answer += static_cast<char>(iac);
    answer += static_cast<char>(verb_ == do_it ? wont : dont);
    answer += option;
}

} // namespace demo
