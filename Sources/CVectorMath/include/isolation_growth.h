#pragma once
#include <stddef.h>
#include <stdint.h>

// What growing an isolation tree spends its time on: the rows of a subsample brought together as
// columns, the extremes of a column within a node, and the rows of a node divided by a threshold.
// Only comparisons and copies, so that every compiled form gives the same bits.

/// What `ap_turn_rows` met.
enum { AP_HAS_NAN = 1, AP_HAS_INFINITY = 2 };

/// Copies sampled rows, which lie anywhere in memory, one after another, and asks for the next ones.
///
/// columns  Columns of the rows.
/// rows     [n x columns], row-major.
/// count    Rows of the sample.
/// sample   [count] numbers of rows.
/// from     First row of the sample to copy; `to` is behind the last one, at most count.
/// copies   [count x columns]; rows from ..< to are written.
void ap_copy_rows(
    size_t columns, const float *_Nonnull rows, size_t count, const uint32_t *_Nonnull sample,
    size_t from, size_t to, float *_Nonnull copies);

/// Turns rows into columns and finds the extremes of each column.
///
/// columns   Columns of the rows.
/// rows      [count x columns], row-major.
/// count     Rows, at least 1.
/// stride    Distance of columns in values, at least count.
/// values    [columns x stride], written.
/// least     [columns], written with the smallest value that is not NaN, +infinity if none is.
/// greatest  [columns], the same with the largest, -infinity if none.
///
/// Returns the union of AP_HAS_NAN and AP_HAS_INFINITY.
int ap_turn_rows(
    size_t columns, const float *_Nonnull rows, size_t count, size_t stride,
    float *_Nonnull values, float *_Nonnull least, float *_Nonnull greatest);

/// The extremes of a column over some of its rows.
///
/// values    The column; none of the chosen is NaN.
/// members   [count] numbers of rows, count at least 1.
/// least     Written, and so is greatest.
void ap_member_extremes(
    const float *_Nonnull values, size_t count, const uint32_t *_Nonnull members,
    float *_Nonnull least, float *_Nonnull greatest);

/// Moves the rows at or below a threshold to the front, both parts in their former order.
///
/// members  [count] numbers of rows, changed.
/// scratch  [count], workspace.
///
/// Returns how many rows are at or below the threshold.
size_t ap_divide_members(
    const float *_Nonnull values, float threshold, size_t count, uint32_t *_Nonnull members,
    uint32_t *_Nonnull scratch);
