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

/// 32 bytes of zeros, then 32 of ones: a load at n has the highest n bytes set.
alignas(64) constexpr uint8_t upper_bytes[64] = {
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0,    0,    0,    0,    0,    0,    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

INLINED __m256i load(const uint8_t *at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(at));
}

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

/// A plain decimal of at most 31 characters before a quote.
///
/// Its digits are laid at the end of 32 bytes, the point taken out, and added up in pairs: no step
/// depends on how many there are, so that no branch is mispredicted.
INLINED const uint8_t *short_value(const uint8_t *at, double *value) {
  __m256i text = load(at);
  __m256i digits = _mm256_sub_epi8(text, _mm256_set1_epi8('0'));
  uint32_t quotes = uint32_t(_mm256_movemask_epi8(_mm256_cmpeq_epi8(text, _mm256_set1_epi8('"'))));
  uint32_t points = uint32_t(_mm256_movemask_epi8(_mm256_cmpeq_epi8(text, _mm256_set1_epi8('.'))));
  uint32_t others = uint32_t(_mm256_movemask_epi8(
      _mm256_cmpeq_epi8(_mm256_max_epu8(digits, _mm256_set1_epi8(10)), digits)));
  if (__builtin_expect(quotes == 0, 0)) return nullptr;
  uint32_t quote = quotes & -quotes;
  unsigned length = unsigned(__builtin_ctz(quotes));
  points &= quote - 1;
  others &= quote - 1;
  unsigned negative = *at == '-', point = points != 0;
  unsigned fraction = length - unsigned(__builtin_ctz(points | quote)) - point;
  unsigned count = length - point - negative;
  // Nothing but digits, a sign at the beginning and one point, which is neither first nor last.
  uint32_t ends = quote >> 1 | 1u << negative;
  uint32_t strange = (others ^ (points | negative)) | (points & (points - 1)) | (points & ends);
  if (__builtin_expect(strange != 0 || count == 0, 0)) return nullptr;
  const uint8_t *right = at + length - 32;
  __m256i aligned = _mm256_blendv_epi8(
      load(right - point), load(right), load(upper_bytes + fraction));
  aligned = _mm256_and_si256(
      _mm256_sub_epi8(aligned, _mm256_set1_epi8('0')), load(upper_bytes + count));
  __m256i pairs = _mm256_maddubs_epi16(aligned, _mm256_set1_epi16(0x010A));
  __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00010064));
  __m256i eights = _mm256_madd_epi16(
      _mm256_packus_epi32(fours, fours), _mm256_set1_epi32(0x00012710));
  uint64_t upper = uint64_t(_mm_cvtsi128_si64(_mm256_castsi256_si128(eights)));
  uint64_t lower = uint64_t(_mm_cvtsi128_si64(_mm256_extracti128_si256(eights, 1)));
  // Of the upper sixteen digits, the eight highest are in the low half; they must be zero, and the
  // others so few that the sum is below 2^64.
  upper = upper << 32 | upper >> 32;
  if (__builtin_expect(upper > 1843, 0)) return nullptr;
  uint64_t significand =
      upper * 10000000000000000 + (lower & 0xFFFFFFFF) * 100000000 + (lower >> 32);
  double magnitude;
  if (__builtin_expect(!decimal::nearest(significand, fraction, &magnitude), 0)) return nullptr;
  uint64_t bits;
  std::memcpy(&bits, &magnitude, sizeof bits);
  bits |= uint64_t(negative) << 63;
  std::memcpy(value, &bits, sizeof bits);
  return at + length + 1;
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
