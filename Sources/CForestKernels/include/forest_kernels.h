#pragma once
#include <stddef.h>
#include <stdint.h>

// Sums of path lengths over the trees of an isolation forest, in two forms that give the same
// whole numbers.
//
// Lanes: a value is replaced by its rank among the thresholds of its column, one byte, once for a
// block of rows. Trees are padded to complete ones, so that a node is a place and needs no link,
// and rows descend side by side in the lanes of a vector register: the tables of a level are looked
// up in registers, and the value that a lane asks for is selected among those of the few columns
// that occur on the level. No step depends on the data, and none loads from an address that does.
//
// Nodes: a row descends several trees at a time from node to node, which suits single rows and
// trees that are deep, or whose columns are many.
//
// Path lengths are whole numbers of small units, so that sums are exact in any order.

#ifdef __cplusplus
extern "C" {
#endif

enum {
  /// Units of a path length in one step down a tree.
  AP_FOREST_UNITS = 1 << 18,
  /// Rows that are ranked and descend together.
  AP_FOREST_BLOCK = 256,
  /// Thresholds that one slot ranks among.
  AP_FOREST_SLOT_THRESHOLDS = 255,
  /// The deepest tree that can be padded.
  AP_FOREST_DEPTH = 10,
  /// Slots that one level of a tree can choose from.
  AP_FOREST_CHOICES = 256,
  /// Different path lengths of a padded tree.
  AP_FOREST_LENGTHS = 64,
  /// Trees that a single row descends at once.
  AP_FOREST_TREES = 10,
  /// Tables are read fastest when they begin at a multiple of this many bytes.
  AP_FOREST_ALIGNMENT = 64,
};

/// Ways to compute the same numbers; those that the processor lacks are not offered.
typedef enum {
  AP_FOREST_NODES = 0,
  AP_FOREST_NEON = 1,
  AP_FOREST_AVX2 = 2,
  AP_FOREST_AVX512 = 3,
} ap_forest_path;

/// Up to 255 thresholds that values of a column are ranked among.
typedef struct {
  /// The column of the rows.
  uint32_t column;
  /// 4 to 8: the slot has room for 2^steps - 1 thresholds.
  uint32_t steps;
  /// The first of 2^steps floats in `thresholds`. That one is unused, the others are a search tree in
  /// level order, with +infinity in free places.
  uint32_t thresholds;
  /// What stands for NaN: -infinity goes left, +infinity right.
  float missing;
} ap_forest_slot;

/// A tree padded to a complete one.
///
/// Its tables follow one another. Three have max(64, 2^depth) bytes: choices and ranks by the number
/// of a node, where the root is 1 and n has the children 2n and 2n + 1, and path lengths by the
/// number of a leaf from the left. The last has 3 × 64 bytes: the low, middle and high byte of each
/// path length in units of 1 / AP_FOREST_UNITS.
///
/// A row goes right when the rank of its value in the chosen slot is above the node's rank, and
/// thus always left where that is 255.
typedef struct {
  /// 4, 6, 7, 8, 9 or 10.
  uint32_t depth;
  /// The first byte in `tables`.
  uint32_t tables;
  /// The first number in `levels`. For each level there is a count n, then n · 4 offsets of slots,
  /// AP_FOREST_BLOCK times their numbers: what the level's choices stand for.
  uint32_t levels;
} ap_forest_tree;

/// A forest for lanes.
typedef struct {
  size_t columns;
  size_t slot_count;
  const ap_forest_slot *_Nonnull slots;
  const float *_Nonnull thresholds;
  size_t tree_count;
  const ap_forest_tree *_Nonnull trees;
  const uint8_t *_Nonnull tables;
  const uint32_t *_Nonnull levels;
} ap_lane_forest;

/// A node as single rows see it.
typedef struct {
  /// The threshold of a split, the path length of a leaf.
  float value;
  /// The low `column_bits` bits are a place in the prepared row, the others how far behind this
  /// node its left child is, which the right child follows. A leaf's place is `2 * columns`, where
  /// there is -infinity, and its distance 0, so that a row stays there.
  uint32_t link;
} ap_forest_node;

/// A forest for single rows.
typedef struct {
  size_t columns;
  uint32_t column_bits;
  /// A multiple of AP_FOREST_TREES; leaves of path length 0 can fill it up.
  size_t tree_count;
  /// Where each tree begins in `nodes`.
  const uint32_t *_Nonnull roots;
  /// For every AP_FOREST_TREES trees, the steps from a root to the deepest leaf.
  const uint32_t *_Nonnull depths;
  const ap_forest_node *_Nonnull nodes;
} ap_node_forest;

/// A forest for single rows, in less memory: splits do not lie where their children are looked for, and
/// leaves of all trees with the same path length are one.
///
/// Of a node's link, the low `column_bits` bits are a place in the prepared row, and `child_bits`
/// bits each above those say where a row goes that is at or below the threshold, and one that is
/// above. The upper bit of the two codes says whether that is a split, counted from the tree's first
/// one, or a leaf, counted from the first of all. A leaf's place is `columns`, where there is
/// -infinity, and its lower code is its own.
typedef struct {
  size_t columns;
  uint32_t column_bits;
  uint32_t child_bits;
  /// Leaves, which are the first nodes.
  uint32_t leaf_count;
  /// A multiple of AP_FOREST_TREES; leaves of path length 0 can fill it up.
  size_t tree_count;
  /// Where each tree begins in `nodes`.
  const uint32_t *_Nonnull roots;
  /// For every AP_FOREST_TREES trees, the steps from a root to the deepest leaf.
  const uint32_t *_Nonnull depths;
  const ap_forest_node *_Nonnull nodes;
} ap_packed_forest;

/// The fastest way on this processor.
ap_forest_path ap_forest_best_path(void);

/// Whether this processor can take a way.
int ap_forest_has_path(ap_forest_path path);

/// Bytes of scratch memory that `ap_lane_totals` needs.
size_t ap_lane_scratch(const ap_lane_forest *_Nonnull forest);

/// Adds up path lengths of rows [count × columns] over all trees, in units of 1 / AP_FOREST_UNITS.
///
/// path      A way that the processor has, not AP_FOREST_NODES.
/// totals    [count], written.
void ap_lane_totals(
    const ap_lane_forest *_Nonnull forest, ap_forest_path path, const float *_Nonnull rows,
    size_t count, uint64_t *_Nonnull totals, uint8_t *_Nonnull scratch);

/// The same from node to node.
///
/// prepared    [2 * columns + 1], overwritten.
void ap_node_totals(
    const ap_node_forest *_Nonnull forest, const float *_Nonnull rows, size_t count,
    uint64_t *_Nonnull totals, float *_Nonnull prepared);

/// The sum of path lengths of one row [columns] over all trees, in units of 1 / AP_FOREST_UNITS.
///
/// prepared    [columns + 1], overwritten.
uint64_t ap_packed_total(
    const ap_packed_forest *_Nonnull forest, const float *_Nonnull row, float *_Nonnull prepared);

#ifdef __cplusplus
}
#endif
