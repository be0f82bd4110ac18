// Cuts a stream of bytes into HTTP answers and checks each: status 200, a Content-Length, the body that was
// asked for.
#pragma once

#include <stddef.h>

// Counts the complete answers between `begin` and `end` and sets `rest` to what follows the last of them. -1
// when one of them is not what it should be; why is said on standard error.
long take_answers(const char* begin, const char* end, const char** rest);
