#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace naru::http
{

/// Bytes on the heap with nothing before and after them: a sanitizer sees every step beyond.
class exact_bytes
{
  public:
    explicit exact_bytes(std::string_view text) : size_(text.size()), bytes_(new char[text.size()])
    {
        text.copy(bytes_.get(), text.size());
    }

    std::string_view view() const noexcept { return {bytes_.get(), size_}; }
    std::span<char> span() const noexcept { return {bytes_.get(), size_}; }

  private:
    std::size_t size_;
    std::unique_ptr<char[]> bytes_;
};

} // namespace naru::http
