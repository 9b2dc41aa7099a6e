#include "paths.h"

#if defined(__x86_64__)
#include <type_traits>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma"))), apply_to = function)
namespace {
enum { WIDTH = 16, SUMS = 24, TOGETHER = 4 };
#include "tiles.inc"
}  // namespace
#pragma clang attribute pop

const lstm_path ap_lstm_avx512 = kernels;
#endif
