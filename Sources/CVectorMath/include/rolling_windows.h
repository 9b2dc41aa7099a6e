#pragma once
#include <stddef.h>
#include <stdint.h>

// Statistics of every trailing window of one series, vectorised across positions in time.
//
// Each position sums its own window afresh, oldest value first, so that no drift accumulates and a
// result depends on the window's content alone. Nothing is contracted or reassociated: every
// compiled form (SSE2, AVX2, AVX-512, portable) gives the bits of a plain loop over the window.
//
// Common to all:
//   count    Values in the series.
//   window   Values in a window, from 2 to count.
//   values   [count], oldest first; NaN is missing.
//   present  [count + 1], the number of values before each position that are not missing.
//   outputs  [count], written from position window - 1 on. No two arrays may overlap.
// A window needs half of its values and at least two; otherwise the result is NaN.

/// Fills `present`.
void ap_count_present(size_t count, const double *_Nonnull values, int32_t *_Nonnull present);

/// Where the statistics go that need the window's mean; a null pointer is not computed.
typedef struct {
  double *_Nullable mean;
  /// sqrt(sum of squared offsets from the mean / number of values).
  double *_Nullable deviation;
  /// The same with the number of values less one.
  double *_Nullable sample_deviation;
  /// Least-squares slope per position, and the same times (window - 1).
  double *_Nullable slope;
  double *_Nullable trend;
  /// Current value less the mean.
  double *_Nullable excess;
} ap_window_moments;

/// Computes the chosen statistics.
void ap_rolling_moments(
    size_t count, size_t window, const double *_Nonnull values, const int32_t *_Nonnull present,
    const ap_window_moments *_Nonnull outputs);

/// Number of doubles of workspace that ap_rolling_minimum and ap_rolling_maximum need.
size_t ap_rolling_extreme_workspace(size_t count, size_t window);

/// Smallest values; of equal ones the oldest, which tells -0 from 0.
void ap_rolling_minimum(
    size_t count, size_t window, const double *_Nonnull values, const int32_t *_Nonnull present,
    double *_Nonnull workspace, double *_Nonnull output);

/// Largest values; of equal ones the newest.
void ap_rolling_maximum(
    size_t count, size_t window, const double *_Nonnull values, const int32_t *_Nonnull present,
    double *_Nonnull workspace, double *_Nonnull output);

/// Mean absolute difference of neighbours that are both present, each difference rounded to single
/// precision; NaN when there is none.
///
/// steps  [count], workspace.
void ap_rolling_roughness(
    size_t count, size_t window, const double *_Nonnull values, const int32_t *_Nonnull present,
    double *_Nonnull steps, double *_Nonnull output);

/// Number of doubles of workspace that ap_rolling_quantile needs; 0 when the quantile lies too far
/// from both ends of a window to be found by keeping the most extreme values.
size_t ap_rolling_quantile_workspace(size_t count, size_t window, double probability);

/// Quantiles with linear interpolation between ranks (Hyndman and Fan 1996, type 7).
///
/// The most extreme values of windows of 1, 2, 4, ... are merged by sorting networks (Batcher 1968);
/// -0 counts as 0.
void ap_rolling_quantile(
    size_t count, size_t window, double probability, const double *_Nonnull values,
    const int32_t *_Nonnull present, double *_Nonnull workspace, double *_Nonnull output);

/// Exponentially weighted mean and deviation of up to four spans at once.
///
///     d = x - mean,  mean += a d,  variance = (1 - a) (variance + d (a d)),  a = 2 / (span + 1)
///
/// Starts at the first value with variance 0; values that are missing or infinite leave both as they
/// are. (Finch 2009, Incremental calculation of weighted mean and variance, section 9.)
///
/// spans       Number of spans, from 1 to 4.
/// weights     [4] the a of each span.
/// means       [4] pointers to outputs [count], written from position 0 on; null is not computed.
/// deviations  [4] the same for sqrt(variance).
void ap_ewma(
    size_t count, size_t spans, const double *_Nonnull values, const double *_Nonnull weights,
    double *_Nullable const *_Nonnull means, double *_Nullable const *_Nonnull deviations);
