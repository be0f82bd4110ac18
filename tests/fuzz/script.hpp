#pragma once

#include <cstddef>
#include <string_view>

namespace fuzz
{

/// A reader of an input of the fuzzer: each choice takes bytes, and when there are none left every choice is
/// 0. Two readers share one input, one from each end, so that a change of what a client does changes little
/// of what a handler does.
class script
{
  public:
    enum class from
    {
        front,
        back,
    };

    /// `left` is what nobody has taken yet; it outlives the reader.
    script(std::string_view& left, from side) noexcept : left_(left), side_(side) {}

    bool over() const noexcept { return left_.empty(); }

    /// Below `bound`, which is 1 to 65536.
    std::size_t below(std::size_t bound) noexcept
    {
        std::size_t number = byte();
        if (bound > 256)
            number = number << 8 | byte();
        return number % bound;
    }

    /// One of `choices`; the first when the input is over.
    template <class Choices>
    auto one_of(const Choices& choices) noexcept
    {
        return choices[below(std::size(choices))];
    }

    /// At most 255 bytes as they are; from the front only.
    std::string_view text() noexcept
    {
        const std::size_t size = byte();
        const std::string_view out = left_.substr(0, size);
        left_.remove_prefix(out.size());
        return out;
    }

  private:
    std::size_t byte() noexcept
    {
        if (left_.empty())
            return 0;
        const auto out = static_cast<unsigned char>(side_ == from::front ? left_.front() : left_.back());
        if (side_ == from::front)
            left_.remove_prefix(1);
        else
            left_.remove_suffix(1);
        return out;
    }

    std::string_view& left_;
    from side_;
};

} // namespace fuzz
