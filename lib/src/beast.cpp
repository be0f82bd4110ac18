// Beast's bodies, compiled once, here.
#include <boost/beast/src.hpp>
