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

/// The seconds of a time that begins with exactly ten digits or more.
INLINED bool whole_time(const uint8_t *at, uint64_t *seconds) {
  __m128i digits = _mm_sub_epi8(
      _mm_loadu_si128(reinterpret_cast<const __m128i *>(at)), _mm_set1_epi8('0'));
  __m128i others = _mm_cmpeq_epi8(_mm_max_epu8(digits, _mm_set1_epi8(10)), digits);
  if ((_mm_movemask_epi8(others) & 0x3FF) != 0) return false;
  __m128i pairs = _mm_maddubs_epi16(
      digits, _mm_setr_epi8(10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 0, 0, 0, 0, 0, 0));
  __m128i fours = _mm_madd_epi16(pairs, _mm_setr_epi16(100, 1, 100, 1, 1, 0, 0, 0));
  uint64_t first = uint64_t(_mm_cvtsi128_si64(fours));
  uint64_t last = uint64_t(_mm_extract_epi32(fours, 2));
  *seconds = (first & 0xFFFFFFFF) * 1000000 + (first >> 32) * 100 + last;
  return true;
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
  if (quotes == 0) return nullptr;
  uint32_t first_quote = quotes & -quotes;
  uint32_t inside = first_quote - 1;
  unsigned length = unsigned(__builtin_ctz(quotes));
  points &= inside;
  unsigned negative = *at == '-', point = points != 0;
  unsigned integer_end = unsigned(__builtin_ctz(points | first_quote));
  unsigned fraction = length - integer_end - point;
  unsigned count = length - point - negative;
  bool plain = (others & inside) == (points | negative) && (points & (points - 1)) == 0 &&
      integer_end > negative && fraction + (1 - point) != 0;
  if (__builtin_expect(!plain, 0)) return nullptr;
  const uint8_t *right = at + length - 32;
  __m256i aligned = _mm256_blendv_epi8(load(right - point), load(right), load(upper_bytes + fraction));
  aligned = _mm256_and_si256(
      _mm256_sub_epi8(aligned, _mm256_set1_epi8('0')), load(upper_bytes + count));
  __m256i pairs = _mm256_maddubs_epi16(aligned, _mm256_set1_epi16(0x010A));
  __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00010064));
  __m256i eights = _mm256_madd_epi16(
      _mm256_packus_epi32(fours, fours), _mm256_set1_epi32(0x00012710));
  uint64_t upper = uint64_t(_mm_cvtsi128_si64(_mm256_castsi256_si128(eights)));
  uint64_t lower = uint64_t(_mm_cvtsi128_si64(_mm256_extracti128_si256(eights, 1)));
  // Less than 2^64 with 16 digits behind.
  if (__builtin_expect(uint32_t(upper) != 0 || upper >> 32 > 1843, 0)) return nullptr;
  if (__builtin_expect(fraction > decimal::fraction_limit, 0)) return nullptr;
  uint64_t significand = (upper >> 32) * 10000000000000000 + (lower & 0xFFFFFFFF) * 100000000 +
      (lower >> 32);
  double magnitude = decimal::nearest(significand, fraction);
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

INLINED bool whole_time(const uint8_t *at, uint64_t *seconds) {
  uint64_t sum = 0;
  for (int i = 0; i < 10; i++) {
    unsigned digit = unsigned(at[i] - '0');
    if (digit > 9) return false;
    sum = sum * 10 + digit;
  }
  *seconds = sum;
  return true;
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
  if (fraction > decimal::fraction_limit) return nullptr;
  double magnitude = decimal::nearest(significand, unsigned(fraction));
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
