#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conformance
{

/// The server wrote what is no well-formed answer.
class bad_answer : public std::runtime_error
{
  public:
    using std::runtime_error::runtime_error;
};

struct answer
{
    int status = 0;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;

    bool has(std::string_view name) const;
    /// Whether `member` is in the comma-separated list that the fields of that name make; neither knows case.
    bool has_member(std::string_view name, std::string_view member) const;
};

/// Cuts answers out of the bytes that a server sends, and takes nothing that RFC 9112's grammar has not: what
/// a lenient client would pass over is just what these tests look for.
class answer_reader
{
  public:
    void add(std::string_view bytes) { bytes_ += bytes; }

    /// The next whole answer, or nothing yet. `to_head`: it answers a HEAD. Throws bad_answer.
    std::optional<answer> next(bool to_head);

    /// What no answer has been made of.
    std::string_view rest() const noexcept { return bytes_; }

  private:
    std::string bytes_;
};

} // namespace conformance
