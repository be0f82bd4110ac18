#include "demo_cases.hpp"

namespace conformance
{
namespace
{

constexpr auto ann = act::who::ann;
constexpr auto bob = act::who::bob;

/// Both enter the room `r`, ann first; then `acts`.
room_case in_a_room(std::string name, std::vector<act> acts)
{
    std::vector<act> all{
        {ann, "join r\n", "you are ann in r; here: ann\r\n"},
        {bob, "join r\n", "[r] bob has joined\r\n", "you are bob in r; here: ann, bob\r\n"},
    };
    all.insert(all.end(), acts.begin(), acts.end());
    return {std::move(name), std::move(all)};
}

/// Bob types `bytes`; both hear `text` as his.
room_case said(std::string name, const std::string& bytes, const std::string& text)
{
    const std::string heard = "[r] bob: " + text + "\r\n";
    return in_a_room(std::move(name), {{bob, "say " + bytes + "\n", heard, heard}});
}

} // namespace

// clang-format off
std::vector<room_case> room_cases()
{
    const std::string longest(1000, 'x');

    return {
        in_a_room("both_are_there", {
            {ann, "who\n", "here: ann, bob\r\n"},
            {bob, "who\r\n", "", "here: ann, bob\r\n"}}),
        in_a_room("both_hear_each_other", {
            {ann, "say one\n", "[r] ann: one\r\n", "[r] ann: one\r\n"},
            {bob, "say two\r\n", "[r] bob: two\r\n", "[r] bob: two\r\n"}}),
        in_a_room("order_is_kept", {
            {bob, "say 1\nsay 2\r\nsay 3\n", "[r] bob: 1\r\n[r] bob: 2\r\n[r] bob: 3\r\n",
                "[r] bob: 1\r\n[r] bob: 2\r\n[r] bob: 3\r\n"}}),
        in_a_room("own_answers_keep_their_places", {
            {bob, "echo a\nsay 1\necho b\nwho\nsay 2\n", "[r] bob: 1\r\n[r] bob: 2\r\n",
                "a\r\n[r] bob: 1\r\nb\r\nhere: ann, bob\r\n[r] bob: 2\r\n"}}),
        in_a_room("half_a_line_is_not_disturbed", {
            {ann, "echo ha"},
            {bob, "say hear me\n", "[r] bob: hear me\r\n", "[r] bob: hear me\r\n"},
            {ann, "lf\n", "half\r\n"}}),
        in_a_room("half_a_message_is_not_said", {
            {bob, "say ha"},
            {ann, "say hear me\n", "[r] ann: hear me\r\n", "[r] ann: hear me\r\n"},
            {bob, "lf\n", "[r] bob: half\r\n", "[r] bob: half\r\n"}}),

        said("blanks_around_are_not_said", "   a  b   ", "a  b"),
        said("escape_is_not_said", "\x1b[2Ja\x1b]0;title\x07", "[2Ja]0;title"),
        said("nul_is_not_said", literal("a\0b"), "ab"),
        said("cr_is_the_end", "a\rsay b", "a\r\n[r] bob: b"),
        said("tab_is_a_blank", "a\tb", "a b"),
        said("backspace_is_obeyed_at_home", "abX\bc", "abc"),
        said("c1_control_is_not_said", "a\xc2\x9b" "31mb\xc2\x90" "c", "a31mbc"),
        said("c1_control_of_one_byte_is_marked", "a\x9b" "31m", "a\xef\xbf\xbd" "31m"),
        said("line_separators_are_blanks", "a\xe2\x80\xa8" "b\xe2\x80\xa9" "c\xc2\x85" "d", "a b c d"),
        said("writing_direction_is_not_said", "a\xe2\x80\xae" "b\xd8\x9c" "c", "abc"),
        said("utf_8_is_said", "나루 🚣", "나루 🚣"),
        said("what_is_not_utf_8_is_marked", "caf\xe9", "caf\xef\xbf\xbd"),
        said("escaped_telnet_byte_is_marked", "a\xff\xff" "b", "a\xef\xbf\xbd" "b"),
        said("telnet_command_is_not_said", "a\xff\xf4" "b", "ab"),
        said("sub_negotiation_is_not_said", "a\xff\xfa\x1f" "xyz\xff\xf0" "b", "ab"),
        said("announcement_is_marked_as_his", "[r] ann has left", "[r] ann has left"),
        said("longest", longest, longest),
        in_a_room("telnet_option_concerns_nobody_else", {
            {bob, "say a\xff\xfd\x01" "b\n", "[r] bob: ab\r\n", "\xff\xfc\x01[r] bob: ab\r\n"}}),
        in_a_room("too_long_is_told_to_the_speaker_alone", {
            {bob, "say x" + longest + "\n", "", "a message is at most 1000 bytes long\r\n"}}),
        in_a_room("nothing_is_told_to_the_speaker_alone", {
            {bob, "say \x01\n", "", "there is nothing to say\r\n"}}),

        in_a_room("quit_is_told_to_who_stays", {
            {bob, "quit\n", "[r] bob has left\r\n", "goodbye\r\n", true},
            {ann, "who\nsay alone\n", "here: ann\r\n[r] ann: alone\r\n"}}),
        in_a_room("half_close_is_told_to_who_stays", {
            {bob, "say bye\n", "[r] bob: bye\r\n[r] bob has left\r\n", "[r] bob: bye\r\n", true},
            {ann, "who\n", "here: ann\r\n"}}),
        in_a_room("half_close_in_a_message_says_nothing", {
            {bob, "say by", "[r] bob has left\r\n", "", true}}),
        in_a_room("another_room_is_told_to_who_stays", {
            {bob, "join q\n", "[r] bob has left\r\n", "you are bob in q; here: bob\r\n"},
            {ann, "say a\n", "[r] ann: a\r\n"},
            {bob, "say b\n", "", "[q] bob: b\r\n"}}),
        in_a_room("refused_room_is_told_to_nobody_else", {
            {bob, "join a/b\n", "",
                "a room's name is 1 to 32 characters: letters a to z, digits and - _\r\n"},
            {ann, "who\n", "here: ann, bob\r\n"}}),
        in_a_room("another_name_in_the_room", {
            {bob, "hello rob\n", "", "hello, rob; in r you are bob until you join it again\r\n"},
            {bob, "say still bob\n", "[r] bob: still bob\r\n", "[r] bob: still bob\r\n"},
            {bob, "join r\n", "[r] rob has joined\r\n[r] bob has left\r\n",
                "[r] rob has joined\r\n[r] bob has left\r\nyou are rob in r; here: ann, rob\r\n"},
            {bob, "say b\n", "[r] rob: b\r\n", "[r] rob: b\r\n"}}),

        {"a_name_is_taken_once", {
            {ann, "join r\n", "you are ann in r; here: ann\r\n"},
            {bob, "hello ann\njoin r\n", "",
                "hello, ann\r\nsomebody is ann in r already; `hello NAME` gives you another name\r\n"},
            {bob, "say a\n", "", "you are in no room; `join ROOM` enters one\r\n"},
            {bob, "hello Ann\njoin r\n", "[r] Ann has joined\r\n",
                "hello, Ann\r\nyou are Ann in r; here: ann, Ann\r\n"}}},
        {"a_name_is_free_when_its_owner_has_left", {
            {ann, "join r\n", "you are ann in r; here: ann\r\n"},
            {ann, "", "", "", true},
            {bob, "hello ann\njoin r\n", "", "hello, ann\r\nyou are ann in r; here: ann\r\n"}}},
        {"who_is_in_no_room_hears_nothing", {
            {ann, "join r\nsay a\n", "you are ann in r; here: ann\r\n[r] ann: a\r\n"}}},
        {"what_was_said_before_is_not_told", {
            {ann, "join r\nsay a\n", "you are ann in r; here: ann\r\n[r] ann: a\r\n"},
            {bob, "join r\n", "[r] bob has joined\r\n", "you are bob in r; here: ann, bob\r\n"}}},
        {"rooms_have_upper_and_lower_case", {
            {ann, "join r\n", "you are ann in r; here: ann\r\n"},
            {bob, "join R\nsay b\n", "", "you are bob in R; here: bob\r\n[R] bob: b\r\n"}}},
        {"a_name_cannot_carry_controls_to_others", {
            {ann, "join r\n", "you are ann in r; here: ann\r\n"},
            {bob, "hello e\x1bv\xc2\x9b" "e\xe2\x80\xae\njoin r\n", "[r] eve has joined\r\n",
                "hello, eve\r\nyou are eve in r; here: ann, eve\r\n"}}},
    };
}
// clang-format on

} // namespace conformance
