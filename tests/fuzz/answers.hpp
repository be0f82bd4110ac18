#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fuzz
{

/// Reads the answers of one HTTP connection as they come and aborts the process at what is not one: a client
/// as strict as a small one can be. It does not know what was asked, so an answer without its content is
/// taken for one to HEAD when another answer or nothing follows.
///
/// Contents must not have `HTTP/1.1 ` in them.
class answers
{
  public:
    void received(std::string_view bytes);

  private:
    bool take_one();
    void read_head(std::string_view head);
    void read_field(std::string_view name, std::string_view value);
    void in_order(std::uint64_t call);

    std::string unread_;
    std::uint64_t last_call_ = 0; // of the handler: X-Call
    std::size_t length_ = 0;
    bool has_length_ = false;
    bool closes_ = false;
    bool without_content_ = false;
};

} // namespace fuzz
