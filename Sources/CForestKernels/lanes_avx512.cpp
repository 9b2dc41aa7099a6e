#include "lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,bmi2"))), \
    apply_to = function)
namespace {

enum { WIDTH = 64, TABLE_BITS = 6 };
using Vector = __m512i;
using Mask = __mmask64;

INLINED Vector load(const uint8_t *at) { return _mm512_loadu_si512(at); }
INLINED Vector splat(int byte) { return _mm512_set1_epi8(char(byte)); }
INLINED Vector add(Vector a, Vector b) { return _mm512_add_epi8(a, b); }
INLINED Vector subtract(Vector a, Vector b) { return _mm512_sub_epi8(a, b); }
INLINED Vector add_16(Vector a, Vector b) { return _mm512_add_epi16(a, b); }
INLINED Vector even_bytes(Vector a) { return _mm512_and_si512(a, _mm512_set1_epi16(0xFF)); }
INLINED Vector odd_bytes(Vector a) { return _mm512_srli_epi16(a, 8); }
INLINED Vector without_low_two(Vector a) { return _mm512_and_si512(a, splat(0xFC)); }
INLINED Mask equal(Vector a, Vector b) { return _mm512_cmpeq_epi8_mask(a, b); }
INLINED Mask above(Vector a, Vector b) { return _mm512_cmpgt_epu8_mask(a, b); }
INLINED Vector select(Mask right, Vector a, Vector b) {
  return _mm512_mask_blend_epi8(right, a, b);
}
template <int BIT>
INLINED Mask has_bit(Vector a) { return _mm512_test_epi8_mask(a, splat(1 << BIT)); }
/// 2 · node, and 1 more to the right.
INLINED Vector child(Vector node, Mask right) {
  Vector left = _mm512_add_epi8(node, node);
  return _mm512_mask_sub_epi8(left, right, left, splat(0xFF));
}

template <int BITS>
INLINED Vector table_lookup(const uint8_t *table, Vector place) {
  if constexpr (BITS == 6) {
    return _mm512_permutexvar_epi8(place, load(table));
  } else if constexpr (BITS == 7) {
    return _mm512_permutex2var_epi8(load(table), place, load(table + 64));
  } else {
    Vector left = table_lookup<7>(table, place), right = table_lookup<7>(table + 128, place);
    return select(_mm512_movepi8_mask(place), left, right);
  }
}

/// The level's thresholds for 16 values, by the low bits of their places in the search tree.
template <int LEVEL>
INLINED __m512 thresholds_at(const __m512 *tree, __m512i place) {
  if constexpr (LEVEL < 4) {
    return _mm512_permutexvar_ps(place, tree[0]);
  } else if constexpr (LEVEL == 4) {
    return _mm512_permutexvar_ps(place, tree[1]);
  } else if constexpr (LEVEL == 5) {
    return _mm512_permutex2var_ps(tree[2], place, tree[3]);
  } else if constexpr (LEVEL == 6) {
    __m512 left = _mm512_permutex2var_ps(tree[4], place, tree[5]);
    __m512 right = _mm512_permutex2var_ps(tree[6], place, tree[7]);
    return _mm512_mask_blend_ps(
        _mm512_test_epi32_mask(place, _mm512_set1_epi32(32)), left, right);
  } else {
    __mmask16 outer = _mm512_test_epi32_mask(place, _mm512_set1_epi32(64));
    __mmask16 inner = _mm512_test_epi32_mask(place, _mm512_set1_epi32(32));
    __m512 left = _mm512_mask_blend_ps(
        inner, _mm512_permutex2var_ps(tree[8], place, tree[9]),
        _mm512_permutex2var_ps(tree[10], place, tree[11]));
    __m512 right = _mm512_mask_blend_ps(
        inner, _mm512_permutex2var_ps(tree[12], place, tree[13]),
        _mm512_permutex2var_ps(tree[14], place, tree[15]));
    return _mm512_mask_blend_ps(outer, left, right);
  }
}

template <int LEVEL, int STEPS>
INLINED __m512i search(const __m512 *tree, __m512 value, __m512i place) {
  if constexpr (LEVEL == STEPS) {
    return place;
  } else {
    __mmask16 right = _mm512_cmp_ps_mask(thresholds_at<LEVEL>(tree, place), value, _CMP_LT_OQ);
    __m512i left = _mm512_add_epi32(place, place);
    __m512i next = _mm512_mask_add_epi32(left, right, left, _mm512_set1_epi32(1));
    return search<LEVEL + 1, STEPS>(tree, value, next);
  }
}

template <int STEPS>
INLINED void rank_with(const float *thresholds, const float *values, size_t count, uint8_t *ranks) {
  constexpr int VECTORS = STEPS < 4 ? 1 : 1 << (STEPS - 4);
  __m512 tree[VECTORS];
  for (int k = 0; k < VECTORS; k++) tree[k] = _mm512_loadu_ps(thresholds + 16 * k);
  for (size_t at = 0; at < count; at += 16) {
    __m512i place =
        search<0, STEPS>(tree, _mm512_load_ps(values + at), _mm512_set1_epi32(1));
    place = _mm512_sub_epi32(place, _mm512_set1_epi32(1 << STEPS));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(ranks + at), _mm512_cvtepi32_epi8(place));
  }
}

static void rank_values(
    const float *thresholds, uint32_t steps, const float *values, size_t count, uint8_t *ranks) {
  switch (steps) {
    case 4: rank_with<4>(thresholds, values, count, ranks); break;
    case 5: rank_with<5>(thresholds, values, count, ranks); break;
    case 6: rank_with<6>(thresholds, values, count, ranks); break;
    case 7: rank_with<7>(thresholds, values, count, ranks); break;
    default: rank_with<8>(thresholds, values, count, ranks); break;
  }
}

#include "lane_walk.inc"

}  // namespace
#pragma clang attribute pop

void ap_lane_totals_avx512(
    const ap_lane_forest *forest, const float *rows, size_t count, uint64_t *totals,
    uint8_t *ranks) {
  lane_totals(forest, rows, count, totals, ranks);
}
#endif
