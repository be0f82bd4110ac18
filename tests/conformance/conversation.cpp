#include "conversation.hpp"

#include "answer.hpp"
#include "client.hpp"

#include <algorithm>
#include <optional>

namespace conformance
{
namespace
{

// Asked of a connection that stays. No row asks this: an answer too many cannot be taken for its answer.
constexpr std::string_view probe = "GET /hello/once-more HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view probe_content = "hello, once-more\n";

/// What the client has seen, up to the end that it has seen or tried.
struct course
{
    std::vector<answer> answers;
    std::optional<ending> end;
    std::string fault; ///< what no row allows, whatever it says
};

bool begins_like(const outcome& allowed, const std::vector<answer>& answers)
{
    return answers.size() <= allowed.answers.size() &&
           std::ranges::equal(answers.begin(), answers.end(), allowed.answers.begin(),
                              allowed.answers.begin() + static_cast<std::ptrdiff_t>(answers.size()), {},
                              &answer::status, &expected_answer::status);
}

bool answered_like(const outcome& allowed, const std::vector<answer>& answers)
{
    return answers.size() == allowed.answers.size() && begins_like(allowed, answers);
}

class conversation
{
  public:
    conversation(std::uint16_t port, const http_case& row, feed how, std::chrono::milliseconds patience)
        : peer_(port, patience), row_(row), how_(how)
    {
    }

    course hold()
    {
        send_as(peer_, row_.bytes, how_);
        if (row_.finishes)
        {
            peer_.finish();
        }
        while (seen_.fault.empty() && !seen_.end)
        {
            step();
        }
        return std::move(seen_);
    }

  private:
    void step()
    {
        const bool all_answered = std::ranges::any_of(row_.allowed, [this](const outcome& allowed)
                                                      { return answered_like(allowed, seen_.answers); });
        if (all_answered && !row_.finishes && !seen_.answers.empty())
        {
            seen_.end = try_once_more();
            return;
        }

        std::optional<answer> next = receive_answer();
        if (!next)
        {
            return;
        }
        check(*next);
        const bool last = next->has_member("Connection", "close");
        const bool go_on = next->status == 100 && !row_.after_continue.empty();
        seen_.answers.push_back(std::move(*next));
        if (last && seen_.fault.empty())
        {
            seen_.end = see_end();
        }
        else if (go_on)
        {
            send_as(peer_, row_.after_continue, how_);
        }
        else if (seen_.fault.empty() && std::ranges::none_of(row_.allowed, [this](const outcome& allowed)
                                                             { return begins_like(allowed, seen_.answers); }))
        {
            seen_.fault = "an answer that no course has at this place";
        }
    }

    /// Nothing at the end of the connection, or a fault.
    std::optional<answer> receive_answer()
    {
        const std::size_t place = seen_.answers.size();
        const auto& likely = row_.allowed.front().answers;
        const bool to_head = place < likely.size() && likely[place].to_head;
        try
        {
            for (;;)
            {
                if (std::optional<answer> whole = reader_.next(to_head))
                {
                    return whole;
                }
                std::string_view received;
                switch (peer_.receive(received))
                {
                case client::event::bytes:
                    reader_.add(received);
                    break;
                case client::event::finished:
                    if (!reader_.rest().empty())
                    {
                        seen_.fault = "the connection ended inside an answer";
                    }
                    else if (!row_.finishes)
                    {
                        seen_.fault = "the connection ended without an answer that says so";
                    }
                    seen_.end = ending::ends;
                    return std::nullopt;
                case client::event::reset:
                    seen_.fault = "the connection was reset";
                    return std::nullopt;
                case client::event::silence:
                    seen_.fault = "silence";
                    return std::nullopt;
                }
            }
        }
        catch (const bad_answer& bad)
        {
            seen_.fault = bad.what();
            return std::nullopt;
        }
    }

    /// After an answer that said close.
    ending see_end()
    {
        std::string_view received;
        const auto event = peer_.receive(received);
        if (!reader_.rest().empty() || event == client::event::bytes)
        {
            seen_.fault = "bytes after the last answer";
        }
        else if (event != client::event::finished)
        {
            seen_.fault = event == client::event::reset ? "the connection was reset after the last answer"
                                                        : "the last answer said close, but no FIN followed";
        }
        return ending::closes;
    }

    /// After an answer that did not say close.
    ending try_once_more()
    {
        peer_.send(probe);
        const std::optional<answer> further = receive_answer();
        if (further && (further->status != 200 || further->body != probe_content))
        {
            seen_.fault = "one more request got " + std::to_string(further->status) + " " + further->body;
        }
        else if (!reader_.rest().empty())
        {
            seen_.fault = "bytes after the last answer";
        }
        return ending::stays;
    }

    /// What every answer of every course must have.
    void check(const answer& given)
    {
        if (given.status >= 200 && given.status < 500 && !given.has("Date")) // RFC 9110, 6.6.1
        {
            seen_.fault = "no Date in " + std::to_string(given.status);
        }
        if (given.status == 405 && !given.has("Allow")) // RFC 9110, 15.5.6
        {
            seen_.fault = "no Allow in 405";
        }
    }

    client peer_;
    answer_reader reader_;
    const http_case& row_;
    feed how_;
    course seen_;
};

/// Empty when `seen` is the course that `allowed` says.
std::string difference(const outcome& allowed, const course& seen)
{
    if (!answered_like(allowed, seen.answers))
    {
        return "other answers";
    }
    if (seen.end != allowed.end)
    {
        return "another end";
    }
    for (std::size_t i = 0; i < seen.answers.size(); ++i)
    {
        const expected_answer& expected = allowed.answers[i];
        if (expected.body && *expected.body != seen.answers[i].body)
        {
            return "answer " + std::to_string(i + 1) + " has other content";
        }
        for (const auto& [name, member] : expected.members)
        {
            if (!seen.answers[i].has_member(name, member))
            {
                return "answer " + std::to_string(i + 1) + " has no " + member + " in " + name;
            }
        }
    }
    return {};
}

std::string in_words(ending end)
{
    switch (end)
    {
    case ending::stays:
        return "stays";
    case ending::closes:
        return "closes";
    case ending::ends:
        return "ends";
    }
    return {};
}

std::string in_words(const outcome& allowed)
{
    if (allowed.answers.size() > 5)
    {
        return std::to_string(allowed.answers.size()) + " answers, " + in_words(allowed.end);
    }
    std::string words;
    for (const expected_answer& expected : allowed.answers)
    {
        words += std::to_string(expected.status) + ", ";
    }
    return words + in_words(allowed.end);
}

std::string in_words(const course& seen)
{
    constexpr std::size_t enough = 120;
    std::string words;
    for (const answer& given : seen.answers)
    {
        words += std::to_string(given.status);
        words += given.body.empty() ? ", " : " (" + given.body.substr(0, enough) + "), ";
    }
    return words + (seen.end ? in_words(*seen.end) : "no end seen");
}

} // namespace

std::string converse(std::uint16_t port, const http_case& row, feed how, std::chrono::milliseconds patience)
{
    const course seen = conversation(port, row, how, patience).hold();
    std::string differences;
    for (const outcome& allowed : row.allowed)
    {
        const std::string what = seen.fault.empty() ? difference(allowed, seen) : seen.fault;
        if (what.empty())
        {
            return {};
        }
        differences += "  allowed: " + in_words(allowed) + ": " + what + '\n';
    }
    return "seen: " + in_words(seen) + '\n' + differences;
}

} // namespace conformance
