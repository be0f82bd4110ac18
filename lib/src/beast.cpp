// Beast's bodies, compiled once, here; inline for the reason that asio.cpp gives. Beast's configuration
// defines the macro in any case, so it is included first.
#include <boost/beast/core/detail/config.hpp>
#undef BOOST_BEAST_DECL
#define BOOST_BEAST_DECL inline __attribute__((used))

#include <boost/beast/src.hpp>
