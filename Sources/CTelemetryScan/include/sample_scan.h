#pragma once
#include <stddef.h>
#include <stdint.h>

// Samples of a Prometheus range query straight from text into columns, several times faster than a
// general JSON parser: the text is looked at once, 32 bytes at a time, and numbers are correctly
// rounded by the algorithm of Eisel and Lemire (Lemire, Number Parsing at a Gigabyte per Second,
// 2021). What is unusual is left to the caller. row_scan.h does the like for rows of tables, line_scan.h
// for log lines, number_scan.h for arrays of numbers.

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes that must be readable before and behind the text.
enum { AP_SCAN_PADDING = 64 };

/// How far a scan came.
typedef struct {
  /// Offset of the byte behind the last sample taken; where the scan began when none was.
  size_t position;
  /// The number of samples taken.
  size_t count;
} ap_scan;

/// Takes samples `[time,"value"]` with commas between them, as many as there are in the usual form.
///
/// The form is that of JSON with any blanks; the value is a number within or without quotes, or
/// "NaN", "+Inf" or "-Inf". Times are rounded to milliseconds, halves away from zero. The scan ends
/// before the first sample that is incomplete or in any other form, and never takes what a strict
/// parser would refuse.
///
/// bytes     The text; AP_SCAN_PADDING bytes must be readable before and behind it, and those
///           behind it must be zero, which is what ends a scan.
/// begin     Offset of a sample's opening bracket, or of blanks before it.
/// times     [capacity], milliseconds since 1970, written.
/// values    [capacity], written.
ap_scan ap_scan_samples(
    const uint8_t *_Nonnull bytes, size_t begin, int64_t *_Nonnull times,
    double *_Nonnull values, size_t capacity);

/// The same by the code for machines without AVX2, which has the same results; for tests.
ap_scan ap_scan_samples_portable(
    const uint8_t *_Nonnull bytes, size_t begin, int64_t *_Nonnull times,
    double *_Nonnull values, size_t capacity);

#ifdef __cplusplus
}
#endif
