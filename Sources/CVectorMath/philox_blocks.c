#include "philox_blocks.h"

#include "clones.h"

/// Blocks side by side, each word in the low half of a 64-bit lane so that a product is whole.
enum { LANES = 8 };
typedef uint64_t lanes __attribute__((vector_size(64), aligned(8), may_alias));

#define LOW(x) ((x) & 0xFFFFFFFFu)

#define SPLAT(value) ((lanes){0} + (uint64_t)(value))

INLINED void ten_rounds(lanes word[4], uint64_t key) {
  uint32_t first = (uint32_t)key, second = (uint32_t)(key >> 32);
#pragma unroll
  for (int round = 0; round < 10; round++) {
    lanes a = LOW(word[0]) * 0xD2511F53u, b = LOW(word[2]) * 0xCD9E8D57u;
    // The upper halves of the lanes may hold anything: LOW comes before every product.
    word[0] = (b >> 32) ^ word[1] ^ SPLAT(first);
    word[1] = b;
    word[2] = (a >> 32) ^ word[3] ^ SPLAT(second);
    word[3] = a;
    first += 0x9E3779B9u;
    second += 0xBB67AE85u;
  }
}

CLONES void ap_philox_blocks(
    uint64_t key, uint64_t counter, uint64_t stream, size_t blocks, uint64_t *output) {
  const lanes steps = {0, 1, 2, 3, 4, 5, 6, 7};
  for (size_t block = 0; block < blocks; block += LANES) {
    lanes place = SPLAT(counter + block) + steps;
    lanes word[4] = {place, place >> 32, SPLAT(stream), SPLAT(stream >> 32)};
    ten_rounds(word, key);
    lanes low = LOW(word[0]) | word[1] << 32, high = LOW(word[2]) | word[3] << 32;
    size_t count = blocks - block < LANES ? blocks - block : LANES;
    for (size_t i = 0; i < count; i++) {
      output[2 * (block + i)] = low[i];
      output[2 * (block + i) + 1] = high[i];
    }
  }
}
