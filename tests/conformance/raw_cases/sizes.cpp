#include "raw_cases.hpp"
#include "raw_handlers.hpp"

namespace conformance
{
namespace
{

/// Bytes of every value, in no order that repeats soon.
std::string bytes_of_every_value(std::size_t size)
{
    std::string all;
    for (std::size_t i = 0; i < size; ++i)
    {
        all += static_cast<char>(i * i / 7 + i);
    }
    return all;
}

} // namespace

// limits::message is 8 here.
// clang-format off
std::vector<raw_case> size_cases()
{
    using naru::close_reason;
    std::string sized;
    std::string messages;
    for (int i = 0; i < 1000; ++i)
    {
        const std::string message(static_cast<std::size_t>(i % 9), static_cast<char>('a' + i % 26));
        sized += std::to_string(message.size()) + message;
        messages += "[" + message + "]\n";
    }
    const std::string large = bytes_of_every_value(large_read);

    return {
        {"exactly_three", "exactly", "3abc", stays("[abc]\n")},
        {"exactly_three_twice", "exactly", "3abc3def", stays("[abc]\n[def]\n")},
        {"exactly_none", "exactly", "0", stays("[]\n")},
        {"exactly_none_twice", "exactly", "00", stays("[]\n[]\n")},
        {"exactly_one_lf", "exactly", "1\n", stays("[\n]\n")},
        {"exactly_nul_and_8_bit", "exactly", literal("3\0\xff\x80"), stays(literal("[\0\xff\x80]\n"))},
        {"exactly_one_of_two_bytes_of_utf_8", "exactly", "1\xc3" "1\xa9", stays("[\xc3]\n[\xa9]\n")},
        {"exactly_a_thousand_times", "exactly", sized, stays(messages)},
        {"exactly_begun", "exactly", "3ab", stays(""), exchange{"c", "[abc]\n"}},
        {"exactly_at_the_limit", "exactly", "801234567", stays("[01234567]\n")},
        {"exactly_one_over_the_limit", "exactly", "9012345678",
            closes("too_long\n", close_reason::limit_exceeded)},
        {"exactly_over_after_good_one", "exactly", "1a9",
            closes("[a]\ntoo_long\n", close_reason::limit_exceeded)},
        {"exactly_finished_before_anything", "exactly", "", ends("end\n")},
        {"exactly_finished_between_two", "exactly", "1a", ends("[a]\nend\n")},
        {"exactly_finished_before_its_first", "exactly", "3", ends("end\n")},
        {"exactly_finished_inside", "exactly", "1a3bc", ends("[a]\nunexpected_end\n")},
        {"exactly_finished_before_none", "exactly", "0", ends("[]\nend\n")},

        {"into_three", "into", "3abc", stays("[abc]\n")},
        {"into_no_room", "into", "0", stays("[]\n")},
        {"into_nul_and_8_bit", "into", literal("3\0\xff\x80"), stays(literal("[\0\xff\x80]\n"))},
        {"into_a_thousand_times", "into", sized, stays(messages)},
        {"into_begun", "into", "3ab", stays(""), exchange{"c", "[abc]\n"}},
        {"into_has_no_limit", "into", "9012345678", stays("[012345678]\n")},
        {"into_more_than_a_block", "into", "L" + large + "3abc", stays("[" + sum_of(large) + "]\n[abc]\n")},
        {"into_finished_before_its_first", "into", "3", ends("end\n")},
        {"into_finished_inside", "into", "3ab", ends("unexpected_end\n")},
        {"into_finished_inside_more_than_a_block", "into", "L" + large.substr(1), ends("unexpected_end\n")},
        {"into_finished_before_no_room", "into", "0", ends("[]\nend\n")},
    };
}

std::vector<raw_case> piece_cases()
{
    const std::string all = bytes_of_every_value(256 * 7);
    const std::string large = bytes_of_every_value(200'000);

    return {
        {"one_byte", "some", "a", stays("a")},
        {"every_byte", "some", all, stays(all)},
        {"nul", "some", literal("\0"), stays(literal("\0"))},
        {"lines", "some", "a\r\nb\n\r", stays("a\r\nb\n\r")},
        {"more_than_a_block", "some", large, stays(large)},
        {"finished_before_anything", "some", "", ends("end\n")},
        {"finished_after_some", "some", "a\r\nb", ends("a\r\nbend\n")},
    };
}
// clang-format on

} // namespace conformance
