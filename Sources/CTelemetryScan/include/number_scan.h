#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How far a scan of numbers came.
typedef struct {
  /// Offset of the byte behind the last number taken; where the scan began when none was.
  size_t position;
  /// The numbers taken.
  size_t count;
} ap_numbers;

/// Takes numbers of a JSON array with commas between them, as many as there are in the usual form:
/// plain decimals that 64 bits hold, with any blanks, and `null`, which becomes NaN. Each is rounded
/// to the nearest double. The scan ends before the first number in any other form, and never takes
/// what a strict parser would refuse.
///
/// bytes     The text, whose last byte is not a part of a number.
/// begin     Offset of a number, or of blanks before it.
/// end       The text's size.
/// values    [capacity], written.
ap_numbers ap_scan_numbers(
    const uint8_t *_Nonnull bytes, size_t begin, size_t end, double *_Nonnull values,
    size_t capacity);

#ifdef __cplusplus
}
#endif
