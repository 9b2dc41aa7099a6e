#pragma once
#include <cstring>

#include "forest_kernels.h"

#define INLINED static inline __attribute__((always_inline))

/// Adds up path lengths on processors with the vectors of the name; `ranks` holds
/// AP_FOREST_BLOCK bytes per slot and is aligned to AP_FOREST_ALIGNMENT bytes.
using lane_kernel = void(
    const ap_lane_forest *forest, const float *rows, size_t count, uint64_t *totals,
    uint8_t *ranks);

lane_kernel ap_lane_totals_avx512;
lane_kernel ap_lane_totals_avx2;
lane_kernel ap_lane_totals_neon;
