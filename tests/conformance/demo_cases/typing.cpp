#include "demo_cases.hpp"

namespace conformance
{
namespace
{

constexpr const char* replacement = "\xef\xbf\xbd"; // U+FFFD

raw_case row(std::string name, std::string bytes, courses allowed, std::optional<exchange> then = {})
{
    return {std::move(name), "demo", std::move(bytes), std::move(allowed), std::move(then)};
}

/// `echo` of bytes that are not UTF-8: a mark for each of them, or one for all that belong together.
courses one_mark_or(int most)
{
    courses all;
    std::string marks;
    for (int i = 1; i <= most; ++i)
    {
        marks += replacement;
        const courses some = stays("a" + marks + "b\r\n");
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

} // namespace

// clang-format off
std::vector<raw_case> enter_key_cases()
{
    return {
        row("lf", "echo a\n", stays("a\r\n")),
        row("crlf", "echo a\r\n", stays("a\r\n")),
        row("cr_nul", literal("echo a\r\0echo b\r\0"), stays("a\r\nb\r\n")),
        row("cr", "echo a\recho b\r", stays("a\r\nb\r\n")),
        row("all_of_them", literal("echo a\necho b\r\necho c\r\0echo d\recho e\n"),
            stays("a\r\nb\r\nc\r\nd\r\ne\r\n")),
        row("crlf_in_two", "echo a\r", stays("a\r\n"), exchange{"\necho b\n", "b\r\n"}),
        row("cr_nul_in_two", "echo a\r", stays("a\r\n"), exchange{literal("\0echo b\n"), "b\r\n"}),
        row("lf_cr", "echo a\n\recho b\n\r", stays("a\r\nb\r\n")),
        row("empty_lines", literal("\n\r\n\r\0\r\n\n"), stays("")),
        row("lines_of_blanks", "  \n\t\r\n \t \n", stays("")),
        row("cr_cr_lf", "echo a\r\r\n", stays("a\r\n")),
        row("begun", "echo ha", stays(""), exchange{"lf\n", "half\r\n"}),
        row("end_between_telnet_bytes", "echo a\r\xff\xf1\necho b\n", stays("a\r\nb\r\n")),
    };
}

std::vector<raw_case> text_cases()
{
    return {
        row("backspace", "echo abX\bc\n", stays("abc\r\n")),
        row("delete", "echo abX\x7f" "c\n", stays("abc\r\n")),
        row("backspace_of_a_utf_8_character", "echo 나루\b\n", stays("나\r\n")),
        row("backspace_before_anything", "\b\x7f\becho a\n", stays("a\r\n")),
        row("backspace_stops_at_the_line", "echo a\n\b\b\becho b\n", stays("a\r\nb\r\n")),
        row("backspace_of_the_command", "ecXX\b\bho a\n", stays("a\r\n")),

        row("tab_is_a_blank", "\techo\ta\tb\t\n", stays("a b\r\n")),
        row("blanks_around", "   echo   a  b   \n", stays("a  b\r\n")),
        row("no_text", "echo\n", stays("\r\n")),
        row("nul_is_dropped", literal("ec\0ho a\0b\n"), stays("ab\r\n")),
        row("escape_is_dropped", "echo a\x1b[2Jb\x1b]0;title\x07" "c\n", stays("a[2Jb]0;titlec\r\n")),
        row("controls_are_dropped", "echo a\x01\x02\x03\x04\x05\x06\x0b\x0c\x0e\x0f\x10\x1a\x1f" "b\n",
            stays("ab\r\n")),

        row("utf_8", "echo 나루 🚣 é\n", stays("나루 🚣 é\r\n")),
        row("utf_8_in_two", "echo \xeb\x82", stays(""), exchange{"\x98\n", "나\r\n"}),
        row("latin_1", "echo a\xe9" "b\n", one_mark_or(1)),
        row("utf_8_cut_by_the_end", "echo a\xe2\x82" "b\n", one_mark_or(2)),
        row("utf_8_too_long", "echo a\xc0\xaf" "b\n", one_mark_or(2)),
        row("utf_8_surrogate", "echo a\xed\xa0\x80" "b\n", one_mark_or(3)),
        row("utf_8_beyond_the_last", "echo a\xf4\x90\x80\x80" "b\n", one_mark_or(4)),
        row("continuation_alone", "echo a\x80" "b\n", one_mark_or(1)),
        row("c1_control", "echo a\xc2\x9b" "31mb\n", stays("a31mb\r\n")),
        row("c1_control_of_one_byte", "echo a\x9b" "b\n", one_mark_or(1)),
        row("c1_next_line", "echo a\xc2\x85" "b\n", stays("a b\r\n")),
        row("line_separator", "echo a\xe2\x80\xa8" "b\n", stays("a b\r\n")),
        row("writing_direction", "echo a\xe2\x80\xae" "b\xe2\x81\xa6" "c\n", stays("abc\r\n")),
        row("byte_order_mark", "echo \xef\xbb\xbf" "a\n", stays("a\r\n")),
        row("byte_order_mark_first", "\xef\xbb\xbf" "echo a\n",
            any_course({stays("a\r\n"), stays("there is no command `echo`; `help` lists them\r\n")})),
    };
}
// clang-format on

} // namespace conformance
