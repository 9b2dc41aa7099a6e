#include "paths.h"

#if defined(__x86_64__)
#include <type_traits>

#pragma clang attribute push( \
    __attribute__((target("avx2,fma"))), apply_to = function)
namespace {
enum { WIDTH = 8, SUMS = 12, TOGETHER = 2 };
#include "tiles.inc"
}  // namespace
#pragma clang attribute pop

const lstm_path ap_lstm_avx2 = kernels;
#endif
