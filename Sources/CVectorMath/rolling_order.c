#include "rolling_lanes.h"
#include "rolling_windows.h"

/// Positions between the starts of stretches that are worked on at once: few enough for the caches,
/// many enough that the window before them costs little.
INLINED size_t stretch_length(size_t count, size_t window, size_t least) {
  size_t length = window * 2 > least ? window * 2 : least;
  return length < count ? length : count;
}

INLINED size_t largest_power(size_t window) {
  size_t power = 1;
  while (power * 2 <= window) power *= 2;
  return power;
}

size_t ap_rolling_extreme_workspace(size_t count, size_t window) {
  return stretch_length(count, window, 2048) + window;
}

// The extreme of 2, 4, 8, ... values from each position on, then of two overlapping powers of two.
#define EXTREME(name, absent, better)                                                             \
  CLONES void name(                                                                               \
      size_t count, size_t window, const double *values, const int32_t *present,                  \
      double *workspace, double *output) {                                                        \
    size_t windows = count - (window - 1), power = largest_power(window);                         \
    size_t stretch = stretch_length(count, window, 2048);                                         \
    for (size_t first = 0; first < windows; first += stretch) {                                   \
      size_t here = windows - first < stretch ? windows - first : stretch;                        \
      size_t length = here + window - 1;                                                          \
      const double *x = values + first;                                                           \
      for (size_t i = 0; i < length; i++) workspace[i] = x[i] == x[i] ? x[i] : (absent);          \
      for (size_t step = 1; step < power; step *= 2) {                                            \
        length -= step;                                                                           \
        _Pragma("clang loop vectorize(assume_safety)")                                            \
        for (size_t i = 0; i < length; i++) {                                                     \
          double older = workspace[i], newer = workspace[i + step];                               \
          workspace[i] = (better);                                                                \
        }                                                                                         \
      }                                                                                           \
      double *result = output + first + window - 1;                                               \
      for (size_t i = 0; i < here; i++) {                                                         \
        double older = workspace[i], newer = workspace[i + window - power];                       \
        result[i] = (better);                                                                     \
      }                                                                                           \
    }                                                                                             \
    blank(count, window, present, output);                                                        \
  }

EXTREME(ap_rolling_minimum, __builtin_inf(), newer < older ? newer : older)
EXTREME(ap_rolling_maximum, -__builtin_inf(), older > newer ? older : newer)

/// A quantile's place among ascending values.
typedef struct {
  size_t lower;
  double fraction;
} place;

INLINED place place_of(double probability, size_t found) {
  double position = probability * (double)(found - 1);
  size_t lower = (size_t)position;
  return (place){lower, position - (double)lower};
}

/// How many of the most extreme values decide the quantile of every window that has a result,
/// rounded up to a power of two; 0 for more than 16.
INLINED size_t kept_values(size_t window, double probability) {
  size_t needed = 2;
  for (size_t found = window; found >= 2 && 2 * found >= window; found--) {
    place at = place_of(probability, found);
    size_t here = probability >= 0.5 ? found - at.lower : at.lower + 2;
    if (here > needed) needed = here;
    if (needed > 16) return 0;
  }
  size_t power = 2;
  while (power < needed) power *= 2;
  return power;
}

/// Doubles in a row of the workspace, with room for a vector beyond the end.
INLINED size_t row_length(size_t count, size_t window) {
  return stretch_length(count, window, 512) + window + LANES;
}

size_t ap_rolling_quantile_workspace(size_t count, size_t window, double probability) {
  return 2 * kept_values(window, probability) * row_length(count, window);
}

/// The `kept` largest of two descending lists a position: a[j][i] and b[j][i] into a[j][i].
/// The first step leaves the largest in bitonic order, the rest sorts them.
INLINED void merge_lists(int kept, size_t row, size_t length, double *a, const double *b) {
  for (size_t i = 0; i < length; i += LANES) {
    lanes list[16];
#pragma unroll
    for (int j = 0; j < kept; j++) {
      lanes x = LOAD(a + (size_t)j * row + i), y = LOAD(b + (size_t)(kept - 1 - j) * row + i);
      list[j] = CHOOSE(x > y, x, y);
    }
#pragma unroll
    for (int half = kept / 2; half > 0; half /= 2) {
#pragma unroll
      for (int j = 0; j < kept; j++) {
        if (j & half) continue;
        lanes x = list[j], y = list[j + half];
        list[j] = CHOOSE(x > y, x, y);
        list[j + half] = CHOOSE(x > y, y, x);
      }
    }
#pragma unroll
    for (int j = 0; j < kept; j++) STORE(a + (size_t)j * row + i, list[j]);
  }
}

/// The largest values of each window: of 1, 2, 4, ... values, and of the sum of such lengths that
/// is the window's. `result` and `lists` are [kept x row]; `lists` holds the values in its first row.
INLINED void largest_of_windows(
    int kept, size_t row, size_t here, size_t window, double *lists, double *result) {
  size_t length = here + window - 1, taken = 0;
  for (size_t power = 1;; power *= 2) {
    if (window & power) {
      if (taken == 0) {
        for (int j = 0; j < kept; j++) {
          for (size_t i = 0; i < here; i++) {
            result[(size_t)j * row + i] = lists[(size_t)j * row + i];
          }
        }
      } else {
        merge_lists(kept, row, here, result, lists + taken);
      }
      taken += power;
    }
    if (taken == window) return;
    length -= power;
    merge_lists(kept, row, length, lists, lists + power);
  }
}

/// The quantile of one window from its most extreme values.
INLINED double interpolate(
    const double *extremes, size_t row, int is_upper, double sign, size_t found,
    double probability) {
#pragma clang fp contract(off)
  place at = place_of(probability, found);
  size_t rank = is_upper ? found - 1 - at.lower : at.lower;
  double lower = sign * extremes[rank * row];
  if (!(at.fraction > 0)) return lower;
  double upper = sign * extremes[(is_upper ? rank - 1 : rank + 1) * row];
  return lower + at.fraction * (upper - lower);
}

INLINED void quantiles(
    int kept, size_t count, size_t window, double probability, const double *values,
    const int32_t *present, double *lists, double *output) {
#pragma clang fp contract(off)
  const int is_upper = probability >= 0.5;
  const double sign = is_upper ? 1 : -1, lowest = -__builtin_inf();
  size_t row = row_length(count, window), windows = count - (window - 1);
  size_t stretch = stretch_length(count, window, 512);
  double *result = lists + (size_t)kept * row;
  for (size_t first = 0; first < windows; first += stretch) {
    size_t here = windows - first < stretch ? windows - first : stretch;
    size_t length = here + window - 1;
    const double *x = values + first;
    // Adding 0 makes -0 into 0, whichever of them a sort would have put first.
    for (size_t i = 0; i < length; i++) lists[i] = x[i] == x[i] ? sign * (x[i] + 0.0) : lowest;
    for (size_t i = length; i < row; i++) lists[i] = lowest;
    for (size_t i = row; i < (size_t)kept * row; i++) lists[i] = lowest;
    largest_of_windows(kept, row, here, window, lists, result);
    double *target = output + first + window - 1;
    const int32_t *before = present + first;
    if ((size_t)(before[length] - before[0]) == length) {
      for (size_t i = 0; i < here; i++) {
        target[i] = interpolate(result + i, row, is_upper, sign, window, probability);
      }
      continue;
    }
    for (size_t i = 0; i < here; i++) {
      int32_t found = before[i + window] - before[i];
      target[i] = is_enough(found, window)
          ? interpolate(result + i, row, is_upper, sign, (size_t)found, probability)
          : NOT_A_NUMBER;
    }
  }
}

CLONES void ap_rolling_quantile(
    size_t count, size_t window, double probability, const double *values, const int32_t *present,
    double *workspace, double *output) {
  switch (kept_values(window, probability)) {
    case 2: return quantiles(2, count, window, probability, values, present, workspace, output);
    case 4: return quantiles(4, count, window, probability, values, present, workspace, output);
    case 8: return quantiles(8, count, window, probability, values, present, workspace, output);
    default: return quantiles(16, count, window, probability, values, present, workspace, output);
  }
}
