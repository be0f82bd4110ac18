// The parts of the demo that touch no socket: bytes in, text out.

#include "printable.hpp"
#include "questions.hpp"
#include "refusal.hpp"
#include "telnet_bytes.hpp"
#include "typed_lines.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace demo
{

namespace
{

using namespace std::string_literals;

TEST(Printable, leaves_nothing_that_a_terminal_would_obey)
{
    const struct
    {
        std::string from;
        std::string to;
    } table[]{
        {"plain text", "plain text"},
        {"나루 ⛴ ñ", "나루 ⛴ ñ"},
        {"a\x1b[31mb\x07\x7f", "a[31mb"},
        {"a\tb\r\nc\vd", "a b  c d"},
        {"a\0b"s, "ab"},
        {"\xc2\x9b"
         "31m",
         "31m"}, // CSI as a C1 control
        {"\xe2\x80\xae"
         "abc",
         "abc"}, // U+202E turns the direction
        {"\xe2\x80\xa8"
         "a",
         " a"}, // U+2028 is a line break
        {"a\xff"
         "b",
         "a\xef\xbf\xbd"
         "b"},                                                    // no UTF-8
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                 // a slash, in too many bytes
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, // a surrogate
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, // over U+10FFFF
        {"a\xe2\x82", "a\xef\xbf\xbd\xef\xbf\xbd"},                               // cut off
        {"", ""},
    };
    for (const auto& row : table)
    {
        EXPECT_EQ(printable(row.from), row.to);
        EXPECT_EQ(printable(row.to), row.to);
    }
    for (int byte = 0; byte < 256; ++byte)
        for (const char c : printable(std::string(1, static_cast<char>(byte))))
            EXPECT_FALSE(static_cast<unsigned char>(c) < 0x20 || c == 0x7f) << byte;
}

TEST(Printable, counts_characters_and_not_bytes)
{
    EXPECT_EQ(characters(""), 0u);
    EXPECT_EQ(characters("abc"), 3u);
    EXPECT_EQ(characters("나루"), 2u);
}

struct heard
{
    std::string typed;
    std::string answer;
};

heard take_apart(const std::vector<std::string_view>& pieces)
{
    telnet_bytes telnet;
    heard all;
    for (const std::string_view piece : pieces)
        telnet.take(piece, all.typed, all.answer);
    return all;
}

TEST(TelnetBytes, mean_the_same_wherever_they_are_cut)
{
    const std::string bytes =
        "a\xff\xfb\x1f"                       // WILL NAWS
        "b\xff\xfa\x1f\0\n\0\xff\xff\xff\xf0" // a sub-negotiation with 0xff and LF in it
        "c\xff\xff"                           // the byte 0xff
        "d\xff\xfd\x01"                       // DO ECHO
        "e\xff\xf4\xff\xf2"                   // interrupt and data mark
        "f\xff\xfc\x03\xff\xfe\x03g"s;        // WONT and DONT want no answer
    for (std::size_t first = 0; first <= bytes.size(); ++first)
        for (std::size_t second = first; second <= bytes.size(); ++second)
        {
            const std::string_view all(bytes);
            const heard got =
                take_apart({all.substr(0, first), all.substr(first, second - first), all.substr(second)});
            EXPECT_EQ(got.typed, "abc\xff"
                                 "defg")
                << first << ", " << second;
            EXPECT_EQ(got.answer, "\xff\xfe\x1f\xff\xfc\x01") << first << ", " << second;
        }
}

TEST(TypedLines, are_cut_at_every_kind_of_end)
{
    typed_lines lines(10);
    lines.add("a\nb\r\nc\r");
    lines.add("\0d\r\n\n01234567890\n01"s);
    std::vector<std::string> got;
    std::size_t too_long = 0;
    while (const auto line = lines.next())
    {
        got.push_back(line->text);
        too_long += line->too_long ? 1 : 0;
    }
    EXPECT_EQ(got, (std::vector<std::string>{"a", "b", "c", "d", "", "0123456789"}));
    EXPECT_EQ(too_long, 1u);
    lines.add("2\n");
    EXPECT_EQ(lines.next()->text, "012");
    EXPECT_FALSE(lines.next());
}

TEST(TypedLines, keep_no_more_of_a_line_than_its_limit)
{
    typed_lines lines(4);
    for (int i = 0; i < 1000; ++i)
    {
        lines.add("xxxxxxxxxx");
        EXPECT_FALSE(lines.next());
    }
    lines.add("\b\b\b\b\b!\n");
    const auto line = lines.next();
    ASSERT_TRUE(line);
    EXPECT_EQ(line->text, "!");
    EXPECT_TRUE(line->too_long); // what was lost cannot be taken back
}

TEST(Questions, know_what_is_a_name_and_what_is_a_room)
{
    for (const std::string_view good : {"ann", "Ann-Marie O'Neil", "나루", "  ann  ", "a.b_c-1"})
        EXPECT_NO_THROW(questions::name(good)) << good;
    EXPECT_EQ(questions::name("  ann  "), "ann");
    EXPECT_EQ(questions::name("a\x1b"
                              "nn"),
              "ann");
    for (const std::string& bad :
         {""s, "   "s, "\x1b"s, "a:b"s, "[ann]"s, "a<b"s, "a/b"s, std::string(33, 'x')})
        EXPECT_THROW(questions::name(bad), refusal) << bad;

    EXPECT_EQ(questions::room("lobby-2_x"), "lobby-2_x");
    for (const std::string& bad : {""s, "a b"s, "a/b"s, "나루"s, "a\n"s, std::string(33, 'x')})
        EXPECT_THROW(questions::room(bad), refusal) << bad;
}

} // namespace

} // namespace demo
