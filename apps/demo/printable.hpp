#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace demo
{

/// `text` as it may be shown to others: well-formed UTF-8 without control characters. What one peer sends
/// another's terminal would obey: ESC and the C1 controls move cursors and rename windows, and the marks of
/// writing direction make one text look like another. A byte that is not UTF-8 becomes U+FFFD, a line break
/// or tab a space, and what else is not to be shown is left out.
std::string printable(std::string_view text);

/// Characters of UTF-8, not bytes.
std::size_t characters(std::string_view text) noexcept;

} // namespace demo
