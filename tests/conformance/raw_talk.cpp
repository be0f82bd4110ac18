#include "raw_talk.hpp"

#include <algorithm>

namespace conformance
{
namespace
{

class raw_talk
{
  public:
    raw_talk(std::uint16_t port, const manner& spoken, const raw_case& row,
             std::chrono::milliseconds patience)
        : peer_(port, patience), spoken_(spoken), row_(row)
    {
    }

    verdict hold(feed how);

  private:
    const course* course_taken(raw_ending end) const;
    verdict probe(const course& taken);
    client::event hear();
    verdict fault(std::string_view what) const;

    client peer_;
    const manner& spoken_;
    const raw_case& row_;
    std::string heard_;
};

verdict raw_talk::hold(feed how)
{
    send_as(peer_, row_.bytes, how); // a server that has closed takes no more; what it said decides
    const bool finishes =
        std::ranges::any_of(row_.allowed, [](const course& each) { return each.end == raw_ending::ends; });
    if (finishes)
    {
        peer_.finish();
    }
    for (;;)
    {
        if (const course* taken = course_taken(raw_ending::stays))
        {
            return probe(*taken);
        }
        const auto event = hear();
        if (event == client::event::finished)
        {
            const course* taken = course_taken(finishes ? raw_ending::ends : raw_ending::closes);
            return taken ? verdict{"", taken->reasons} : fault("closed after");
        }
        if (event != client::event::bytes)
        {
            return fault(event == client::event::reset ? "reset after" : "silence after");
        }
    }
}

/// The course that ends like this and of which all has been said.
const course* raw_talk::course_taken(raw_ending end) const
{
    const auto taken =
        std::ranges::find_if(row_.allowed, [&](const course& each)
                             { return each.end == end && reads_as(heard_, spoken_.greeting + each.said); });
    return taken == row_.allowed.end() ? nullptr : &*taken;
}

/// Whatever else the server has to say to the row's bytes comes before what it says to the probe's.
verdict raw_talk::probe(const course& taken)
{
    const exchange& more = row_.then ? *row_.then : spoken_.probe;
    const std::string expected = spoken_.greeting + taken.said + more.said;
    peer_.send(more.bytes);
    while (!reads_as(heard_, expected))
    {
        if (hear() != client::event::bytes)
        {
            return fault("one more exchange did not go as it should:");
        }
    }
    peer_.finish();
    for (;;)
    {
        const auto event = hear();
        if (event == client::event::finished)
        {
            break;
        }
        if (event != client::event::bytes)
        {
            return fault("the client has finished, the server does not, after");
        }
    }
    return reads_as(heard_, expected + spoken_.farewell) ? verdict{"", taken.reasons} : fault("another end:");
}

client::event raw_talk::hear()
{
    std::string_view bytes;
    const auto event = peer_.receive(bytes);
    if (event == client::event::bytes)
    {
        heard_ += bytes;
    }
    return event;
}

verdict raw_talk::fault(std::string_view what) const
{
    return {std::string(what) + " " + shown(heard_)};
}

} // namespace

verdict talk(std::uint16_t port, const manner& spoken, const raw_case& row, feed how,
             std::chrono::milliseconds patience)
{
    return raw_talk(port, spoken, row, patience).hold(how);
}

std::string shown(std::string_view text)
{
    constexpr std::size_t most = 400;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = text.size() > most ? std::to_string(text.size()) + " bytes, at last \"" : "\"";
    for (const char c : text.substr(text.size() - std::min(text.size(), most)))
    {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= ' ' && byte < 0x7f)
        {
            out += c;
        }
        else if (c == '\r' || c == '\n')
        {
            out += c == '\r' ? "\\r" : "\\n";
        }
        else
        {
            out += "\\x";
            out += digits[byte >> 4];
            out += digits[byte & 0xf];
        }
    }
    return out + "\"";
}

} // namespace conformance
