#pragma once

#include <naru/base/cpp20.hpp>

#include <boost/asio/awaitable.hpp>

#include <string_view>

/// Macros that change the layout of Asio's classes, or what their inline functions do, must be the same in a
/// program and in the library that holds Asio's bodies; otherwise the heap is corrupted without a word. Each
/// unit that includes this header refers to one symbol per macro, and the library defines those of its own
/// build. A difference is an undefined reference that names the macro:
///
///     undefined reference to `void naru::build::BOOST_ASIO_DISABLE_THREADS_is<1l>()'
///
/// The references stand in functions that nobody calls.
///
/// A macro's value is -1 when it is not defined, the number in its text, or 1 when there is none.

// clang-format off
#define NARU_BUILD_MACROS(apply)                                        \
    apply(BOOST_VERSION)                                                \
    apply(BOOST_ASIO_STANDALONE)                                        \
    apply(BOOST_ASIO_NO_EXCEPTIONS)                                     \
    apply(BOOST_ASIO_NO_TYPEID)                                         \
    apply(BOOST_ASIO_NO_TS_EXECUTORS)                                   \
    apply(BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT)                        \
    apply(BOOST_ASIO_DISABLE_THREADS)                                   \
    apply(BOOST_ASIO_DISABLE_THREAD_KEYWORD_EXTENSION)                  \
    apply(BOOST_ASIO_DISABLE_STD_MUTEX_AND_CONDVAR)                     \
    apply(BOOST_ASIO_DISABLE_STD_ATOMIC)                                \
    apply(BOOST_ASIO_DISABLE_STD_EXCEPTION_PTR)                         \
    apply(BOOST_ASIO_DISABLE_FENCED_BLOCK)                              \
    apply(BOOST_ASIO_DISABLE_HANDLER_HOOKS)                             \
    apply(BOOST_ASIO_DISABLE_EPOLL)                                     \
    apply(BOOST_ASIO_DISABLE_EVENTFD)                                   \
    apply(BOOST_ASIO_DISABLE_TIMERFD)                                   \
    apply(BOOST_ASIO_DISABLE_SIGNAL)                                    \
    apply(BOOST_ASIO_DISABLE_SIGACTION)                                 \
    apply(BOOST_ASIO_DISABLE_LOCAL_SOCKETS)                             \
    apply(BOOST_ASIO_HAS_IO_URING)                                      \
    apply(BOOST_ASIO_HAS_IO_URING_AS_DEFAULT)                           \
    apply(BOOST_ASIO_ENABLE_HANDLER_TRACKING)                           \
    apply(BOOST_ASIO_CUSTOM_HANDLER_TRACKING)                           \
    apply(BOOST_ASIO_ENABLE_BUFFER_DEBUGGING)                           \
    apply(BOOST_ASIO_ENABLE_SEQUENTIAL_STRAND_ALLOCATION)               \
    apply(BOOST_ASIO_STRAND_IMPLEMENTATIONS)                            \
    apply(BOOST_ASIO_HASH_MAP_BUCKETS)                                  \
    apply(BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE)                    \
    apply(BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)                     \
    apply(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)                 \
    apply(BOOST_ASIO_DISABLE_ERROR_LOCATION)                            \
    apply(BOOST_BEAST_USE_STD_STRING_VIEW)                              \
    apply(BOOST_SYSTEM_DISABLE_THREADS)                                 \
    apply(_GLIBCXX_DEBUG)                                               \
    apply(_GLIBCXX_USE_CXX11_ABI)                                       \
    apply(__clang__)
// clang-format on

namespace naru::build
{

// A macro that is not defined stringizes to its own name.
consteval long value_of(std::string_view name, std::string_view text)
{
    if (text == name)
        return -1;
    long value = 0;
    bool number = false;
    for (const char c : text)
        if (c >= '0' && c <= '9')
        {
            value = value * 10 + (c - '0');
            number = true;
        }
    return number ? value : 1;
}

} // namespace naru::build

#define NARU_BUILD_TEXT(...) #__VA_ARGS__

// Named after the value, so that units that differ do not share one.
#define NARU_BUILD_REFERENCE(macro)                                                                          \
    namespace naru::build                                                                                    \
    {                                                                                                        \
    template <long value>                                                                                    \
    void macro##_is();                                                                                       \
    template <long value>                                                                                    \
    [[gnu::used, gnu::retain]] void refer_to_##macro()                                                       \
    {                                                                                                        \
        macro##_is<value>();                                                                                 \
    }                                                                                                        \
    template void refer_to_##macro<value_of(#macro, NARU_BUILD_TEXT(macro))>();                              \
    }

NARU_BUILD_MACROS(NARU_BUILD_REFERENCE)
