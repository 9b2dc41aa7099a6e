#include "forest_kernels.h"

#include <math.h>

/// Trees that a row descends at once, so that one walk's loads do not wait for another's.
enum { TREES = 8 };
/// Steps after which a walk looks whether all have arrived.
enum { STEPS = 8 };

/// Copies a row so that no value is NaN: as the columns that go right for it, then as those that
/// go left, then the value that stays in a leaf.
static void prepare(size_t columns, const float *row, float *prepared) {
  for (size_t column = 0; column < columns; column++) {
    float value = row[column];
    prepared[column] = value == value ? value : INFINITY;
    prepared[columns + column] = value == value ? value : -INFINITY;
  }
  prepared[2 * columns] = -INFINITY;
}

/// The path length of a leaf in units; the product is exact.
static uint64_t units(float length) { return (uint64_t)(length * (float)AP_FOREST_UNITS); }

static inline __attribute__((always_inline)) uint64_t walk(
    const ap_node_forest *forest, size_t first, size_t count, const float *row) {
  const uint32_t bits = forest->column_bits, mask = (1u << bits) - 1;
  const ap_forest_node *tree[TREES];
  uint32_t node[TREES], depth = 0;
  for (size_t k = 0; k < count; k++) {
    tree[k] = forest->nodes + forest->roots[first + k];
    node[k] = 0;
    if (forest->depths[first + k] > depth) depth = forest->depths[first + k];
  }
  for (uint32_t begin = 0; begin < depth; begin += STEPS) {
    uint32_t end = depth - begin < STEPS ? depth : begin + STEPS;
    for (uint32_t step = begin; step < end; step++) {
      for (size_t k = 0; k < count; k++) {
        ap_forest_node at = tree[k][node[k]];
        node[k] = (at.link >> bits) + (row[at.link & mask] > at.value);
      }
    }
    if (end == depth) break;
    int arrived = 1;
    for (size_t k = 0; k < count; k++) {
      arrived &= (tree[k][node[k]].link & mask) == 2 * forest->columns;
    }
    if (arrived) break;
  }
  uint64_t total = 0;
  for (size_t k = 0; k < count; k++) total += units(tree[k][node[k]].value);
  return total;
}

void ap_node_totals(
    const ap_node_forest *forest, const float *rows, size_t count, uint64_t *totals,
    float *prepared) {
  for (size_t row = 0; row < count; row++) {
    prepare(forest->columns, rows + row * forest->columns, prepared);
    uint64_t total = 0;
    size_t tree = 0;
    for (; tree + TREES <= forest->tree_count; tree += TREES) {
      total += walk(forest, tree, TREES, prepared);
    }
    for (; tree < forest->tree_count; tree++) total += walk(forest, tree, 1, prepared);
    totals[row] = total;
  }
}
