#include "sample_scan.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "decimal.h"

#define INLINED static inline __attribute__((always_inline))

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx2,bmi,bmi2,lzcnt"))), apply_to = function)
namespace wide {

#include "short_decimal.inc"

/// A sample up to its value's quote in the commonest form, `[1234567890,"`, in one step.
INLINED bool usual_head(const uint8_t *at, int64_t *seconds) {
  __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i *>(at));
  // What is as it should be becomes zero, a digit its value.
  __m128i digits = _mm_xor_si128(
      text, _mm_setr_epi8('[', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', ',', '"', 0, 0, 0));
  __m128i excess = _mm_subs_epu8(
      digits, _mm_setr_epi8(0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, -1, -1, -1));
  if (!_mm_testz_si128(excess, excess)) return false;
  __m128i pairs = _mm_maddubs_epi16(
      digits, _mm_setr_epi8(0, 1, 10, 1, 10, 1, 10, 1, 10, 1, 1, 0, 0, 0, 0, 0));
  // The first three digits, the next four, the last three.
  __m128i parts = _mm_madd_epi16(pairs, _mm_setr_epi16(100, 1, 100, 1, 10, 1, 0, 0));
  int64_t upper = _mm_cvtsi128_si64(parts);
  *seconds = (upper & 0xFFFFFFFF) * 10000000 + (upper >> 32) * 1000 + _mm_extract_epi32(parts, 2);
  return *seconds >= 1000000000;
}

INLINED const uint8_t *short_value(const uint8_t *at, double *value) {
  const uint8_t *quote = short_decimal<true>(at, value);
  return quote == nullptr ? nullptr : quote + 1;
}

#include "sample_scan.inc"

}  // namespace wide
#pragma clang attribute pop
#endif

namespace portable {

INLINED bool usual_head(const uint8_t *at, int64_t *seconds) {
  if (*at != '[' || at[1] == '0') return false;
  int64_t sum = 0;
  for (int i = 1; i <= 10; i++) {
    unsigned digit = unsigned(at[i] - '0');
    if (digit > 9) return false;
    sum = sum * 10 + digit;
  }
  *seconds = sum;
  return at[11] == ',' && at[12] == '"';
}

INLINED const uint8_t *short_value(const uint8_t *at, double *value) {
  bool negative = *at == '-';
  at += negative;
  const uint8_t *begin = at, *point = nullptr;
  uint64_t significand = 0;
  for (;; at++) {
    unsigned digit = unsigned(*at - '0');
    if (digit <= 9) {
      // Up to 1843 and 16 digits, as in the wide form.
      if (significand >= 1844674407370955161) return nullptr;
      significand = significand * 10 + digit;
    } else if (*at == '.' && point == nullptr && at > begin) {
      point = at;
    } else {
      break;
    }
  }
  if (*at != '"' || at == begin || at[-1] == '.') return nullptr;
  size_t fraction = point == nullptr ? 0 : size_t(at - point - 1);
  double magnitude;
  if (!decimal::nearest(significand, fraction, &magnitude)) return nullptr;
  *value = negative ? -magnitude : magnitude;
  return at + 1;
}

#include "sample_scan.inc"

}  // namespace portable

extern "C" ap_scan ap_scan_samples_portable(
    const uint8_t *bytes, size_t begin, int64_t *times, double *values, size_t capacity) {
  return portable::scan(bytes, begin, times, values, capacity);
}

extern "C" ap_scan ap_scan_samples(
    const uint8_t *bytes, size_t begin, int64_t *times, double *values, size_t capacity) {
#if defined(__x86_64__)
  static const bool has_wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
      __builtin_cpu_supports("lzcnt");
  if (has_wide) return wide::scan(bytes, begin, times, values, capacity);
#endif
  return portable::scan(bytes, begin, times, values, capacity);
}
