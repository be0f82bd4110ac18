#include <naru/base/build_check.hpp>

#define NARU_BUILD_DEFINITION(macro)                                                                         \
    template <long value>                                                                                    \
    void naru::build::macro##_is()                                                                           \
    {                                                                                                        \
    }                                                                                                        \
    template void naru::build::macro##_is<naru::build::value_of(#macro, NARU_BUILD_TEXT(macro))>();

NARU_BUILD_MACROS(NARU_BUILD_DEFINITION)
