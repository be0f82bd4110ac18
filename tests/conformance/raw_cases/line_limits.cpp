#include "raw_cases.hpp"

namespace conformance
{

// limits::line is 16 here, and counts a line without its end.
// clang-format off
std::vector<raw_case> line_limit_cases()
{
    using naru::close_reason;
    const std::string longest = "0123456789abcdef";
    const std::string answer = "[" + longest + "]\n";
    const courses too_long = closes("too_long\n", close_reason::limit_exceeded);
    const courses too_long_at_end = ends("too_long\n", close_reason::limit_exceeded);
    std::string hundred_lines;
    for (int i = 0; i < 100; ++i)
    {
        hundred_lines += "after all this\n";
    }

    return {
        {"at_it_with_lf", "line", longest + "\n", stays(answer)},
        {"at_it_with_crlf", "line", longest + "\r\n", stays(answer)},
        {"at_it_twice", "line", longest + "\r\n" + longest + "\n", stays(answer + answer)},
        {"at_it_and_crlf_in_two", "line", longest + "\r", stays(""), exchange{"\n", answer}},
        {"at_it_without_end", "line", longest, stays(""), exchange{"\n", answer}},
        {"at_it_with_its_own_cr", "line", longest.substr(1) + "\r\r\n",
            stays("[" + longest.substr(1) + "\r]\n")},
        {"one_over_with_lf", "line", longest + "g\n", too_long},
        {"one_over_with_crlf", "line", longest + "g\r\n", too_long},
        {"one_over_is_a_cr", "line", longest + "\r\r\n", too_long},
        {"one_over_is_a_nul", "line", longest + literal("\0\n"), too_long},
        {"at_it_and_a_cr_that_ends_nothing", "line", longest + "\rg", too_long},
        {"two_over_without_end", "line", longest + "gh", too_long},
        {"far_over_without_end", "line", std::string(5000, 'x'), too_long},
        {"of_crs_without_end", "line", std::string(50, '\r'), too_long},
        {"over_after_good_ones", "line", "a\n\n" + longest + "g\n",
            closes("[a]\n[]\ntoo_long\n", close_reason::limit_exceeded)},
        {"nothing_after_it_is_heard", "line", longest + "g\n" + hundred_lines, too_long},

        {"finished_at_it", "line", longest, ends(answer + "end\n")},
        {"finished_one_over", "line", longest + "g", too_long_at_end},
        {"finished_two_over", "line", longest + "gh", too_long_at_end},
        // The CR would have been half of an end, and is one byte too many when it stays alone.
        {"finished_at_it_after_cr", "line", longest + "\r", too_long_at_end},
        {"finished_below_it_after_cr", "line", longest.substr(1) + "\r",
            ends("[" + longest.substr(1) + "\r]\nend\n")},
    };
}
// clang-format on

} // namespace conformance
