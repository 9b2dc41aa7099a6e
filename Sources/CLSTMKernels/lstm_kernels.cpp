#include "lstm_kernels.h"

#include "paths.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

/// While one lives, numbers below the smallest normal one, 1.2e-38, count as zero on this thread.
///
/// Gradients fade over hundreds of steps until they are that small, and some processors take a
/// hundred times as long for such a product, for a contribution that no sum can show.
class FadedIsZero {
 public:
#if defined(__x86_64__)
  FadedIsZero() : before(_mm_getcsr()) {
    // Flush results to zero, and take operands as zero.
    _mm_setcsr(before | 0x8040);
  }
  ~FadedIsZero() { _mm_setcsr(before); }
  const unsigned before;
#elif defined(__aarch64__)
  FadedIsZero() {
    asm volatile("mrs %0, fpcr" : "=r"(before));
    asm volatile("msr fpcr, %0" : : "r"(before | uint64_t(1) << 24));
  }
  ~FadedIsZero() { asm volatile("msr fpcr, %0" : : "r"(before)); }
  uint64_t before;
#else
  FadedIsZero() {}
  ~FadedIsZero() {}
#endif
  FadedIsZero(const FadedIsZero &) = delete;
};

}  // namespace

int ap_lstm_has_path(ap_lstm_path path) {
  switch (path) {
    case AP_LSTM_PORTABLE: return 1;
#if defined(__aarch64__)
    case AP_LSTM_NEON: return 1;
#elif defined(__x86_64__)
    // What the files of the paths are compiled for, all of it.
    case AP_LSTM_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case AP_LSTM_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("fma");
#endif
    default: return 0;
  }
}

ap_lstm_path ap_lstm_best_path(void) {
  const ap_lstm_path fastest_first[] = {AP_LSTM_AVX512, AP_LSTM_AVX2, AP_LSTM_NEON};
  for (ap_lstm_path path : fastest_first) {
    if (ap_lstm_has_path(path)) return path;
  }
  return AP_LSTM_PORTABLE;
}

static const lstm_path &found(ap_lstm_path path) {
  switch (path) {
    case AP_LSTM_PORTABLE: return ap_lstm_portable;
#if defined(__aarch64__)
    case AP_LSTM_NEON: return ap_lstm_neon;
#elif defined(__x86_64__)
    case AP_LSTM_AVX2: return ap_lstm_avx2;
    case AP_LSTM_AVX512: return ap_lstm_avx512;
#endif
    default: __builtin_trap();
  }
}

size_t ap_lstm_forward_size(ap_lstm_path path, size_t inputs, size_t hidden) {
  return found(path).forward_size(inputs, hidden);
}

void ap_lstm_pack_forward(
    ap_lstm_path path, size_t inputs, size_t hidden, const float *input_weights,
    const float *recurrent_weights, const float *input_bias, const float *recurrent_bias,
    float *packed) {
  found(path).pack_forward(
      inputs, hidden, input_weights, recurrent_weights, input_bias, recurrent_bias, packed);
}

size_t ap_lstm_columns_size(ap_lstm_path path, size_t rows, size_t columns) {
  return found(path).columns_size(rows, columns);
}

void ap_lstm_pack_columns(
    ap_lstm_path path, size_t rows, size_t columns, const float *matrix, float *packed) {
  found(path).pack_columns(rows, columns, matrix, columns, packed);
}

void ap_lstm_forward(
    ap_lstm_path path, ap_lstm_chunk chunk, const float *packed, const float *rows,
    float *outputs, float *cells, float *gates, float *tanh_cells) {
  const FadedIsZero faded;
  const lstm_path &kernels = found(path);
  const size_t size = chunk.lanes * chunk.hidden;
  const float *x = (rows ? rows : outputs) + chunk.rows_at;
  outputs += chunk.state_at;
  cells += chunk.state_at;
  if (gates) gates += GATES * chunk.place_at, tanh_cells += chunk.place_at;
  for (size_t step = 0; step < chunk.steps; step++) {
    float *next_cells = gates ? cells + size : cells;
    kernels.forward(
        chunk.lanes, chunk.inputs, chunk.hidden, packed, x, chunk.inputs, outputs, cells, gates,
        tanh_cells, next_cells, outputs + size);
    x += chunk.lanes * chunk.inputs;
    outputs += size;
    cells = next_cells;
    if (gates) gates += GATES * size, tanh_cells += size;
  }
}

size_t ap_lstm_backward_scratch(ap_lstm_path path, size_t inputs, size_t hidden) {
  return found(path).outer_scratch(inputs, hidden);
}

void ap_lstm_backward(
    ap_lstm_path path, ap_lstm_chunk chunk, ap_lstm_gradients places,
    const float *recurrent_columns, const float *input_columns, const float *rows,
    const float *outputs, const float *cells, const float *tanh_cells, float *gates, float *dh,
    float *dc, float *dh_first, float *gradients, float *scratch) {
  const FadedIsZero faded;
  const lstm_path &kernels = found(path);
  const size_t lanes = chunk.lanes, hidden = chunk.hidden, inputs = chunk.inputs;
  const size_t size = lanes * hidden, width = GATES * hidden;
  const float *x = (rows ? rows : outputs) + chunk.rows_at;
  outputs += chunk.state_at;
  cells += chunk.state_at;
  tanh_cells += chunk.place_at;
  gates += GATES * chunk.place_at;
  // So many steps are still near when their part of the weights' gradient is summed up.
  const size_t together = lanes < BLOCK_ROWS ? BLOCK_ROWS / lanes : 1;
  size_t last = chunk.steps;
  for (size_t step = chunk.steps; step-- > 0;) {
    float *dz = gates + step * GATES * size;
    kernels.backward(
        lanes, hidden, dz, tanh_cells + step * size, cells + step * size, dh + step * size, dc);
    if (step > 0)
      kernels.product(
          lanes, width, hidden, dz, recurrent_columns, 1, dh + (step - 1) * size, hidden);
    else if (dh_first)
      kernels.product(lanes, width, hidden, dz, recurrent_columns, 0, dh_first, hidden);
    if (input_columns)
      kernels.product(lanes, width, inputs, dz, input_columns, 0, dh + step * size, inputs);
    if (step % together == 0) {
      const lstm_side sides[] = {
          {inputs, x + step * lanes * inputs, gradients + places.input_weights_at},
          {hidden, outputs + step * size, gradients + places.recurrent_weights_at}};
      kernels.outer(
          (last - step) * lanes, width, dz, sides, 2, gradients + places.bias_at, scratch);
      last = step;
    }
  }
}

void ap_lstm_product(
    ap_lstm_path path, size_t lanes, size_t rows, size_t columns, const float *left,
    const float *packed, int add, float *result) {
  const FadedIsZero faded;
  found(path).product(lanes, rows, columns, left, packed, add, result, columns);
}

size_t ap_lstm_outer_scratch(ap_lstm_path path, size_t right_columns) {
  return found(path).outer_scratch(right_columns, 0);
}

void ap_lstm_outer_product(
    ap_lstm_path path, size_t rows, size_t left_columns, size_t right_columns, const float *left,
    const float *right, float *result, float *sums, float *scratch) {
  const FadedIsZero faded;
  const lstm_side side = {right_columns, right, result};
  found(path).outer(rows, left_columns, left, &side, 1, sums, scratch);
}
