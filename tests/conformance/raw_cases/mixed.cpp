#include "raw_cases.hpp"

namespace conformance
{

// What one kind of read leaves is what the next one finds.
// clang-format off
std::vector<raw_case> mixed_cases()
{
    using naru::close_reason;
    std::string rounds;
    std::string said;
    for (int i = 0; i < 300; ++i)
    {
        rounds += "la\r\nx1\n3i456ub\n;";
        said += "[a]\n[1\n3]\n[456]\n[b\n]\n";
    }

    return {
        {"one_of_each", "mixed", "lab\nx123i456ucd;", stays("[ab]\n[123]\n[456]\n[cd]\n")},
        {"of_each_many_times", "mixed", rounds, stays(said)},
        {"line_after_size", "mixed", "x1\r\nl\n", stays("[1\r\n]\n[]\n")},
        {"size_after_line", "mixed", "la\nx\n\n\n", stays("[a]\n[\n\n\n]\n")},
        {"delimiter_after_line", "mixed", "l;\nu\n;", stays("[;]\n[\n]\n")},

        {"narrower_line_at_its_limit", "mixed", "blabcd\r\n", stays("[abcd]\n"),
            exchange{"labc\n", "[abc]\n"}},
        {"narrower_line_over_it", "mixed", "labcde\nblabcde\n",
            closes("[abcde]\ntoo_long\n", close_reason::limit_exceeded)},
        {"narrower_part_at_its_limit", "mixed", "buabcd;", stays("[abcd]\n"), exchange{"labc\n", "[abc]\n"}},
        {"narrower_part_over_it", "mixed", "buabcde;", closes("too_long\n", close_reason::limit_exceeded)},

        {"handler_returns", "mixed", "la\nq", closes("[a]\nend\n", close_reason::handler_done)},
        {"handler_returns_at_once", "mixed", "q", closes("end\n", close_reason::handler_done)},
        // The answer must not be lost in a reset because of what the handler has not read.
        {"handler_returns_before_all_is_read", "mixed", "la\nq" + std::string(50'000, 'l'),
            closes("[a]\nend\n", close_reason::handler_done)},
        {"handler_throws", "mixed", "la\ne", closes("[a]\n", close_reason::handler_error)},
        {"handler_throws_at_once", "mixed", "e", closes("", close_reason::handler_error)},
        {"handler_throws_before_all_is_read", "mixed", "la\ne" + std::string(50'000, 'l'),
            closes("[a]\n", close_reason::handler_error)},
        {"handler_closes", "mixed", "la\nc", closes("[a]\n", close_reason::closed_by_us)},
        {"handler_reads_no_more", "mixed", "la\nr", closes("[a]\nend\n", close_reason::handler_done)},

        {"finished_and_handler_returns", "mixed", "la\nq",
            any_course({ends("[a]\nend\n", close_reason::handler_done),
                        ends("[a]\nend\n", close_reason::peer_closed)})},
        {"finished_between_two", "mixed", "la\n", ends("[a]\nend\n")},
        {"finished_in_a_size", "mixed", "la\nx12", ends("[a]\nunexpected_end\n")},
        {"finished_in_a_part", "mixed", "u12", ends("unexpected_end\n")},
        {"finished_in_a_line", "mixed", "l12", ends("[12]\nend\n")},
    };
}
// clang-format on

} // namespace conformance
