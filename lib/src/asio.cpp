// Asio's bodies, compiled once, here.
//
// A program may have units with header-only Asio beside this library. Asio's functions are inline there, and
// the linker merges them with these only if these are inline too. Otherwise each side has its own error
// categories
// (`ec == boost::asio::error::eof` is false) and its own signal state. `used` emits them although nothing
// here calls them.
#define BOOST_ASIO_DECL inline __attribute__((used))

#include <boost/asio/impl/src.hpp>
