#include "lstm_step.h"

#include <stdint.h>

// ifunc, which the clones need, is a feature of glibc; <stdint.h> has brought __GLIBC__ if any.
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__)
#define CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CLONES
#endif
#define INLINED static inline __attribute__((always_inline))

/// exp(x) by reduction to |r| <= ln(2)/2 and a polynomial of degree 7 (Cephes, expf.c).
///
/// Arguments are clamped to [-87.33, 88.02], where the result and its scale are normal numbers. The
/// nearest integer of x/ln 2 is read from the low bits of x/ln 2 + 1.5 * 2^23, so that no float
/// is converted to an integer: such a conversion is undefined for NaN.
INLINED float exponential(float x) {
#pragma clang fp contract(fast)
  const float magic = 12582912.0f;
  x = x < -87.33654f ? -87.33654f : x;
  x = x > 88.02f ? 88.02f : x;
  union { float value; uint32_t bits; } shifted = {.value = x * 1.44269504f + magic};
  float k = shifted.value - magic;
  float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  union { uint32_t bits; float value; } scale = {.bits = (shifted.bits - 0x4B400000u + 127u) << 23};
  return p * scale.value;
}

INLINED float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

/// tanh(x) as an odd rational function of degrees 13 and 6, minimax on [-7.9, 7.9] (coefficients
/// of Eigen, MathFunctionsImpl.h); beyond that range tanh is one within 3e-7.
INLINED float hyperbolic_tangent(float x) {
#pragma clang fp contract(fast)
  x = x < -7.90531110763549805f ? -7.90531110763549805f : x;
  x = x > 7.90531110763549805f ? 7.90531110763549805f : x;
  float s = x * x;
  float p = -2.76076847742355e-16f;
  p = p * s + 2.00018790482477e-13f;
  p = p * s + -8.60467152213735e-11f;
  p = p * s + 5.12229709037114e-08f;
  p = p * s + 1.48572235717979e-05f;
  p = p * s + 6.37261928875436e-04f;
  p = p * s + 4.89352455891786e-03f;
  float q = 1.19825839466702e-06f;
  q = q * s + 1.18534705686654e-04f;
  q = q * s + 2.26843463243900e-03f;
  q = q * s + 4.89352518554385e-03f;
  return x * p / q;
}

CLONES void ap_lstm_forward(
    size_t batch, size_t hidden, float *gates, const float *input_bias,
    const float *recurrent_bias, const float *cell_before, float *cell, float *tanh_cell,
    float *output) {
#pragma clang fp contract(fast)
  const size_t f = hidden, g = 2 * hidden, o = 3 * hidden;
  const float *bx = input_bias, *bh = recurrent_bias;
  for (size_t lane = 0; lane < batch; lane++) {
    float *z = gates + lane * 4 * hidden;
    const float *before = cell_before + lane * hidden;
    float *c = cell + lane * hidden, *t = tanh_cell + lane * hidden, *h = output + lane * hidden;
    // Units are independent and cell may be cell_before, which `restrict` could not say.
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < hidden; j++) {
      float in = sigmoid(z[j] + bx[j] + bh[j]);
      float forget = sigmoid(z[f + j] + bx[f + j] + bh[f + j]);
      float candidate = hyperbolic_tangent(z[g + j] + bx[g + j] + bh[g + j]);
      float out = sigmoid(z[o + j] + bx[o + j] + bh[o + j]);
      float next = forget * before[j] + in * candidate;
      float bounded = hyperbolic_tangent(next);
      z[j] = in;
      z[f + j] = forget;
      z[g + j] = candidate;
      z[o + j] = out;
      c[j] = next;
      t[j] = bounded;
      h[j] = out * bounded;
    }
  }
}

CLONES void ap_lstm_backward(
    size_t batch, size_t hidden, float *gates, const float *tanh_cell, const float *cell_before,
    const float *output_gradient, float *cell_gradient) {
#pragma clang fp contract(fast)
  const size_t f = hidden, g = 2 * hidden, o = 3 * hidden;
  for (size_t lane = 0; lane < batch; lane++) {
    float *z = gates + lane * 4 * hidden;
    const float *t = tanh_cell + lane * hidden, *before = cell_before + lane * hidden;
    const float *dh = output_gradient + lane * hidden;
    float *dc = cell_gradient + lane * hidden;
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < hidden; j++) {
      float in = z[j], forget = z[f + j], candidate = z[g + j], out = z[o + j];
      float gradient = dc[j] + dh[j] * out * (1.0f - t[j] * t[j]);
      z[j] = gradient * candidate * in * (1.0f - in);
      z[f + j] = gradient * before[j] * forget * (1.0f - forget);
      z[g + j] = gradient * in * (1.0f - candidate * candidate);
      z[o + j] = dh[j] * t[j] * out * (1.0f - out);
      dc[j] = gradient * forget;
    }
  }
}

CLONES void ap_matrix_vector_add(
    size_t rows, size_t columns, const float *matrix, const float *vector, float *result) {
#pragma clang fp contract(fast) reassociate(on)
  size_t row = 0;
  // Four rows at a time share the loads of the vector and hide the latency of the additions.
  for (; row + 4 <= rows; row += 4) {
    const float *a = matrix + row * columns, *b = a + columns, *c = b + columns, *d = c + columns;
    float sa = 0, sb = 0, sc = 0, sd = 0;
    for (size_t j = 0; j < columns; j++) {
      sa += a[j] * vector[j];
      sb += b[j] * vector[j];
      sc += c[j] * vector[j];
      sd += d[j] * vector[j];
    }
    result[row] += sa;
    result[row + 1] += sb;
    result[row + 2] += sc;
    result[row + 3] += sd;
  }
  for (; row < rows; row++) {
    float sum = 0;
    for (size_t j = 0; j < columns; j++) sum += matrix[row * columns + j] * vector[j];
    result[row] += sum;
  }
}
