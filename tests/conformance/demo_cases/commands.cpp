#include "demo_cases.hpp"

namespace conformance
{
namespace
{

raw_case row(std::string name, std::string bytes, courses allowed, std::optional<exchange> then = {})
{
    return {std::move(name), "demo", std::move(bytes), std::move(allowed), std::move(then)};
}

courses unknown(const std::string& word)
{
    return stays("there is no command `" + word + "`; `help` lists them\r\n");
}

std::string times(int count, const std::string& text)
{
    std::string all;
    for (int i = 0; i < count; ++i)
    {
        all += text;
    }
    return all;
}

} // namespace

// clang-format off
std::vector<raw_case> command_cases()
{
    const std::string list =
        "  help            this list\r\n"
        "  hello [NAME]    greets you; NAME is your name from then on\r\n"
        "  time            the time of the server\r\n"
        "  echo TEXT       sends TEXT back\r\n"
        "  stream N [MS]   sends N lines without being asked, one every MS milliseconds\r\n"
        "  join ROOM       enters a room, and leaves the one before\r\n"
        "  say TEXT        sends TEXT to all in your room\r\n"
        "  who             lists the members of your room\r\n"
        "  stats           counters of this session and of the server\r\n"
        "  quit            ends the session\r\n";
    const std::string no_room = "you are in no room; `join ROOM` enters one\r\n";
    const auto bye = [](const std::string& before)
    { return closes(before + "goodbye\r\n", naru::close_reason::handler_done); };

    std::string many;
    std::string answers;
    for (int i = 0; i < 2000; ++i)
    {
        many += "echo " + std::to_string(i) + "\r\n";
        answers += std::to_string(i) + "\r\n";
    }

    return {
        row("greeting_alone", "", stays("")),
        row("help", "help\n", stays(list)),
        row("help_with_more", "help me\n", stays(list)),
        row("time", "time\n", stays("#-#-#T#:#:#.#Z\r\n")),
        row("stats", "stats\n",
            stays("session #: # s old, 6 bytes in, # bytes out\r\n"
                  "raw tcp://#.#.#.#:#: # open of # accepted, # bytes in, # bytes out\r\n")),
        row("who_without_a_room", "who\n", stays(no_room)),
        row("say_without_a_room", "say hello\n", stays(no_room)),
        row("say_nothing_without_a_room", "say\n", stays(no_room)),

        row("unknown", "frobnicate now\n", unknown("frobnicate")),
        row("upper_case", "ECHO a\n", unknown("ECHO")),
        row("first_letters", "ech a\n", unknown("ech")),
        row("more_letters", "echoes a\n", unknown("echoes")),
        row("one_byte", "x\n", unknown("x")),
        row("unknown_with_escape", "\x1b[31mred\n", unknown("[31mred")),
        row("unknown_with_c1_control", "\xc2\x9b" "31mred\n", unknown("31mred")),
        row("unknown_and_long", std::string(40, 'x') + "\n", unknown(std::string(32, 'x'))),
        // Cut at a character: the tenth ends at byte 30, the eleventh at byte 33.
        row("unknown_and_long_in_utf_8", times(11, "나") + "\n", unknown(times(10, "나"))),
        row("unknown_and_not_utf_8", "\xe9\xe9\n", unknown("\xef\xbf\xbd\xef\xbf\xbd")),
        row("http", "GET / HTTP/1.1\r\n\r\n", unknown("GET")),

        row("quit", "quit\n", bye("")),
        row("quit_with_more", "quit now\n", bye("")),
        row("quit_hears_no_more", "quit\n" + many, bye("")),
        row("quit_after_others", "echo a\necho b\r\nquit\r\n", bye("a\r\nb\r\n")),

        row("two_thousand_at_once", many, stays(answers)),
        row("several_at_once", "hello\necho a\nnonsense\nwho\n\necho b\n",
            stays("hello, world\r\na\r\nthere is no command `nonsense`; `help` lists them\r\n" + no_room
                + "b\r\n")),
        row("join_and_talk_at_once", "hello ann\njoin order\nsay a\nwho\nsay b\necho c\n",
            stays("hello, ann\r\nyou are ann in order; here: ann\r\n[order] ann: a\r\nhere: ann\r\n"
                  "[order] ann: b\r\nc\r\n")),
    };
}

std::vector<raw_case> name_cases()
{
    const auto hello = [](const std::string& name) { return stays("hello, " + name + "\r\n"); };
    const courses refused = stays("a name is 1 to 32 characters: letters, digits, spaces and - _ . '\r\n");
    const courses no_such_room =
        stays("a room's name is 1 to 32 characters: letters a to z, digits and - _\r\n");
    const std::string longest(32, 'n');

    return {
        row("none", "hello\n", hello("world")),
        row("of_blanks", "hello    \n", hello("world")),
        row("of_controls", "hello \x01\x1b\n", hello("world")),
        row("simple", "hello ann\n", hello("ann")),
        row("of_several_words", "hello  Ann  Lee \n", hello("Ann  Lee")),
        row("of_every_allowed_sign", "hello O'Neil-Smith_Jr. 2\n", hello("O'Neil-Smith_Jr. 2")),
        row("of_other_letters", "hello 나루\n", hello("나루")),
        row("at_the_limit", "hello " + longest + "\n", hello(longest)),
        row("at_the_limit_in_utf_8", "hello " + times(32, "나") + "\n", hello(times(32, "나"))),
        row("one_over", "hello " + longest + "n\n", refused),
        row("one_over_in_utf_8", "hello " + times(33, "나") + "\n", refused),
        row("far_over", "hello " + std::string(1000, 'n') + "\n", refused),
        row("with_a_tag", "hello <b>\n", refused),
        row("with_a_slash", "hello a/b\n", refused),
        row("with_escape", "hello a\x1b[1mb\n", refused), // the bracket; ESC itself is dropped
        row("with_c1_control", "hello a\xc2\x9b" "b\n", hello("ab")),
        row("with_a_line_separator", "hello a\xe2\x80\xa8" "b\n", hello("a b")),
        row("with_writing_direction", "hello a\xe2\x80\xae" "b\n", hello("ab")),
        row("of_writing_direction_alone", "hello \xe2\x80\xae\n", refused),

        row("room", "hello ann\njoin a-Room_1\n",
            stays("hello, ann\r\nyou are ann in a-Room_1; here: ann\r\n")),
        row("room_as_a_guest", "join guests\n", stays("you are guest-# in guests; here: guest-#\r\n")),
        row("room_at_the_limit", "hello a\njoin " + longest + "\n",
            stays("hello, a\r\nyou are a in " + longest + "; here: a\r\n")),
        row("room_one_over", "join " + longest + "n\n", no_such_room),
        row("room_of_nothing", "join\n", no_such_room),
        row("room_of_two_words", "join a b\n", no_such_room),
        row("room_of_dots", "join ..\n", no_such_room),
        row("room_with_a_slash", "join a/b\n", no_such_room),
        row("room_of_other_letters", "join 나루\n", no_such_room),
        row("room_with_c1_control", "join a\xc2\x9b" "b\n", no_such_room),
        row("room_refused_and_none_taken", "join a/b\nwho\n",
            stays("a room's name is 1 to 32 characters: letters a to z, digits and - _\r\n"
                  "you are in no room; `join ROOM` enters one\r\n")),
        row("room_again", "hello ann\njoin again\njoin again\n",
            stays("hello, ann\r\nyou are ann in again; here: ann\r\nyou are in again already\r\n")),
        row("room_after_room", "hello ann\njoin first\njoin second\nwho\n",
            stays("hello, ann\r\nyou are ann in first; here: ann\r\nyou are ann in second; here: ann\r\n"
                  "here: ann\r\n")),
        row("room_refused_keeps_the_old_one", "hello ann\njoin old\njoin a/b\nwho\n",
            stays("hello, ann\r\nyou are ann in old; here: ann\r\n"
                  "a room's name is 1 to 32 characters: letters a to z, digits and - _\r\nhere: ann\r\n")),
        row("changed_in_a_room", "hello ann\njoin names\nhello bob\nsay a\n",
            stays("hello, ann\r\nyou are ann in names; here: ann\r\n"
                  "hello, bob; in names you are ann until you join it again\r\n[names] ann: a\r\n")),
    };
}
// clang-format on

} // namespace conformance
