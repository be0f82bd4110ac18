#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conformance
{

/// What the connection does after the last answer.
enum class ending
{
    stays,  ///< one more request on the same connection is answered
    closes, ///< the last answer says `Connection: close`, and the server's FIN follows it
    ends,   ///< the client has finished; the FIN follows, whatever the last answer says
};

struct expected_answer
{
    int status = 0;
    std::optional<std::string> body = {};
    /// Fields, each with a member that its comma-separated value must have.
    std::vector<std::pair<std::string, std::string>> members = {};
    /// The answer to a HEAD: no content, whatever Content-Length says.
    bool to_head = false;

    expected_answer with(std::string field, std::string member) const;
};

/// One course that a conversation may take, from the first answer to the end.
struct outcome
{
    std::vector<expected_answer> answers;
    ending end = ending::stays;
};

using outcomes = std::vector<outcome>;

/// One row of the table: these bytes on a new connection, and what may come back. All else is a fault,
/// silence above all.
struct http_case
{
    std::string name;
    std::string section; ///< of the RFC that says so: "9112 3.2"
    std::string bytes;
    outcomes allowed;
    /// Sent when a 100 (Continue) has come.
    std::string after_continue = {};
    /// The client shuts down its side after `bytes`.
    bool finishes = false;
};

expected_answer status(int code);
/// 200 with exactly this content.
expected_answer ok(std::string body);
/// The answer to a HEAD.
expected_answer head(int code);

/// These answers in this order, and the connection stays.
outcomes served(std::vector<expected_answer> answers);
/// One 200 with this content, and the connection stays.
outcomes served(std::string body);
/// These answers in this order, then the server closes.
outcomes served_and_closed(std::vector<expected_answer> answers);
/// This status alone, then the server closes.
outcomes refused(int code);
/// This status alone; the connection may stay or be closed.
outcomes answered(expected_answer answer);
outcomes answered(int code);
/// For a client that has finished: these answers, then the server closes too.
outcomes finished(std::vector<expected_answer> answers);

outcomes any_of(std::initializer_list<outcomes> several);

/// `prefix_0x7f`: the name of a row about one byte.
std::string byte_name(std::string_view prefix, unsigned char byte);

} // namespace conformance
