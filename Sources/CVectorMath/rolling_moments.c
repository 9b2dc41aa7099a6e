#include "rolling_lanes.h"
#include "rolling_windows.h"

/// Vectors worked on at once, so that additions do not wait for each other.
enum { GROUP = 4, POSITIONS = GROUP * LANES };

void ap_count_present(size_t count, const double *values, int32_t *present) {
  present[0] = 0;
  for (size_t i = 0; i < count; i++) present[i + 1] = present[i] + (values[i] == values[i]);
}

/// A plain loop over one window, for series too short for vectors.
static void moments_of_one(
    size_t window, const double *x, size_t t, const ap_window_moments *out) {
#pragma clang fp contract(off)
  double sum = 0, positions = 0, found = 0;
  for (size_t i = 0; i < window; i++) {
    if (x[i] != x[i]) continue;
    sum += x[i];
    positions += (double)i;
    found += 1;
  }
  double mean = sum / found, centre = positions / found;
  double squares = 0, products = 0, position_squares = 0;
  for (size_t i = 0; i < window; i++) {
    if (x[i] != x[i]) continue;
    double offset = x[i] - mean, distance = (double)i - centre;
    squares += offset * offset;
    products += offset * distance;
    position_squares += distance * distance;
  }
  int enough = is_enough((int32_t)found, window);
  double slope = products / position_squares;
  if (out->mean) out->mean[t] = enough ? mean : NOT_A_NUMBER;
  if (out->excess) out->excess[t] = enough ? x[window - 1] - mean : NOT_A_NUMBER;
  if (out->deviation)
    out->deviation[t] = enough ? __builtin_sqrt(squares / found) : NOT_A_NUMBER;
  if (out->sample_deviation)
    out->sample_deviation[t] = enough ? __builtin_sqrt(squares / (found - 1)) : NOT_A_NUMBER;
  if (out->slope) out->slope[t] = enough ? slope : NOT_A_NUMBER;
  if (out->trend) out->trend[t] = enough ? slope * (double)(window - 1) : NOT_A_NUMBER;
}

/// The windows that begin at the first POSITIONS values of `x`, whose results go to `t` and on.
/// `has_gaps` and the two requests are constants at every call, so that their branches vanish.
INLINED void moments_of_group(
    size_t window, const double *x, const int32_t *present, size_t t,
    const ap_window_moments *out, int has_gaps, int has_spread, int has_slope) {
#pragma clang fp contract(off)
  lanes sum[GROUP], positions[GROUP], found[GROUP], mean[GROUP], centre[GROUP];
#pragma unroll
  for (int g = 0; g < GROUP; g++) sum[g] = positions[g] = SPLAT(0.0);
  for (size_t i = 0; i < window; i++) {
#pragma unroll
    for (int g = 0; g < GROUP; g++) {
      lanes value = LOAD(x + i + g * LANES);
      if (has_gaps) {
        lane_mask here = value == value;
        positions[g] += KEEP(here, SPLAT((double)i));
        value = KEEP(here, value);
      }
      sum[g] += value;
    }
  }
  double full_centre = ((double)window * (double)(window - 1) / 2) / (double)window;
#pragma unroll
  for (int g = 0; g < GROUP; g++) {
    found[g] = has_gaps ? PRESENT_COUNTS(present, g * LANES, window) : SPLAT((double)window);
    mean[g] = sum[g] / found[g];
    centre[g] = has_gaps ? positions[g] / found[g] : SPLAT(full_centre);
  }
  lanes squares[GROUP], products[GROUP], position_squares[GROUP];
#pragma unroll
  for (int g = 0; g < GROUP; g++) squares[g] = products[g] = position_squares[g] = SPLAT(0.0);
  double full_squares = 0;
  if (has_spread || has_slope) {
    for (size_t i = 0; i < window; i++) {
      double full_distance = (double)i - full_centre;
      full_squares += full_distance * full_distance;
#pragma unroll
      for (int g = 0; g < GROUP; g++) {
        lanes value = LOAD(x + i + g * LANES);
        lanes offset = value - mean[g];
        lanes distance = has_gaps ? SPLAT((double)i) - centre[g] : SPLAT(full_distance);
        if (has_gaps) {
          lane_mask here = value == value;
          offset = KEEP(here, offset);
          distance = KEEP(here, distance);
        }
        if (has_spread) squares[g] += offset * offset;
        if (has_slope) products[g] += offset * distance;
        if (has_slope && has_gaps) position_squares[g] += distance * distance;
      }
    }
  }
#pragma unroll
  for (int g = 0; g < GROUP; g++) {
    size_t at = t + (size_t)(g * LANES);
    lane_mask enough = (found[g] >= SPLAT(2.0)) & (found[g] + found[g] >= SPLAT((double)window));
    lanes none = SPLAT(NOT_A_NUMBER);
#define PUT(output, value) \
  if (output) STORE((output) + at, has_gaps ? CHOOSE(enough, value, none) : (value))
    PUT(out->mean, mean[g]);
    PUT(out->excess, LOAD(x + window - 1 + g * LANES) - mean[g]);
    if (has_spread) {
      PUT(out->deviation, __builtin_elementwise_sqrt(squares[g] / found[g]));
      PUT(out->sample_deviation, __builtin_elementwise_sqrt(squares[g] / (found[g] - 1.0)));
    }
    if (has_slope) {
      lanes slope = products[g] / (has_gaps ? position_squares[g] : SPLAT(full_squares));
      PUT(out->slope, slope);
      PUT(out->trend, slope * (double)(window - 1));
    }
#undef PUT
  }
}

CLONES void ap_rolling_moments(
    size_t count, size_t window, const double *values, const int32_t *present,
    const ap_window_moments *outputs) {
  size_t windows = count - (window - 1);
  if (windows < POSITIONS) {
    for (size_t s = 0; s < windows; s++) {
      moments_of_one(window, values + s, s + window - 1, outputs);
    }
    return;
  }
  int spread = outputs->deviation || outputs->sample_deviation;
  int slope = outputs->slope || outputs->trend;
  for (size_t next = 0; next < windows; next += POSITIONS) {
    // The last group begins earlier and computes some windows twice.
    size_t s = next + POSITIONS <= windows ? next : windows - POSITIONS;
    size_t reach = window - 1 + POSITIONS, t = s + window - 1;
    const double *x = values + s;
    int gaps = (size_t)(present[s + reach] - present[s]) != reach;
    if (gaps && slope) moments_of_group(window, x, present + s, t, outputs, 1, 1, 1);
    else if (gaps) moments_of_group(window, x, present + s, t, outputs, 1, 1, 0);
    else if (spread && slope) moments_of_group(window, x, present + s, t, outputs, 0, 1, 1);
    else if (spread) moments_of_group(window, x, present + s, t, outputs, 0, 1, 0);
    else if (slope) moments_of_group(window, x, present + s, t, outputs, 0, 0, 1);
    else moments_of_group(window, x, present + s, t, outputs, 0, 0, 0);
  }
}

CLONES void ap_rolling_roughness(
    size_t count, size_t window, const double *values, const int32_t *present, double *steps,
    double *output) {
#pragma clang fp contract(off)
  steps[0] = NOT_A_NUMBER;
  for (size_t i = 1; i < count; i++) {
    steps[i] = (double)__builtin_fabsf((float)values[i] - (float)values[i - 1]);
  }
  size_t windows = count - (window - 1), s = 0;
  for (; s + LANES <= windows; s += LANES) {
    lanes sum = SPLAT(0.0);
    lane_mask found = (lane_mask){0};
    for (size_t i = 1; i < window; i++) {
      lanes step = LOAD(steps + s + i);
      lane_mask here = step == step;
      sum += KEEP(here, step);
      found -= here;
    }
    // Without a step this is 0 / 0, which is as missing as it should be.
    STORE(output + s + window - 1, sum / __builtin_convertvector(found, lanes));
  }
  for (; s < windows; s++) {
    double sum = 0, found = 0;
    for (size_t i = 1; i < window; i++) {
      if (steps[s + i] != steps[s + i]) continue;
      sum += steps[s + i];
      found += 1;
    }
    output[s + window - 1] = sum / found;
  }
  blank(count, window, present, output);
}

typedef double quad __attribute__((vector_size(32), aligned(8)));

CLONES void ap_ewma(
    size_t count, size_t spans, const double *values, const double *weights,
    double *const *means, double *const *deviations) {
#pragma clang fp contract(off)
  quad a = {weights[0], weights[1], weights[2], weights[3]};
  quad mean = {NOT_A_NUMBER, NOT_A_NUMBER, NOT_A_NUMBER, NOT_A_NUMBER}, variance = mean;
  int has_started = 0;
  for (size_t t = 0; t < count; t++) {
    double x = values[t];
    // x - x is 0 for finite values alone.
    if (x - x == 0) {
      if (has_started) {
        quad offset = (quad){x, x, x, x} - mean, step = a * offset;
        mean += step;
        variance = (1.0 - a) * (variance + offset * step);
      } else {
        mean = (quad){x, x, x, x};
        variance = (quad){0};
        has_started = 1;
      }
    }
    quad deviation = __builtin_elementwise_sqrt(variance);
    for (size_t i = 0; i < spans; i++) {
      if (means[i]) means[i][t] = mean[i];
      if (deviations[i]) deviations[i][t] = deviation[i];
    }
  }
}
