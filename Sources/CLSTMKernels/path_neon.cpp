#include "paths.h"

#if defined(__aarch64__)
#include <type_traits>

namespace {
enum { WIDTH = 4, SUMS = 24, TOGETHER = 4 };
#include "tiles.inc"
}  // namespace

const lstm_path ap_lstm_neon = kernels;
#endif
