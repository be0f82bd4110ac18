#include "room_case.hpp"

#include "raw_talk.hpp"

namespace conformance
{
namespace
{

class visit
{
  public:
    visit(std::uint16_t port, std::string name, std::chrono::milliseconds patience)
        : peer_(port, patience), name_(std::move(name))
    {
    }

    void does(std::string_view bytes, feed how) { send_as(peer_, bytes, how); }
    void finishes() { peer_.finish(); }

    /// What was wrong with what has been heard since the last time; empty when it is `expected`.
    std::string hears(std::string_view expected, bool then_end = false);

    bool over() const { return over_; }

  private:
    client peer_;
    std::string name_;
    bool over_ = false;
};

std::string visit::hears(std::string_view expected, bool then_end)
{
    std::string heard;
    while (!over_ && (then_end || !reads_as(heard, expected)))
    {
        std::string_view bytes;
        const auto event = peer_.receive(bytes);
        if (event == client::event::bytes)
        {
            heard += bytes;
        }
        else if (event == client::event::finished && then_end && reads_as(heard, expected))
        {
            over_ = true;
        }
        else
        {
            const char* const what = event == client::event::finished ? " heard the end after "
                                     : event == client::event::reset  ? " was reset after "
                                                                      : " heard only ";
            return name_ + what + shown(heard) + ", and should have heard " + shown(expected);
        }
    }
    return "";
}

} // namespace

std::string play(std::uint16_t port, const manner& spoken, const room_case& row, feed how,
                 std::chrono::milliseconds patience)
{
    visit ann(port, "ann", patience);
    visit bob(port, "bob", patience);
    const auto both_hear = [&](const std::string& of_ann, const std::string& of_bob)
    {
        const std::string fault = ann.hears(of_ann);
        return fault.empty() ? bob.hears(of_bob) : fault;
    };

    ann.does("hello ann\n", how);
    bob.does("hello bob\n", how);
    std::string fault = both_hear(spoken.greeting + "hello, ann\r\n", spoken.greeting + "hello, bob\r\n");
    for (std::size_t i = 0; i < row.acts.size() && fault.empty(); ++i)
    {
        const act& now = row.acts[i];
        const bool of_ann = now.does == act::who::ann;
        visit& actor = of_ann ? ann : bob;
        actor.does(now.bytes, how);
        if (now.finishes)
        {
            actor.finishes();
            fault = actor.hears(of_ann ? now.ann_hears : now.bob_hears, true);
            visit& other = of_ann ? bob : ann;
            fault = fault.empty() ? other.hears(of_ann ? now.bob_hears : now.ann_hears) : fault;
        }
        else
        {
            fault = both_hear(now.ann_hears, now.bob_hears);
        }
        fault = fault.empty() ? fault : "act " + std::to_string(i + 1) + ": " + fault;
    }

    // Whatever else they were told comes before the answer to this.
    for (visit* const each : {&ann, &bob})
    {
        if (fault.empty() && !each->over())
        {
            each->does(spoken.probe.bytes, how);
            fault = each->hears(spoken.probe.said);
        }
    }
    return fault;
}

} // namespace conformance
