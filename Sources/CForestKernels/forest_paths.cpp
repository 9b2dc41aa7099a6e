#include "lanes.h"

int ap_forest_has_path(ap_forest_path path) {
  switch (path) {
    case AP_FOREST_NODES: return 1;
#if defined(__aarch64__)
    case AP_FOREST_NEON: return 1;
#elif defined(__x86_64__)
    // What the files of the kernels are compiled for, all of it.
    case AP_FOREST_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
             __builtin_cpu_supports("bmi2");
    case AP_FOREST_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("bmi2");
#endif
    default: return 0;
  }
}

ap_forest_path ap_forest_best_path(void) {
  const ap_forest_path fastest_first[] = {AP_FOREST_AVX512, AP_FOREST_AVX2, AP_FOREST_NEON};
  for (ap_forest_path path : fastest_first) {
    if (ap_forest_has_path(path)) return path;
  }
  return AP_FOREST_NODES;
}

size_t ap_lane_scratch(const ap_lane_forest *forest) {
  return forest->slot_count * AP_FOREST_BLOCK + AP_FOREST_ALIGNMENT;
}

void ap_lane_totals(
    const ap_lane_forest *forest, ap_forest_path path, const float *rows, size_t count,
    uint64_t *totals, uint8_t *scratch) {
  uintptr_t unaligned = reinterpret_cast<uintptr_t>(scratch) % AP_FOREST_ALIGNMENT;
  uint8_t *ranks = scratch + (unaligned ? AP_FOREST_ALIGNMENT - unaligned : 0);
  switch (path) {
#if defined(__aarch64__)
    case AP_FOREST_NEON: ap_lane_totals_neon(forest, rows, count, totals, ranks); break;
#elif defined(__x86_64__)
    case AP_FOREST_AVX2: ap_lane_totals_avx2(forest, rows, count, totals, ranks); break;
    case AP_FOREST_AVX512: ap_lane_totals_avx512(forest, rows, count, totals, ranks); break;
#endif
    default: __builtin_trap();
  }
}
