#include "raw_cases.hpp"

namespace conformance
{

// clang-format off
std::vector<raw_case> delimiter_cases()
{
    using naru::close_reason;
    const std::string longest = "0123456789abcdef";
    const std::string answer = "[" + longest + "]\n";
    const courses too_long = closes("too_long\n", close_reason::limit_exceeded);
    std::string dashed;
    std::string parts;
    for (int i = 0; i < 1000; ++i)
    {
        dashed += std::to_string(i) + "--";
        parts += "[" + std::to_string(i) + "]\n";
    }

    return {
        {"one", "until_dashes", "ab--", stays("[ab]\n")},
        {"several", "until_dashes", "a--b--c--", stays("[a]\n[b]\n[c]\n")},
        {"thousand", "until_dashes", dashed, stays(parts)},
        {"empty", "until_dashes", "--", stays("[]\n")},
        {"empty_twice", "until_dashes", "----", stays("[]\n[]\n")},
        {"half_of_it_inside", "until_dashes", "a-b--", stays("[a-b]\n")},
        {"half_of_it_first", "until_dashes", "-a--", stays("[-a]\n")},
        {"first_place_counts", "until_dashes", "a---", stays("[a]\n"), exchange{"b--", "[-b]\n"}},
        {"in_two", "until_dashes", "a-", stays(""), exchange{"-", "[a]\n"}},
        {"half_that_does_not_go_on", "until_dashes", "a-", stays(""), exchange{"b--", "[a-b]\n"}},
        {"lines_mean_nothing", "until_dashes", "a\r\nb\n--", stays("[a\r\nb\n]\n")},
        {"nul_and_8_bit_inside", "until_dashes", literal("\0\xff\x80--"), stays(literal("[\0\xff\x80]\n"))},
        {"utf_8_inside", "until_dashes", "나루--", stays("[나루]\n")},

        {"repeats_its_beginning", "until_aab", "aaab", stays("[a]\n")},
        {"repeats_its_beginning_at_length", "until_aab", "aaaaaaaaaab", stays("[aaaaaaaa]\n")},
        {"begins_and_fails", "until_aab", "aacabaab", stays("[aacab]\n")},
        {"at_once_again", "until_aab", "aabaab", stays("[]\n[]\n")},
        {"overlaps_nothing", "until_aab", "aabab", stays("[]\n"), exchange{"aab", "[ab]\n"}},
        {"its_beginning_in_two", "until_aab", "xaa", stays(""), exchange{"ab", "[xa]\n"}},

        {"of_five_bytes", "until_dot", "a\r\nb\r\n.\r\n", stays("[a\r\nb]\n")},
        {"of_five_bytes_alone", "until_dot", "\r\n.\r\n", stays("[]\n")},
        {"of_five_bytes_after_its_first", "until_dot", "\r\r\n.\r\n", stays("[\r]\n")},
        {"of_five_bytes_begun_twice", "until_dot", "\r\n.\r\r\n.\r\n", stays("[\r\n.\r]\n")},
        {"of_five_bytes_nearly", "until_dot", "a\r\n..\r\n\n.\r\n\r\n.\r\n", stays("[a\r\n..\r\n\n.\r\n]\n")},
        {"of_five_bytes_gives_none_back", "until_dot", "\r\n.\r\n.\r\n", stays("[]\n"),
            exchange{"\r\n.\r\n", "[.\r\n]\n"}},

        {"nul", "until_nul", literal("a\0b\0"), stays("[a]\n[b]\n")},
        {"nul_alone", "until_nul", literal("\0\0"), stays("[]\n[]\n")},
        {"nul_after_a_line", "until_nul", literal("a\r\n\0"), stays("[a\r\n]\n")},

        {"at_the_limit", "until_dashes", longest + "--", stays(answer)},
        {"at_the_limit_in_two", "until_dashes", longest + "-", stays(""), exchange{"-", answer}},
        {"at_the_limit_of_five_bytes", "until_dot", longest + "\r\n.\r\n", stays(answer)},
        {"one_over", "until_dashes", longest + "g--", too_long},
        {"one_over_is_half_of_it", "until_dashes", longest + "-g--", too_long},
        {"one_over_of_one_byte", "until_nul", longest + literal("g\0"), too_long},
        {"one_over_of_five_bytes", "until_dot", longest + "g\r\n.\r\n", too_long},
        {"far_over_without_end", "until_dashes", std::string(5000, 'x'), too_long},
        {"far_over_of_its_beginning", "until_aab", std::string(5000, 'a'), too_long},
        {"over_after_good_one", "until_dashes", "a--" + longest + "g--",
            closes("[a]\ntoo_long\n", close_reason::limit_exceeded)},

        {"finished_before_anything", "until_dashes", "", ends("end\n")},
        {"finished_after_it", "until_dashes", "a--", ends("[a]\nend\n")},
        {"finished_after_half_of_it", "until_dashes", "a-", ends("unexpected_end\n")},
        {"finished_without_it", "until_dashes", "a--b", ends("[a]\nunexpected_end\n")},
        {"finished_at_the_limit_without_it", "until_dashes", longest, ends("unexpected_end\n")},
        {"finished_before_its_last_byte", "until_dot", "a\r\n.\r", ends("unexpected_end\n")},
        {"finished_over_the_limit", "until_dashes", longest + "gh",
            ends("too_long\n", close_reason::limit_exceeded)},
    };
}
// clang-format on

} // namespace conformance
