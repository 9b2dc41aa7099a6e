#pragma once
#include <stddef.h>

// The elementwise part of an LSTM time step for a batch of lanes, forward and backward; the matrix
// products around it belong to BLAS, all but the product with a single vector. Hochreiter and
// Schmidhuber (1997) with the forget gate of Gers, Schmidhuber and Cummins (2000). Everything is
// dense and row-major: a lane is a row.
//
// On x86-64 Linux with glibc the loader picks the widest of three compiled forms (SSE2, AVX2 with
// FMA, AVX-512), elsewhere the compiler's default is used. The forms differ in last bits because
// of fused multiplication. NaN stays NaN and stays in its own unit; infinities saturate.

/// Advances every lane by one step.
///
///     z = gates + input_bias + recurrent_bias
///     i, f, o = sigmoid(z),  g = tanh(z)
///     cell = f * cell_before + i * g,  output = o * tanh(cell)
///
/// Relative error against double precision: below 5e-7 in the sigmoid and 8e-7 in tanh, which
/// stays below one: |tanh| <= 0.9999998.
///
/// gates           [batch x 4 hidden], in the order i, f, g, o (PyTorch); activations replace it.
/// input_bias      [4 hidden].
/// recurrent_bias  [4 hidden].
/// cell_before     [batch x hidden]; may be the same memory as cell, no other overlap is allowed.
/// cell            [batch x hidden], written.
/// tanh_cell       [batch x hidden], written with tanh(cell) for the backward step.
/// output          [batch x hidden], written.
void ap_lstm_forward(
    size_t batch, size_t hidden, float *_Nonnull gates, const float *_Nonnull input_bias,
    const float *_Nonnull recurrent_bias, const float *_Nonnull cell_before, float *_Nonnull cell,
    float *_Nonnull tanh_cell, float *_Nonnull output);

/// Takes the gradient of a loss back through one step of every lane.
///
///     dc  = cell_gradient + dh o (1 - tanh(c)^2)
///     dzi = dc g i (1 - i),  dzf = dc c_before f (1 - f)
///     dzg = dc i (1 - g^2),  dzo = dh tanh(c) o (1 - o)
///     cell_gradient = dc f
///
/// gates            [batch x 4 hidden], activations of the forward step; gradients with respect to
///                  the pre-activations z replace them.
/// tanh_cell        [batch x hidden], kept by the forward step.
/// cell_before      [batch x hidden], the cells that the forward step started from.
/// output_gradient  [batch x hidden], dh: of the loss with respect to this step's output.
/// cell_gradient    [batch x hidden], of the loss with respect to this step's cells; replaced by
///                  that with respect to cell_before. No two arrays may overlap.
void ap_lstm_backward(
    size_t batch, size_t hidden, float *_Nonnull gates, const float *_Nonnull tanh_cell,
    const float *_Nonnull cell_before, const float *_Nonnull output_gradient,
    float *_Nonnull cell_gradient);

/// Adds the product of a matrix and a vector: result += matrix * vector.
///
/// BLAS would copy the matrix to its own layout first, which costs more than the product. Sums run
/// in a fixed order of their own on each of the compiled forms.
///
/// matrix  [rows x columns].
/// vector  [columns].
/// result  [rows]; no two arrays may overlap.
void ap_matrix_vector_add(
    size_t rows, size_t columns, const float *_Nonnull matrix, const float *_Nonnull vector,
    float *_Nonnull result);
