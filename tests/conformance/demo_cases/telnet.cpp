#include "demo_cases.hpp"

namespace conformance
{
namespace
{

raw_case row(std::string name, std::string bytes, courses allowed, std::optional<exchange> then = {})
{
    return {std::move(name), "demo", std::move(bytes), std::move(allowed), std::move(then)};
}

// RFC 854, "TELNET command structure"; of the options, RFC 857, 858, 1073 and 1091.
const std::string iac = "\xff";
const std::string se = "\xf0";
const std::string sb = "\xfa";
const std::string will = "\xfb";
const std::string wont = "\xfc";
const std::string do_it = "\xfd";
const std::string dont = "\xfe";
const std::string echo_option = "\x01";
const std::string go_ahead_option = "\x03";
const std::string terminal_option = "\x18";
const std::string window_option = "\x1f";

std::string times(int count, const std::string& text)
{
    std::string all;
    for (int i = 0; i < count; ++i)
    {
        all += text;
    }
    return all;
}

/// A command of two bytes in the middle of a word.
raw_case dropped(std::string name, int command)
{
    return row(std::move(name), "ec" + iac + static_cast<char>(command) + "ho a\n", stays("a\r\n"));
}

} // namespace

// clang-format off
std::vector<raw_case> telnet_command_cases()
{
    return {
        dropped("se_that_ends_nothing", 240),
        dropped("no_operation", 241),
        dropped("data_mark", 242),
        dropped("break_key", 243),
        dropped("interrupt_process", 244),
        dropped("abort_output", 245),
        row("are_you_there", iac + "\xf6", stays("\r\n[here]\r\n")),
        row("erase_character", "echo ab" + iac + "\xf7\n", stays("a\r\n")),
        row("erase_line", "echo a" + iac + "\xf8" "echo b\n", stays("b\r\n")),
        dropped("go_ahead", 249),
        dropped("end_of_record_rfc_885", 239),
        dropped("abort_rfc_1184", 238),
        dropped("of_no_meaning", 0x80),
        row("first_of_all", iac + "\xf1" + "echo a\n", stays("a\r\n")),
        row("alone", iac + "\xf1", stays("")),
        row("many", times(500, iac + "\xf4") + "echo a\n", stays("a\r\n")),
        row("in_two", "ec" + iac, stays(""), exchange{"\xf1ho a\n", "a\r\n"}),
        row("after_return", "echo a\r" + iac + "\xf1\n" + "echo b\n", stays("a\r\nb\r\n")),

        row("escaped_byte_is_text", "echo a" + iac + iac + "b\n", stays("a\xef\xbf\xbd" "b\r\n")),
        row("escaped_byte_in_two", "echo a" + iac, stays(""), exchange{iac + "b\n", "a\xef\xbf\xbd" "b\r\n"}),
        row("escaped_byte_twice", "echo " + iac + iac + iac + iac + "\n",
            stays("\xef\xbf\xbd\xef\xbf\xbd\r\n")),
        row("escaped_byte_is_no_command", "echo " + iac + iac + do_it + echo_option + "a\n",
            stays("\xef\xbf\xbd\xef\xbf\xbd" "a\r\n")),
    };
}

std::vector<raw_case> telnet_option_cases()
{
    const std::string no_echo = iac + wont + echo_option;
    const std::string size = iac + sb + window_option;
    const std::string end = iac + se;
    const std::string wanted = iac + do_it + go_ahead_option;
    const std::string refused = iac + wont + go_ahead_option;

    return {
        row("wanted", iac + do_it + echo_option + "echo a\n", stays(no_echo + "a\r\n")),
        row("offered", iac + will + window_option + "echo a\n", stays(iac + dont + window_option + "a\r\n")),
        row("not_wanted", iac + dont + echo_option + "echo a\n", stays("a\r\n")),
        row("not_offered", iac + wont + window_option + "echo a\n", stays("a\r\n")),
        row("declined_before_a_line_ends", "echo a" + wanted, stays(refused), exchange{"\n", "a\r\n"}),
        row("in_a_word", "ec" + wanted + "ho a\n", stays(refused + "a\r\n")),
        row("without_its_option", "ec" + iac + do_it, stays(""),
            exchange{go_ahead_option + "ho a\n", refused + "a\r\n"}),
        row("between_two_lines", "echo a\n" + wanted + "echo b\n",
            any_course({stays("a\r\n" + refused + "b\r\n"), stays(refused + "a\r\nb\r\n")})),
        row("four_at_once",
            wanted + iac + will + echo_option + iac + dont + echo_option + iac + wont + echo_option,
            stays(refused + iac + dont + echo_option)),
        row("of_number_0", iac + do_it + literal("\0"), stays(iac + wont + literal("\0"))),
        row("of_number_10", "echo a" + iac + do_it + "\nb\n", stays(iac + wont + "\nab\r\n")),
        row("of_number_13", "echo a" + iac + will + "\rb\n", stays(iac + dont + "\rab\r\n")),
        row("of_number_255", iac + do_it + iac + "echo a\n", stays(iac + wont + iac + "a\r\n")),
        row("sixty_four", times(64, wanted) + "echo a\n", stays(times(64, refused) + "a\r\n")),
        row("more_than_any_telnet_asks_for", times(500, wanted) + "echo a\n",
            stays(times(64, refused) + "a\r\n")),
        row("as_telnet_opens", wanted + iac + will + go_ahead_option + iac + will + terminal_option
                + iac + will + window_option + "echo a\r\n",
            stays(refused + iac + dont + go_ahead_option + iac + dont + terminal_option
                + iac + dont + window_option + "a\r\n")),

        row("sub_negotiation", "ec" + size + literal("\0\x50\0\x18") + end + "ho a\n", stays("a\r\n")),
        row("sub_negotiation_of_nothing", "ec" + iac + sb + end + "ho a\n", stays("a\r\n")),
        row("sub_negotiation_with_the_escaped_byte", size + iac + iac + literal("\0\x18") + end + "echo a\n",
            stays("a\r\n")),
        row("sub_negotiation_with_its_end_escaped", size + iac + iac + se + "echo b\n" + end + "echo a\n",
            stays("a\r\n")),
        row("sub_negotiation_with_lines", iac + sb + terminal_option + "\r\nquit\r\n" + end + "echo a\n",
            stays("a\r\n")),
        row("sub_negotiation_with_a_command", size + iac + do_it + echo_option + end + "echo a\n",
            any_course({stays("a\r\n"), stays(no_echo + "a\r\n")})),
        row("sub_negotiation_twice", size + "abcd" + end + size + "efgh" + end + "echo a\n", stays("a\r\n")),
        row("sub_negotiation_in_two", "ec" + size + "ab" + iac, stays(""), exchange{se + "ho a\n", "a\r\n"}),
        row("sub_negotiation_of_100_kb", size + std::string(100'000, 'x') + end + "echo a\n", stays("a\r\n")),
        row("sub_negotiation_without_end", size + "quit\nquit\n", stays(""),
            exchange{end + "echo a\n", "a\r\n"}),
    };
}
// clang-format on

} // namespace conformance
