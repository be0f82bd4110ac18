#include "raw_cases.hpp"

namespace conformance
{
namespace
{

/// Lines with every byte but LF in them, fifteen a line, and what `line` says of them.
exchange every_byte()
{
    exchange all;
    std::string line;
    for (int byte = 0; byte < 256; ++byte)
    {
        if (byte == '\n')
        {
            continue;
        }
        line += static_cast<char>(byte);
        if (line.size() == 15)
        {
            all.bytes += line + "\n";
            all.said += "[" + line + "]\n";
            line.clear();
        }
    }
    return all;
}

exchange many(int count)
{
    exchange all;
    for (int i = 0; i < count; ++i)
    {
        all.bytes += std::to_string(i) + (i % 2 ? "\r\n" : "\n");
        all.said += "[" + std::to_string(i) + "]\n";
    }
    return all;
}

} // namespace

// clang-format off
std::vector<raw_case> line_cases()
{
    const exchange bytes = every_byte();
    const exchange thousands = many(3000);

    return {
        {"lf", "line", "abc\n", stays("[abc]\n")},
        {"crlf", "line", "abc\r\n", stays("[abc]\n")},
        {"both_ends_mixed", "line", "a\nb\r\nc\n", stays("[a]\n[b]\n[c]\n")},
        {"empty_lf", "line", "\n", stays("[]\n")},
        {"empty_crlf", "line", "\r\n", stays("[]\n")},
        {"many_empty", "line", "\n\r\n\n\r\n\n", stays("[]\n[]\n[]\n[]\n[]\n")},
        {"three_thousand", "line", thousands.bytes, stays(thousands.said)},

        {"cr_alone_is_text", "line", "a\rb\n", stays("[a\rb]\n")},
        {"cr_first_is_text", "line", "\ra\n", stays("[\ra]\n")},
        {"one_cr_belongs_to_the_end", "line", "a\r\r\n", stays("[a\r]\n")},
        {"cr_after_lf_is_text", "line", "a\n\rb\n", stays("[a]\n[\rb]\n")},
        {"lf_cr_lf", "line", "a\n\r\n", stays("[a]\n[]\n")},
        {"cr_nul_is_text", "line", literal("a\r\0b\n"), stays(literal("[a\r\0b]\n"))},
        {"nul_is_text", "line", literal("a\0b\n"), stays(literal("[a\0b]\n"))},
        {"nul_alone", "line", literal("\0\n"), stays(literal("[\0]\n"))},
        {"every_byte", "line", bytes.bytes, stays(bytes.said)},
        {"utf_8", "line", "나루🚣\n", stays("[나루🚣]\n")},
        {"not_utf_8", "line", "\xc0\xaf\xed\xa0\x80\n", stays("[\xc0\xaf\xed\xa0\x80]\n")},
        {"telnet_bytes_are_text", "line", "\xff\xfb\x01\n", stays("[\xff\xfb\x01]\n")},
        {"blanks_are_kept", "line", " \ta \t\n", stays("[ \ta \t]\n")},

        {"begun", "line", "ab", stays(""), exchange{"c\n", "[abc]\n"}},
        {"begun_after_a_whole_one", "line", "a\nb", stays("[a]\n"), exchange{"c\n", "[bc]\n"}},
        {"crlf_in_two", "line", "a\r", stays(""), exchange{"\n", "[a]\n"}},
        {"cr_that_ends_nothing", "line", "a\r", stays(""), exchange{"b\n", "[a\rb]\n"}},
        {"utf_8_in_two", "line", "\xeb\x82", stays(""), exchange{"\x98\n", "[나]\n"}},

        {"finished_before_anything", "line", "", ends("end\n")},
        {"finished_after_lf", "line", "a\n", ends("[a]\nend\n")},
        {"finished_after_crlf", "line", "a\r\n", ends("[a]\nend\n")},
        {"finished_in_a_line", "line", "a\nb", ends("[a]\n[b]\nend\n")},
        {"finished_after_cr", "line", "a\r", ends("[a\r]\nend\n")},
        {"finished_after_nul", "line", literal("\0"), ends(literal("[\0]\nend\n"))},
        {"finished_after_an_empty_line", "line", "\n", ends("[]\nend\n")},
    };
}

std::vector<raw_case> batch_cases()
{
    const exchange thousands = many(3000);

    return {
        {"one", "batch", "a\n", stays("[a]\n")},
        {"several", "batch", "a\nb\r\n\nc\n", stays("[a]\n[b]\n[]\n[c]\n")},
        {"three_thousand", "batch", thousands.bytes, stays(thousands.said)},
        {"second_begun", "batch", "a\nb", stays("[a]\n"), exchange{"c\n", "[bc]\n"}},
        {"crlf_of_the_second_in_two", "batch", "a\nb\r", stays("[a]\n"), exchange{"\n", "[b]\n"}},
        {"finished_in_the_second", "batch", "a\nb", ends("[a]\n[b]\nend\n")},
        {"finished_after_the_second", "batch", "a\nb\n", ends("[a]\n[b]\nend\n")},
        {"second_at_the_limit", "batch", "a\n0123456789abcdef\r\n", stays("[a]\n[0123456789abcdef]\n")},
        {"second_over_the_limit", "batch", "a\n0123456789abcdefg\nb\n",
            closes("[a]\ntoo_long\n", naru::close_reason::limit_exceeded)},
    };
}
// clang-format on

} // namespace conformance
