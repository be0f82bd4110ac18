#include "demo_cases.hpp"

namespace conformance
{
namespace
{

raw_case row(std::string name, std::string bytes, courses allowed, std::optional<exchange> then = {})
{
    return {std::move(name), "demo", std::move(bytes), std::move(allowed), std::move(then)};
}

std::string spoken(int count)
{
    std::string all;
    for (int i = 1; i <= count; ++i)
    {
        all += std::to_string(i) + " of " + std::to_string(count) + " at #-#-#T#:#:#.#Z\r\n";
    }
    return all;
}

std::string x(std::size_t count)
{
    return std::string(count, 'x');
}

constexpr std::size_t longest_line = 1100;
constexpr std::size_t longest_text = 1000;

} // namespace

// clang-format off
std::vector<raw_case> stream_cases()
{
    const courses refused = stays("stream N [MS]: N is 1 to 1000, MS is 0 to 5000\r\n");

    return {
        row("one", "stream 1\n", stays(spoken(1))),
        row("three", "stream 3 1\n", stays(spoken(3))),
        row("at_the_limit", "stream 1000 0\n", stays(spoken(1000))),
        row("one_over", "stream 1001 0\n", refused),
        row("none", "stream 0\n", refused),
        row("fewer_than_none", "stream -1\n", refused),
        row("with_a_plus", "stream +1\n", refused),
        row("with_leading_zeros", "stream 003 00\n", stays(spoken(3))),
        row("without_numbers", "stream\n", refused),
        row("of_a_word", "stream x\n", refused),
        row("of_digits_and_letters", "stream 3x\n", refused),
        row("of_a_fraction", "stream 1.5\n", refused),
        row("of_hexadecimal", "stream 0x3\n", refused),
        row("of_other_digits", "stream \xd9\xa3\n", refused), // U+0663, three
        row("of_two_to_the_32nd", "stream 4294967296\n", refused),
        row("of_two_to_the_32nd_and_one", "stream 4294967297 0\n", refused),
        row("of_two_to_the_64th_and_one", "stream 18446744073709551617 0\n", refused),
        row("pace_at_the_limit", "stream 1 5000\n", stays(spoken(1))),
        row("pace_over", "stream 1 5001\n", refused),
        row("pace_below_none", "stream 3 -1\n", refused),
        row("pace_of_a_word", "stream 3 x\n", refused),
        row("pace_of_two_to_the_32nd", "stream 3 4294967296\n", refused),
        row("third_number", "stream 3 1 1\n", refused),
        row("with_a_comma", "stream 3,1\n", refused),
        row("with_extra_blanks", "  stream   2  \t 1  \n", stays(spoken(2))),
        row("answers_wait_for_its_end", "echo a\nstream 3 1\necho b\nstream 2 1\necho c\n",
            stays("a\r\n" + spoken(3) + "b\r\n" + spoken(2) + "c\r\n")),
        row("then_quit", "stream 2 1\nquit\n",
            closes(spoken(2) + "goodbye\r\n", naru::close_reason::handler_done)),
    };
}

std::vector<raw_case> bound_cases()
{
    const std::string over = "a line is at most 1100 bytes; yours was not obeyed\r\n";
    const std::string longest_echo = "echo " + x(longest_line - 5);
    const std::string longest_answer = x(longest_line - 5) + "\r\n";
    const std::string joined = "hello a\njoin bounds\n";
    const std::string in_room = "hello, a\r\nyou are a in bounds; here: a\r\n";
    const std::string too_much = "a message is at most 1000 bytes long\r\n";

    return {
        row("line_at_it_with_lf", longest_echo + "\n", stays(longest_answer)),
        row("line_at_it_with_crlf", longest_echo + "\r\n", stays(longest_answer)),
        row("line_at_it_with_cr", longest_echo + "\r", stays(longest_answer)),
        row("line_one_over", longest_echo + "x\n", stays(over)),
        row("line_one_over_with_crlf", longest_echo + "x\r\n", stays(over)),
        row("line_over_and_the_next_counts", longest_echo + "x\necho a\n", stays(over + "a\r\n")),
        row("line_over_begun", longest_echo + "xy", stays(""), exchange{"\necho a\n", over + "a\r\n"}),
        row("line_far_over", x(300'000) + "\n", stays(over)),
        row("line_of_blanks_over", std::string(longest_line + 1, ' ') + "\n", stays(over)),
        row("line_over_of_what_is_dropped", "echo a" + std::string(3000, '\x01') + "b\n", stays("ab\r\n")),
        row("line_over_of_telnet_bytes", "echo a" + std::string(3000, '\xff') + "b\n", stays(over)),
        row("line_at_it_twice", longest_echo + "\n" + longest_echo + "\n",
            stays(longest_answer + longest_answer)),
        row("line_over_of_quit", "quit" + std::string(longest_line, ' ') + "\n", stays(over)),

        row("message_at_it", joined + "say " + x(longest_text) + "\n",
            stays(in_room + "[bounds] a: " + x(longest_text) + "\r\n")),
        row("message_one_over", joined + "say " + x(longest_text + 1) + "\n", stays(in_room + too_much)),
        row("message_at_it_with_blanks_around", joined + "say   " + x(longest_text) + "   \n",
            stays(in_room + "[bounds] a: " + x(longest_text) + "\r\n")),
        // 400 bytes that are no UTF-8 become 1,200 bytes of U+FFFD: it is what others are sent that counts.
        row("message_that_grows_over_it", joined + "say " + std::string(400, '\x80') + "\n",
            stays(in_room + too_much)),
        row("message_of_nothing", joined + "say\n", stays(in_room + "there is nothing to say\r\n")),
        row("message_of_blanks", joined + "say  \t \n", stays(in_room + "there is nothing to say\r\n")),
        row("message_of_controls", joined + "say \x01\x1b\n", stays(in_room + "there is nothing to say\r\n")),
        row("message_of_writing_direction", joined + "say \xe2\x80\xae\n",
            stays(in_room + "there is nothing to say\r\n")),
    };
}

std::vector<raw_case> half_close_cases()
{
    const courses goodbye = any_course({ends("goodbye\r\n", naru::close_reason::handler_done),
                                        ends("goodbye\r\n", naru::close_reason::peer_closed)});

    return {
        row("before_anything", "", ends("")),
        row("after_a_line", "echo a\n", ends("a\r\n")),
        row("after_cr", "echo a\r", ends("a\r\n")),
        row("after_many_lines", "echo a\r\necho b\r\necho c\r\n", ends("a\r\nb\r\nc\r\n")),
        row("in_a_line", "echo a\necho b", ends("a\r\n")),
        row("in_the_first_line", "echo a", ends("")),
        row("in_a_line_over_its_bound", x(2000), ends("")),
        row("in_quit", "quit", ends("")),
        row("after_quit", "quit\n", goodbye),
        row("after_quit_and_more", "quit\necho a\n", goodbye),
        row("in_a_character", "echo \xeb\x82", ends("")),
        row("after_iac", "echo a\n\xff", ends("a\r\n")),
        row("after_iac_do", "echo a\n\xff\xfd", ends("a\r\n")),
        row("after_an_option", "\xff\xfd\x01", ends("\xff\xfc\x01")),
        row("in_a_sub_negotiation", "echo a\n\xff\xfa\x1fquit\n", ends("a\r\n")),
        row("after_iac_in_a_sub_negotiation", "echo a\n\xff\xfa\x1f\xff", ends("a\r\n")),
        row("during_a_stream", "stream 3 1\n", ends(spoken(3))),
        row("during_a_stream_with_a_line_waiting", "stream 3 1\necho a\n", ends(spoken(3) + "a\r\n")),
        row("in_a_room", "hello ann\njoin leaving\n",
            ends("hello, ann\r\nyou are ann in leaving; here: ann\r\n")),
    };
}
// clang-format on

} // namespace conformance
