#include "isolation_growth.h"

#include <string.h>

#include "clones.h"

/// Rows that are asked for ahead of those being copied: as many as the processor waits for at once.
enum { AHEAD = 16, LINE = 64 / sizeof(float) };

/// Four values of a row, or of a column.
typedef float four __attribute__((vector_size(16), aligned(4), may_alias));
#define READ(pointer) (*(const four *)(pointer))
#define WRITE(pointer) (*(four *)(pointer))
#define PICK(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

INLINED void fetch(const float *row, size_t columns) {
  for (size_t column = 0; column < columns; column += LINE) __builtin_prefetch(row + column);
  if (columns) __builtin_prefetch(row + columns - 1);
}

void ap_copy_rows(
    size_t columns, const float *rows, size_t count, const uint32_t *sample, size_t from,
    size_t to, float *copies) {
  if (from == 0)
    for (size_t i = 0; i < count && i < AHEAD; i++) fetch(rows + sample[i] * columns, columns);
  for (size_t i = from; i < to; i++) {
    if (i + AHEAD < count) fetch(rows + sample[i + AHEAD] * columns, columns);
    memcpy(copies + i * columns, rows + sample[i] * columns, columns * sizeof *rows);
  }
}

/// Four rows become four values of each column.
INLINED void turn(size_t columns, const float *rows, size_t stride, float *values) {
  const float *row[4] = {rows, rows + columns, rows + 2 * columns, rows + 3 * columns};
  size_t column = 0;
  for (; column + 4 <= columns; column += 4) {
    four a = READ(row[0] + column), b = READ(row[1] + column);
    four c = READ(row[2] + column), d = READ(row[3] + column);
    four ab = PICK(a, b, 0, 4, 1, 5), cd = PICK(c, d, 0, 4, 1, 5);
    WRITE(values + column * stride) = PICK(ab, cd, 0, 1, 4, 5);
    WRITE(values + (column + 1) * stride) = PICK(ab, cd, 2, 3, 6, 7);
    ab = PICK(a, b, 2, 6, 3, 7);
    cd = PICK(c, d, 2, 6, 3, 7);
    WRITE(values + (column + 2) * stride) = PICK(ab, cd, 0, 1, 4, 5);
    WRITE(values + (column + 3) * stride) = PICK(ab, cd, 2, 3, 6, 7);
  }
  for (; column < columns; column++)
    for (size_t k = 0; k < 4; k++) values[column * stride + k] = row[k][column];
}

/// A whole number that is ordered as the float is, with -0 just below 0 and NaN at both ends.
INLINED int32_t rank_of(float value) {
  int32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits ^ (bits >> 31 & 0x7FFFFFFF);
}

INLINED float value_of(int32_t rank) {
  int32_t bits = rank ^ (rank >> 31 & 0x7FFFFFFF);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

CLONES static void extreme_ranks(
    size_t count, const float *values, int32_t *least, int32_t *greatest) {
  int32_t low = INT32_MAX, high = INT32_MIN;
  for (size_t i = 0; i < count; i++) {
    int32_t rank = rank_of(values[i]);
    low = rank < low ? rank : low;
    high = rank > high ? rank : high;
  }
  *least = low;
  *greatest = high;
}

/// The extremes of a column with infinities or NaN, and which of them it has.
static int unusual_extremes(size_t count, const float *values, float *least, float *greatest) {
  int found = 0;
  *least = __builtin_inff();
  *greatest = -__builtin_inff();
  for (size_t i = 0; i < count; i++) {
    float value = values[i];
    if (value != value) found |= AP_HAS_NAN;
    if (__builtin_isinf(value)) found |= AP_HAS_INFINITY;
    *least = value < *least ? value : *least;
    *greatest = value > *greatest ? value : *greatest;
  }
  return found;
}

static int column_extremes(size_t count, const float *values, float *least, float *greatest) {
  int32_t low, high;
  extreme_ranks(count, values, &low, &high);
  *least = value_of(low);
  *greatest = value_of(high);
  if (low > rank_of(-__builtin_inff()) && high < rank_of(__builtin_inff())) return 0;
  return unusual_extremes(count, values, least, greatest);
}

int ap_turn_rows(
    size_t columns, const float *rows, size_t count, size_t stride, float *values, float *least,
    float *greatest) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) turn(columns, rows + i * columns, stride, values + i);
  for (; i < count; i++)
    for (size_t column = 0; column < columns; column++)
      values[column * stride + i] = rows[i * columns + column];
  int found = 0;
  for (size_t column = 0; column < columns; column++)
    found |= column_extremes(count, values + column * stride, least + column, greatest + column);
  return found;
}

void ap_member_extremes(
    const float *values, size_t count, const uint32_t *members, float *least, float *greatest) {
  float first = values[members[0]];
  float low[4] = {first, first, first, first}, high[4] = {first, first, first, first};
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
#pragma unroll
    for (int k = 0; k < 4; k++) {
      float value = values[members[i + k]];
      low[k] = value < low[k] ? value : low[k];
      high[k] = value > high[k] ? value : high[k];
    }
  }
  for (; i < count; i++) {
    float value = values[members[i]];
    low[0] = value < low[0] ? value : low[0];
    high[0] = value > high[0] ? value : high[0];
  }
  for (int k = 1; k < 4; k++) {
    low[0] = low[k] < low[0] ? low[k] : low[0];
    high[0] = high[k] > high[0] ? high[k] : high[0];
  }
  *least = low[0];
  *greatest = high[0];
}

size_t ap_divide_members(
    const float *values, float threshold, size_t count, uint32_t *members, uint32_t *scratch) {
  size_t left = 0, right = 0;
  // Both places are written and one is kept: a jump would be guessed wrong half of the time.
  for (size_t i = 0; i < count; i++) {
    uint32_t member = members[i];
    size_t goes_right = values[member] > threshold;
    members[left] = member;
    scratch[right] = member;
    left += 1 - goes_right;
    right += goes_right;
  }
  memcpy(members + left, scratch, right * sizeof *scratch);
  return left;
}
