#pragma once
#include <zlib.h>

// zlib spells its constructors as macros that pass the header's version along. Swift imports
// functions alone.

/// Starts decompression; `window_bits` as in zlib's manual, 31 for gzip alone.
static inline int cinflateInit2(z_streamp stream, int window_bits) {
  return inflateInit2(stream, window_bits);
}

/// Starts compression with the deflate method and the default strategy.
static inline int cdeflateInit2(z_streamp stream, int level, int window_bits, int memory_level) {
  return deflateInit2(stream, level, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY);
}
