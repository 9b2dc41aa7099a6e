#pragma once
#include <stddef.h>
#include <stdint.h>

// Rows of a wide table of comma-separated values straight from text into columns. What is unusual is
// left to the caller, row by row.

#ifdef __cplusplus
extern "C" {
#endif

/// How a row's instant may be written.
enum { AP_TIME_AUTO = 0, AP_TIME_SECONDS = 1, AP_TIME_MILLISECONDS = 2 };

/// What rows look like.
typedef struct {
  /// Numbers of a row behind its instant, at least 1.
  size_t columns;
  /// The most bytes of a row without its line feed.
  size_t limit;
  /// Instants that a row may have, in milliseconds since 1970.
  int64_t earliest, latest;
  /// One of AP_TIME_…; by itself a number from 10^11 on is in milliseconds and others in seconds.
  int time;
} ap_row_form;

/// How far a scan came.
typedef struct {
  /// Offset of the byte behind the last row taken; where the scan began when none was.
  size_t position;
  /// The number of rows taken.
  size_t count;
} ap_rows;

/// Takes rows `instant,number,…` with LF or CRLF, as many as there are in the usual form.
///
/// The instant is an unsigned decimal number of seconds or milliseconds since 1970, rounded to
/// milliseconds, halves away from zero. The others are decimal numbers, correctly rounded, or empty,
/// `NaN` or `nan`, which become the quiet NaN; empty ones become the quiet NaN with a payload of 1.
/// The scan ends before the first row that has any other form, breaks a limit or is not ended by a
/// line feed before `end`.
///
/// bytes     The text, of which `size` bytes are readable.
/// begin     Offset of a row's first byte.
/// end       Offset at which the scan ends; behind a line feed, or nothing is taken.
/// times     [capacity], written from `first` on.
/// values    [columns, capacity], of which those behind the first `first` of each column are written,
///           `count` with rows and what is behind them with anything.
/// first     The number of rows that are there already, at most `capacity`.
ap_rows ap_scan_rows(
    const uint8_t *_Nonnull bytes, size_t size, size_t begin, size_t end, ap_row_form form,
    int64_t *_Nonnull times, double *_Nonnull values, size_t first, size_t capacity);

/// The same by the code for machines without AVX2, which has the same results; for tests.
ap_rows ap_scan_rows_portable(
    const uint8_t *_Nonnull bytes, size_t size, size_t begin, size_t end, ap_row_form form,
    int64_t *_Nonnull times, double *_Nonnull values, size_t first, size_t capacity);

#ifdef __cplusplus
}
#endif
