#pragma once

/// Included first by every public header, so that an older language standard is named by the first error.

#if __cplusplus < 202002L
#error "Naru needs C++20: compile with -std=c++20"
#endif
