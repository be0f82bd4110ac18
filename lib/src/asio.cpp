// Asio's bodies, compiled once, here.
#include <boost/asio/impl/src.hpp>
