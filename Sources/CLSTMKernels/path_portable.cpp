#include <type_traits>

#include "paths.h"

namespace {
enum { WIDTH = 4, SUMS = 8, TOGETHER = 2 };
#include "tiles.inc"
}  // namespace

const lstm_path ap_lstm_portable = kernels;
