#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// One LSTM layer's arithmetic for a batch of lanes: matrix products on packed weights with the gate
// functions applied while sums are still in registers.
//
// Every sum runs over its terms in ascending order with fused multiply-adds, whatever the width of
// the registers and however many lanes go together, so that every path gives the same bits, and a
// lane the same whichever lanes are beside it.
//
// Numbers below the smallest normal one, 1.2e-38, count as zero, in arguments and in results.
//
// All arrays are row-major. Gates are in the order i, f, g, o, as in PyTorch.

/// Ways to compute; all give the same bits.
typedef enum {
  AP_LSTM_PORTABLE = 0,
  AP_LSTM_NEON = 1,
  AP_LSTM_AVX2 = 2,
  AP_LSTM_AVX512 = 3,
} ap_lstm_path;

/// Whether this processor has what a path needs.
int ap_lstm_has_path(ap_lstm_path path);
/// The fastest path that this processor has.
ap_lstm_path ap_lstm_best_path(void);

/// Floats of the packed weights that `ap_lstm_pack_forward` writes.
size_t ap_lstm_forward_size(ap_lstm_path path, size_t inputs, size_t hidden);
/// Floats of the packed weights that `ap_lstm_pack_columns` writes.
size_t ap_lstm_columns_size(ap_lstm_path path, size_t rows, size_t columns);

/// Packs weights for the forward step of the same path: per register of units the sums of both biases
/// and then, per input and per unit of the step before, the weights of the four gates.
///
/// input_weights      [4 hidden x inputs]
/// recurrent_weights  [4 hidden x hidden]
/// input_bias         [4 hidden]; recurrent_bias too.
void ap_lstm_pack_forward(
    ap_lstm_path path, size_t inputs, size_t hidden, const float *_Nonnull input_weights,
    const float *_Nonnull recurrent_weights, const float *_Nonnull input_bias,
    const float *_Nonnull recurrent_bias, float *_Nonnull packed);

/// Packs the columns of a matrix [rows x columns] for products from the left.
void ap_lstm_pack_columns(
    ap_lstm_path path, size_t rows, size_t columns, const float *_Nonnull matrix,
    float *_Nonnull packed);

/// The sizes of some steps of a layer, and where in their arrays things begin, in floats.
typedef struct {
  size_t steps, lanes, inputs, hidden;
  /// Rows that the layer reads, [steps x lanes x inputs], in `rows`, or in `outputs` if that is nil.
  size_t rows_at;
  /// Outputs and cells, before the first and after every step: [(steps + 1) x lanes x hidden].
  size_t state_at;
  /// Bounded cells tanh(c'), [steps x lanes x hidden]; gates, four times as many, begin at four
  /// times this.
  size_t place_at;
} ap_lstm_chunk;

/// Advances lanes by the steps.
///
///     z = b_ih + b_hh + W_ih x + W_hh h
///     c' = sigmoid(z_f) c + sigmoid(z_i) tanh(z_g),  h' = sigmoid(z_o) tanh(c')
///
/// packed      By `ap_lstm_pack_forward`.
/// outputs     The first of them are read, the others written with h'.
/// cells       The same with c'; without gates [lanes x hidden] from state_at on, updated in place.
/// gates       Written with the activations; nil when not wanted.
/// tanh_cells  Written with tanh(c'); nil when gates is.
void ap_lstm_forward(
    ap_lstm_path path, ap_lstm_chunk chunk, const float *_Nonnull packed,
    const float *_Nullable rows, float *_Nonnull outputs, float *_Nonnull cells,
    float *_Nullable gates, float *_Nullable tanh_cells);

/// Where `ap_lstm_backward` adds the gradients of weights, in floats.
typedef struct {
  /// [4 hidden x inputs], [4 hidden x hidden] and [4 hidden].
  size_t input_weights_at, recurrent_weights_at, bias_at;
} ap_lstm_gradients;

/// Floats of workspace that `ap_lstm_backward` takes.
size_t ap_lstm_backward_scratch(ap_lstm_path path, size_t inputs, size_t hidden);

/// Takes a gradient back through the steps of `ap_lstm_forward`, the last one first.
///
/// Gradients of weights are summed over blocks of about 256 rows, and the blocks one after another.
///
/// recurrent_columns  W_hh [4 hidden x hidden] by `ap_lstm_pack_columns`.
/// input_columns      W_ih [4 hidden x inputs] by the same; nil when dx is not wanted.
/// gates              Replaced by the gradient with respect to z.
/// dh                 [steps x lanes x hidden], with respect to h' from above; replaced by that with
///                    respect to the rows if there are input_columns, and inputs must be hidden then.
/// dc                 [lanes x hidden], with respect to the last c'; replaced by that with respect
///                    to the first c.
/// dh_first           [lanes x hidden], written with the gradient with respect to the first h; nil
///                    when not wanted.
/// gradients          The gradients of weights are added to it.
/// scratch            `ap_lstm_backward_scratch` floats.
void ap_lstm_backward(
    ap_lstm_path path, ap_lstm_chunk chunk, ap_lstm_gradients places,
    const float *_Nonnull recurrent_columns, const float *_Nullable input_columns,
    const float *_Nullable rows, const float *_Nonnull outputs, const float *_Nonnull cells,
    const float *_Nonnull tanh_cells, float *_Nonnull gates, float *_Nonnull dh,
    float *_Nonnull dc, float *_Nullable dh_first, float *_Nonnull gradients,
    float *_Nonnull scratch);

/// result = left x matrix, or result += left x matrix.
///
/// left    [lanes x rows]
/// packed  The matrix [rows x columns], by `ap_lstm_pack_columns`.
/// result  [lanes x columns]
void ap_lstm_product(
    ap_lstm_path path, size_t lanes, size_t rows, size_t columns, const float *_Nonnull left,
    const float *_Nonnull packed, int add, float *_Nonnull result);

/// Floats of workspace that `ap_lstm_outer_product` takes.
size_t ap_lstm_outer_scratch(ap_lstm_path path, size_t right_columns);

/// result += left^T x right, in blocks of 256 rows whose sums are added one after another.
///
/// left    [rows x left_columns]
/// right   [rows x right_columns]
/// result  [left_columns x right_columns]
/// sums    [left_columns], left's columns are added to it; nil when not wanted.
void ap_lstm_outer_product(
    ap_lstm_path path, size_t rows, size_t left_columns, size_t right_columns,
    const float *_Nonnull left, const float *_Nonnull right, float *_Nonnull result,
    float *_Nullable sums, float *_Nonnull scratch);

#ifdef __cplusplus
}
#endif
