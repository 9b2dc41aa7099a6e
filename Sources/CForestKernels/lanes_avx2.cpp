#include "lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2"))), apply_to = function)
namespace {

enum { WIDTH = 32, TABLE_BITS = 4 };
using Vector = __m256i;
/// Only the highest bit of a byte counts, but for `child`, which needs all of them.
using Mask = __m256i;

INLINED Vector load(const uint8_t *at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(at));
}
INLINED Vector splat(int byte) { return _mm256_set1_epi8(char(byte)); }
INLINED Vector add(Vector a, Vector b) { return _mm256_add_epi8(a, b); }
INLINED Vector subtract(Vector a, Vector b) { return _mm256_sub_epi8(a, b); }
INLINED Vector add_16(Vector a, Vector b) { return _mm256_add_epi16(a, b); }
INLINED Vector even_bytes(Vector a) { return _mm256_and_si256(a, _mm256_set1_epi16(0xFF)); }
INLINED Vector odd_bytes(Vector a) { return _mm256_srli_epi16(a, 8); }
INLINED Vector without_low_two(Vector a) { return _mm256_and_si256(a, splat(0xFC)); }
INLINED Mask equal(Vector a, Vector b) { return _mm256_cmpeq_epi8(a, b); }
INLINED Mask above(Vector a, Vector b) {
  return equal(equal(_mm256_min_epu8(a, b), a), _mm256_setzero_si256());
}
INLINED Vector select(Mask right, Vector a, Vector b) { return _mm256_blendv_epi8(a, b, right); }
template <int BIT>
INLINED Mask has_bit(Vector a) { return _mm256_slli_epi16(a, 7 - BIT); }
/// 2 · node, and 1 more to the right.
INLINED Vector child(Vector node, Mask right) { return subtract(add(node, node), right); }

INLINED Vector shuffle(const uint8_t *table, Vector place) {
  __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(table));
  return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), place);
}

template <int BITS>
INLINED Vector table_lookup(const uint8_t *table, Vector place) {
  place = _mm256_and_si256(place, splat((1 << BITS) - 1));
  Vector result = shuffle(table, _mm256_adds_epu8(place, splat(0x70)));
  for (int part = 1; part < 1 << (BITS - 4); part++) {
    // What is not among these 16 gets its highest bit set, which shuffles in a zero.
    Vector within = _mm256_adds_epu8(subtract(place, splat(16 * part)), splat(0x70));
    result = _mm256_or_si256(result, shuffle(table + 16 * part, within));
  }
  return result;
}

static void rank_values(
    const float *thresholds, uint32_t steps, const float *values, size_t count, uint8_t *ranks) {
  const __m256i one = _mm256_set1_epi32(1);
  __m256 top = _mm256_loadu_ps(thresholds);
  for (size_t at = 0; at < count; at += 8) {
    __m256 value = _mm256_load_ps(values + at);
    __m256i place = one;
    for (uint32_t step = 0; step < steps; step++) {
      __m256 threshold = step < 3 ? _mm256_permutevar8x32_ps(top, place)
                                  : _mm256_i32gather_ps(thresholds, place, 4);
      __m256i right = _mm256_castps_si256(_mm256_cmp_ps(threshold, value, _CMP_LT_OQ));
      place = _mm256_sub_epi32(_mm256_add_epi32(place, place), right);
    }
    // The lowest byte of each, below the leading one that they all have.
    place = _mm256_sub_epi32(place, _mm256_sll_epi32(one, _mm_cvtsi32_si128(int(steps))));
    __m128i words = _mm_packus_epi32(
        _mm256_castsi256_si128(place), _mm256_extracti128_si256(place, 1));
    _mm_storel_epi64(
        reinterpret_cast<__m128i *>(ranks + at), _mm_packus_epi16(words, words));
  }
}

#include "lane_walk.inc"

}  // namespace
#pragma clang attribute pop

void ap_lane_totals_avx2(
    const ap_lane_forest *forest, const float *rows, size_t count, uint64_t *totals,
    uint8_t *ranks) {
  lane_totals(forest, rows, count, totals, ranks);
}
#endif
