#pragma once

// The library for texts of bytes, which is what its functions' names end in.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
