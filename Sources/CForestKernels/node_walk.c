#include "forest_kernels.h"

#include <math.h>

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

/// The path lengths of a row in some trees; their walks are independent, so that none waits for the
/// loads of another.
static uint64_t walk(
    const ap_node_forest *forest, const uint32_t *roots, uint32_t depth, const float *row) {
  const ap_forest_node *nodes = forest->nodes;
  const uint32_t bits = forest->column_bits, mask = (1u << bits) - 1;
  uint32_t place[AP_FOREST_TREES];
  for (int k = 0; k < AP_FOREST_TREES; k++) place[k] = roots[k];
  for (uint32_t begin = 0; begin < depth; begin += STEPS) {
    uint32_t end = depth - begin < STEPS ? depth : begin + STEPS;
    for (uint32_t step = begin; step < end; step++) {
#pragma clang loop unroll(full)
      for (int k = 0; k < AP_FOREST_TREES; k++) {
        ap_forest_node node = nodes[place[k]];
        place[k] += (node.link >> bits) + (row[node.link & mask] > node.value);
      }
    }
    if (end == depth) break;
    int arrived = 1;
    for (int k = 0; k < AP_FOREST_TREES; k++) {
      arrived &= (nodes[place[k]].link & mask) == 2 * forest->columns;
    }
    if (arrived) break;
  }
  uint64_t total = 0;
  for (int k = 0; k < AP_FOREST_TREES; k++) total += units(nodes[place[k]].value);
  return total;
}

void ap_node_totals(
    const ap_node_forest *forest, const float *rows, size_t count, uint64_t *totals,
    float *prepared) {
  for (size_t row = 0; row < count; row++) {
    prepare(forest->columns, rows + row * forest->columns, prepared);
    uint64_t total = 0;
    for (size_t tree = 0; tree < forest->tree_count; tree += AP_FOREST_TREES) {
      total += walk(
          forest, forest->roots + tree, forest->depths[tree / AP_FOREST_TREES], prepared);
    }
    totals[row] = total;
  }
}

/// `walk` in a packed forest.
static uint64_t walk_packed(
    const ap_packed_forest *forest, const uint32_t *roots, uint32_t depth, const float *row) {
  const ap_forest_node *nodes = forest->nodes;
  const uint32_t bits = forest->column_bits, mask = (1u << bits) - 1;
  const uint32_t child = forest->child_bits, flag = 1u << (child - 1);
  uint32_t place[AP_FOREST_TREES];
  for (int k = 0; k < AP_FOREST_TREES; k++) place[k] = roots[k];
  for (uint32_t begin = 0; begin < depth; begin += STEPS) {
    uint32_t end = depth - begin < STEPS ? depth : begin + STEPS;
    for (uint32_t step = begin; step < end; step++) {
#pragma clang loop unroll(full)
      for (int k = 0; k < AP_FOREST_TREES; k++) {
        ap_forest_node node = nodes[place[k]];
        uint32_t right = -(uint32_t)(row[node.link & mask] > node.value);
        uint32_t code = node.link >> (bits + (child & right));
        place[k] = (code & (flag - 1)) + (roots[k] & -(code >> (child - 1) & 1));
      }
    }
    if (end == depth) break;
    int arrived = 1;
    for (int k = 0; k < AP_FOREST_TREES; k++) arrived &= place[k] < forest->leaf_count;
    if (arrived) break;
  }
  uint64_t total = 0;
  for (int k = 0; k < AP_FOREST_TREES; k++) total += units(nodes[place[k]].value);
  return total;
}

uint64_t ap_packed_total(const ap_packed_forest *forest, const float *row, float *prepared) {
  for (size_t column = 0; column < forest->columns; column++) {
    prepared[column] = row[column] == row[column] ? row[column] : INFINITY;
  }
  prepared[forest->columns] = -INFINITY;
  uint64_t total = 0;
  for (size_t tree = 0; tree < forest->tree_count; tree += AP_FOREST_TREES) {
    total += walk_packed(
        forest, forest->roots + tree, forest->depths[tree / AP_FOREST_TREES], prepared);
  }
  return total;
}
