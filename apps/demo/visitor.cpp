#include "visitor.hpp"

#include "printable.hpp"
#include "refusal.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace demo
{

namespace
{

constexpr unsigned most_streamed = 1000;
constexpr unsigned slowest_pace = 5000; // milliseconds
constexpr unsigned default_pace = 500;

visitor::outcome answer(std::string text)
{
    return {.answer = std::move(text) + "\r\n"};
}

/// The text up to the next spaces, which are taken away with it.
std::string_view take_word(std::string_view& text) noexcept
{
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(' ')));
    return word;
}

/// What of a word that may be long is shown to who typed it: whole characters, and at most 32 bytes.
std::string beginning_of(std::string_view word)
{
    std::string shown = printable(word);
    std::size_t size = std::min<std::size_t>(shown.size(), 32);
    while (size < shown.size() && (static_cast<unsigned char>(shown[size]) & 0xc0) == 0x80)
        --size;
    shown.resize(size);
    return shown;
}

std::optional<unsigned> number_in(std::string_view word) noexcept
{
    unsigned number = 0;
    const auto [end, wrong] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (wrong != std::errc{} || end != word.data() + word.size())
        return std::nullopt;
    return number;
}

} // namespace

visitor::visitor(naru::session& session, questions& asked)
    : session_(session), asked_(asked), name_("guest-" + std::to_string(session.id()))
{
}

const std::array<visitor::command, 10> visitor::commands{{
    {"help", "help", "this list", &visitor::help},
    {"hello", "hello [NAME]", "greets you; NAME is your name from then on", &visitor::hello},
    {"time", "time", "the time of the server", &visitor::time},
    {"echo", "echo TEXT", "sends TEXT back", &visitor::echo},
    {"stream", "stream N [MS]", "sends N lines without being asked, one every MS milliseconds",
     &visitor::stream},
    {"join", "join ROOM", "enters a room, and leaves the one before", &visitor::join},
    {"say", "say TEXT", "sends TEXT to all in your room", &visitor::say},
    {"who", "who", "lists the members of your room", &visitor::who},
    {"stats", "stats", "counters of this session and of the server", &visitor::stats},
    {"quit", "quit", "ends the session", &visitor::quit},
}};

visitor::outcome visitor::obey(std::string_view line)
{
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(' ')));
    line = line.substr(0, line.find_last_not_of(' ') + 1);
    if (line.empty())
        return {};
    const std::string_view word = take_word(line);
    try
    {
        for (const command& each : commands)
            if (each.name == word)
                return (this->*each.run)(line);
        return answer("there is no command `" + beginning_of(word) + "`; `help` lists them");
    }
    catch (const refusal& why)
    {
        return answer(why.what());
    }
}

visitor::outcome visitor::help(std::string_view)
{
    std::string list;
    for (const command& each : commands)
    {
        list += list.empty() ? "  " : "\r\n  ";
        list += each.usage;
        list.append(16 - each.usage.size(), ' ');
        list += each.says;
    }
    return answer(std::move(list));
}

visitor::outcome visitor::hello(std::string_view name)
{
    std::string greeting = asked_.hello(name);
    if (name.empty())
        return answer(std::move(greeting));
    name_ = questions::name(name);
    if (seat_.taken() && name_ != seat_.name())
        greeting += "; in " + seat_.room() + " you are " + seat_.name() + " until you join it again";
    return answer(std::move(greeting));
}

visitor::outcome visitor::time(std::string_view)
{
    return answer(asked_.time());
}

visitor::outcome visitor::echo(std::string_view text)
{
    return answer(asked_.echo(text));
}

visitor::outcome visitor::stream(std::string_view numbers)
{
    const auto count = number_in(take_word(numbers));
    const auto pace = numbers.empty() ? default_pace : number_in(take_word(numbers));
    if (!count || !pace || !numbers.empty() || *count < 1 || *count > most_streamed || *pace > slowest_pace)
        throw refusal("stream N [MS]: N is 1 to " + std::to_string(most_streamed) + ", MS is 0 to " +
                      std::to_string(slowest_pace));
    return {.stream = *count, .pace = std::chrono::milliseconds(*pace)};
}

visitor::outcome visitor::join(std::string_view room)
{
    if (seat_.taken() && seat_.room() == room && seat_.name() == name_)
        return answer("you are in " + seat_.room() + " already");
    seat_ = asked_.join(room, name_, session_.ref()); // a refusal leaves the old place taken
    outcome welcome = who({});
    welcome.answer.insert(0, "you are " + name_ + " in " + seat_.room() + "; ");
    return welcome;
}

visitor::outcome visitor::say(std::string_view text)
{
    asked_.say(own_room(), seat_.name(), text); // the speaker hears it like everyone else
    return {};
}

visitor::outcome visitor::who(std::string_view)
{
    std::string list;
    for (const std::string& name : asked_.who(own_room()).members)
        list += (list.empty() ? "here: " : ", ") + name;
    return answer(std::move(list));
}

visitor::outcome visitor::stats(std::string_view)
{
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(session_.age()).count();
    std::string list = "session " + std::to_string(session_.id()) + ": " + std::to_string(seconds) +
                       " s old, " + std::to_string(session_.bytes_in()) + " bytes in, " +
                       std::to_string(session_.bytes_out()) + " bytes out";
    for (const questions::listener_stats& each : asked_.stats())
        list += "\r\n" + each.kind + " " + each.endpoint + ": " + std::to_string(each.figures.open) +
                " open of " + std::to_string(each.figures.accepted) + " accepted, " +
                std::to_string(each.figures.bytes_in) + " bytes in, " +
                std::to_string(each.figures.bytes_out) + " bytes out";
    return answer(std::move(list));
}

visitor::outcome visitor::quit(std::string_view)
{
    outcome last = answer("goodbye");
    last.goodbye = true;
    return last;
}

const std::string& visitor::own_room() const
{
    if (!seat_.taken())
        throw refusal("you are in no room; `join ROOM` enters one");
    return seat_.room();
}

} // namespace demo
