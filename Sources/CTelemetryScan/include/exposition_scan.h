#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sample_scan.h"

// Samples of one series from the text formats of Prometheus and OpenMetrics, in which each sample is
// a line `series value time`. Dumps hold the lines of a series one after the other, so that only the
// numbers have to be looked at.

#ifdef __cplusplus
extern "C" {
#endif

/// Takes lines of one series, as many as follow each other in the usual form.
///
/// The form is the series' text, one blank, a decimal number, NaN, +Inf or -Inf, one blank and a
/// decimal instant without exponent, then a line feed. An instant is in seconds when it has a point
/// or is below 10^11, and in milliseconds otherwise; at most three digits may follow its point. The
/// scan ends before the first line of another series or in any other form.
///
/// bytes         The text.
/// begin, end    The part to scan, which begins where a line begins and ends behind a line feed.
/// series        Offset of the series' text in `bytes`.
/// length        Bytes of the series' text.
/// milliseconds  Whether instants are in milliseconds whatever they look like.
/// times         [capacity], milliseconds since 1970, written.
/// values        [capacity], written.
///
/// Returns the offset behind the last line taken, `begin` when there was none.
ap_scan ap_scan_series_lines(
    const uint8_t *_Nonnull bytes, size_t begin, size_t end, size_t series, size_t length,
    bool milliseconds, int64_t *_Nonnull times, double *_Nonnull values, size_t capacity);

#ifdef __cplusplus
}
#endif
