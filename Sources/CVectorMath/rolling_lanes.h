#pragma once
#include <stddef.h>
#include <stdint.h>

// Vectors for the rolling windows: eight positions in time side by side. The compiler splits them
// where registers are shorter.

// ifunc, which the clones need, is a feature of glibc; <stdint.h> has brought __GLIBC__ if any.
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__)
#define CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CLONES
#endif
#define INLINED static inline __attribute__((always_inline))

/// Positions in a vector.
enum { LANES = 8 };
typedef double lanes __attribute__((vector_size(64), aligned(8), may_alias));
typedef int64_t lane_mask __attribute__((vector_size(64), aligned(8)));

#define LOAD(pointer) (*(const lanes *)(pointer))
#define STORE(pointer, value) (*(lanes *)(pointer) = (value))
/// The value where the mask is set, +0 elsewhere. Adding +0 to a sum that began at +0 keeps its bits.
#define KEEP(mask, value) ((lanes)((lane_mask)(value) & (mask)))
#define CHOOSE(mask, yes, no) \
  ((lanes)(((lane_mask)(yes) & (mask)) | ((lane_mask)(no) & ~(mask))))
#define SPLAT(value) ((lanes){0} + (value))
#define NOT_A_NUMBER __builtin_nan("")

/// The number of values that are present in the eight windows from `first` on.
#define PRESENT_COUNTS(present, first, window)                                     \
  (lanes) {                                                                        \
    (present)[(first) + (window)] - (present)[(first)],                            \
        (present)[(first) + 1 + (window)] - (present)[(first) + 1],                \
        (present)[(first) + 2 + (window)] - (present)[(first) + 2],                \
        (present)[(first) + 3 + (window)] - (present)[(first) + 3],                \
        (present)[(first) + 4 + (window)] - (present)[(first) + 4],                \
        (present)[(first) + 5 + (window)] - (present)[(first) + 5],                \
        (present)[(first) + 6 + (window)] - (present)[(first) + 6],                \
        (present)[(first) + 7 + (window)] - (present)[(first) + 7]                 \
  }

/// Whether a window with so many values present has a result.
INLINED int is_enough(int32_t found, size_t window) {
  return found >= 2 && 2 * (size_t)found >= window;
}

/// Replaces results of windows with too few values, if the series misses any.
INLINED void blank(
    size_t count, size_t window, const int32_t *present, double *output) {
  if ((size_t)(present[count] - present[0]) == count) return;
  for (size_t t = window - 1; t < count; t++) {
    int32_t found = present[t + 1] - present[t + 1 - window];
    output[t] = is_enough(found, window) ? output[t] : NOT_A_NUMBER;
  }
}
