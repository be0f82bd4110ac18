#pragma once

#include "figures.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace compare
{

/// Rows of cells as lines: the first column to the left, the others to the right, each as wide as its widest
/// cell. The first row is the heading.
class table
{
  public:
    using row = std::vector<std::string>;

    explicit table(row heading) : rows_{std::move(heading)} {}
    void add(row cells) { rows_.push_back(std::move(cells)); }
    std::string text() const;

  private:
    std::vector<row> rows_;
};

/// `4.31 us`, `20.6 ms`, `1.20 s`: three digits.
std::string duration_text(microseconds value);

/// `12,345`, `10.0`, `2.08`: whole from 100 on, else three digits.
std::string number_text(double value);
std::string count_text(std::uint64_t value);

/// `text` broken at spaces into lines of at most `width` columns, all but the first indented by `indent`.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

} // namespace compare
