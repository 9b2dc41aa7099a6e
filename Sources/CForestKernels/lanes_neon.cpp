#include "lanes.h"

#if defined(__aarch64__)
#include <arm_neon.h>

namespace {

enum { WIDTH = 16, TABLE_BITS = 6 };
using Vector = uint8x16_t;
using Mask = uint8x16_t;

INLINED Vector load(const uint8_t *at) { return vld1q_u8(at); }
INLINED Vector splat(int byte) { return vdupq_n_u8(uint8_t(byte)); }
INLINED Vector add(Vector a, Vector b) { return vaddq_u8(a, b); }
INLINED Vector subtract(Vector a, Vector b) { return vsubq_u8(a, b); }
INLINED Vector add_16(Vector a, Vector b) {
  return vreinterpretq_u8_u16(vaddq_u16(vreinterpretq_u16_u8(a), vreinterpretq_u16_u8(b)));
}
INLINED Vector even_bytes(Vector a) {
  return vandq_u8(a, vreinterpretq_u8_u16(vdupq_n_u16(0xFF)));
}
INLINED Vector odd_bytes(Vector a) {
  return vreinterpretq_u8_u16(vshrq_n_u16(vreinterpretq_u16_u8(a), 8));
}
INLINED Vector without_low_two(Vector a) { return vandq_u8(a, splat(0xFC)); }
INLINED Mask equal(Vector a, Vector b) { return vceqq_u8(a, b); }
INLINED Mask above(Vector a, Vector b) { return vcgtq_u8(a, b); }
INLINED Vector select(Mask right, Vector a, Vector b) { return vbslq_u8(right, b, a); }
template <int BIT>
INLINED Mask has_bit(Vector a) { return vtstq_u8(a, splat(1 << BIT)); }
/// 2 · node, and 1 more to the right.
INLINED Vector child(Vector node, Mask right) { return subtract(add(node, node), right); }

template <int BITS>
INLINED Vector table_lookup(const uint8_t *table, Vector place) {
  place = vandq_u8(place, splat((1 << BITS) - 1));
  Vector result = vqtbl4q_u8(vld1q_u8_x4(table), place);
  for (int part = 1; part < 1 << (BITS - 6); part++) {
    // What is not among these 64 looks up a zero.
    Vector within = subtract(place, splat(64 * part));
    result = vorrq_u8(result, vqtbl4q_u8(vld1q_u8_x4(table + 64 * part), within));
  }
  return result;
}

static void rank_values(
    const float *thresholds, uint32_t steps, const float *values, size_t count, uint8_t *ranks) {
  for (size_t at = 0; at < count; at++) {
    uint32_t place = 1;
    for (uint32_t step = 0; step < steps; step++) {
      place = 2 * place + (thresholds[place] < values[at]);
    }
    ranks[at] = uint8_t(place - (1u << steps));
  }
}

#include "lane_walk.inc"

}  // namespace

void ap_lane_totals_neon(
    const ap_lane_forest *forest, const float *rows, size_t count, uint64_t *totals,
    uint8_t *ranks) {
  lane_totals(forest, rows, count, totals, ranks);
}
#endif
