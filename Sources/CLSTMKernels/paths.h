#pragma once
#include <cstring>

#include "lstm_kernels.h"

#define INLINED static inline __attribute__((always_inline))

enum { GATES = 4, BLOCK_ROWS = 256 };

/// A right side of a product over rows, and what its result is added to.
struct lstm_side {
  size_t columns;
  const float *rows;
  float *result;
};

/// What a path is made of; see `lstm_kernels.h`.
struct lstm_path {
  size_t (*forward_size)(size_t inputs, size_t hidden);
  void (*pack_forward)(
      size_t inputs, size_t hidden, const float *input_weights, const float *recurrent_weights,
      const float *input_bias, const float *recurrent_bias, float *packed);
  size_t (*columns_size)(size_t rows, size_t columns);
  void (*pack_columns)(
      size_t rows, size_t columns, const float *matrix, size_t stride, float *packed);
  size_t (*outer_scratch)(size_t first_columns, size_t second_columns);
  void (*forward)(
      size_t lanes, size_t inputs, size_t hidden, const float *packed, const float *x,
      size_t x_stride, const float *h_before, const float *c_before, float *gates,
      float *tanh_cells, float *cells, float *outputs);
  void (*backward)(
      size_t lanes, size_t hidden, float *gates, const float *tanh_cells, const float *c_before,
      const float *dh, float *dc);
  void (*product)(
      size_t lanes, size_t rows, size_t columns, const float *left, const float *packed, int add,
      float *result, size_t result_stride);
  void (*outer)(
      size_t rows, size_t width, const float *left, const lstm_side *sides, size_t side_count,
      float *sums, float *scratch);
};

extern const lstm_path ap_lstm_portable, ap_lstm_neon, ap_lstm_avx2, ap_lstm_avx512;
