#include "http/exchange.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace naru::http
{

namespace
{

// Heads up to here are remembered.
constexpr std::size_t longest_remembered = 2048;

} // namespace

void exchange::begin(const session_core& of) noexcept
{
    stage_ = stage::nothing;
    position_.in = head_position::part::nothing;
    session_ = &of;
    told_to_continue = false;
    face_.self_ = this;
}

/// A client that keeps its connection mostly says the same again: same path, same fields, to the letter. What
/// they mean is a function of the bytes alone, so it is known already, and to compare is cheaper than to
/// read.
bool exchange::says_the_same_again(std::string_view bytes) const noexcept
{
    return !remembered_.empty() && bytes.starts_with(remembered_);
}

progress exchange::read_head(std::string_view bytes, const bounds& limits)
{
    remembered_.clear();
    looked_up_ = false;
    const progress head = parse_head(bytes, limits.head, position_, head_, refusal_);
    if (head != progress::whole)
        return head;
    if (!judge(bytes, head_, limits.body, verdict_, refusal_, limits.when_empty))
        return progress::refused;
    if (head_.size <= longest_remembered)
        remembered_.assign(bytes.substr(0, head_.size));
    return progress::whole;
}

progress exchange::advance(std::span<char> bytes, const bounds& limits)
{
    base_ = bytes.data();
    const std::string_view text(bytes.data(), bytes.size());
    if (!has_head())
    {
        stage_ = stage::head;
        if (!says_the_same_again(text))
        {
            const progress head = read_head(text, limits);
            if (head != progress::whole)
                return head;
        }
        stage_ = stage::body;
        body_size_ = 0;
        if (verdict_.content == framing::chunked)
            chunks_.begin(limits.body, limits.head);
    }
    switch (verdict_.content)
    {
    case framing::none:
        size_ = head_.size;
        break;
    case framing::length:
        size_ = head_.size + verdict_.length;
        if (bytes.size() < size_)
            return progress::partial;
        body_size_ = verdict_.length;
        break;
    case framing::chunked:
        const progress decoded = chunks_.decode(bytes.subspan(head_.size), refusal_);
        if (decoded != progress::whole)
            return decoded;
        body_size_ = chunks_.content();
        size_ = head_.size + chunks_.consumed();
        break;
    }
    stage_ = stage::whole;
    return progress::whole;
}

std::optional<std::uint64_t> exchange::announced_size() const noexcept
{
    if (stage_ == stage::nothing || stage_ == stage::whole || head_.size == 0)
        return std::nullopt;
    if (stage_ == stage::body)
        return verdict_.content == framing::chunked ? std::nullopt
                                                    : std::optional(head_.size + verdict_.length);
    // The head was refused, perhaps before its length was judged.
    for (const field_line& each : head_.fields)
        if (each.known == known_field::content_length)
            if (const auto length = content_length(text(each.value)))
                return head_.size + *length;
    return std::nullopt;
}

const match& exchange::look_up(const router::tree& routes)
{
    if (std::exchange(looked_up_, true))
        return match_;
    match_ = routes.find(head_.method, path(), head_.encoded, found_params_, text(head_.method_text));
    if (found_params_.empty())
        return match_;
    // By place: the message may move before its handler is called.
    params_.clear();
    for (const std::string_view value : found_params_)
    {
        // What is empty may lie elsewhere: the rest of a path that is not there.
        const auto at = value.empty() ? 0 : static_cast<std::uint32_t>(value.data() - base_);
        params_.push_back({at, static_cast<std::uint32_t>(value.size())});
    }
    return match_;
}

std::string_view exchange::param(std::string_view name) const
{
    const auto& names = match_.found->names;
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end())
        throw std::out_of_range("the route " + match_.found->pattern + " has no {" + std::string(name) + "}");
    return text(params_[static_cast<std::size_t>(at - names.begin())]);
}

} // namespace naru::http
