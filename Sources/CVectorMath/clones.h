#pragma once
#include <stdint.h>

// ifunc, which the clones need, is a feature of glibc; <stdint.h> has brought __GLIBC__ if any.
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__)
#define CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CLONES
#endif
#define INLINED static inline __attribute__((always_inline))
