#pragma once
#include <stddef.h>
#include <stdint.h>

// What growing an isolation tree spends its time on: the rows of a subsample brought together as
// columns, the extremes of a column within a node, and the rows of a node divided by a threshold.
// Only comparisons and copies, so that every compiled form gives the same bits.

/// What `ap_gather_columns` met.
enum { AP_HAS_NAN = 1, AP_HAS_INFINITY = 2 };

/// Copies sampled rows side by side as columns and finds the extremes of each column.
///
/// columns   Columns of the rows.
/// rows      [n x columns], row-major.
/// count     Rows of the sample, at least 1.
/// sample    [count] numbers of rows.
/// stride    Distance of columns in values, at least count.
/// values    [columns x stride], written.
/// least     [columns], written with the smallest value that is not NaN, +infinity if none is.
/// greatest  [columns], the same with the largest, -infinity if none.
///
/// Returns the union of AP_HAS_NAN and AP_HAS_INFINITY.
int ap_gather_columns(
    size_t columns, const float *_Nonnull rows, size_t count, const uint32_t *_Nonnull sample,
    size_t stride, float *_Nonnull values, float *_Nonnull least, float *_Nonnull greatest);

/// Asks for a row of `columns` values, which will be gathered later, to be brought from memory.
void ap_fetch_row(size_t columns, const float *_Nonnull row);

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
