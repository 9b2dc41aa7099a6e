#pragma once
#include <stddef.h>
#include <stdint.h>

/// Consecutive blocks of the counter-based generator Philox4x32-10, vectorised across blocks.
///
/// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011). Whole
/// numbers only: every compiled form gives the same bits.
///
/// key      The key's two words, the first one low.
/// counter  The low two of the four counter words; block i has counter + i.
/// stream   The high two words, the same in every block.
/// blocks   Number of blocks.
/// output   [2 x blocks], written: each block's four words in order, low word first.
void ap_philox_blocks(
    uint64_t key, uint64_t counter, uint64_t stream, size_t blocks, uint64_t *_Nonnull output);
