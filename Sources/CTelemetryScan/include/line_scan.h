#pragma once
#include <stddef.h>
#include <stdint.h>

// Log lines of Loki straight from JSON text into columns, several times faster than a general JSON
// parser: strings are looked at once, 32 bytes at a time, and copied on the way; labels that were
// seen before are known by their text. What is unusual is left to the caller.

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes that must be readable behind the text, and writable behind the room for it.
enum { AP_LINE_PADDING = 64 };

/// A text of labels that was seen before.
typedef struct {
  /// `ap_hash` of the text.
  uint64_t hash;
  /// Where the text stands in the table's bytes, and its length; 0 for a free place.
  uint32_t begin, length;
  /// What it is known as.
  int32_t number;
} ap_label_text;

/// Texts of labels, each at the place that the lowest bits of its hash say.
typedef struct {
  /// [mask + 1]
  const ap_label_text *_Nonnull places;
  /// The number of places less one, which is all ones in binary.
  size_t mask;
  const uint8_t *_Nonnull bytes;
} ap_label_table;

/// Where lines are written to. Lines already there stay.
typedef struct {
  /// Nanoseconds since 1970, [capacity].
  int64_t *_Nonnull times;
  /// Where each line ends in `text`, [capacity].
  size_t *_Nonnull ends;
  /// What the labels of each line are known as, -1 without labels, [capacity]; of `ap_scan_lines`.
  int32_t *_Nonnull numbers;
  /// Lines behind each other in UTF-8.
  uint8_t *_Nonnull text;
  size_t count, capacity;
} ap_line_columns;

/// How far a scan came.
typedef struct {
  /// Offset of the byte behind the last line taken; where the scan began when none was.
  size_t position;
  /// The number of lines in the columns.
  size_t count;
  /// Offsets of the labels because of whose text the scan ended; both 0 when it ended otherwise.
  size_t labels_begin, labels_end;
} ap_line_scan;

/// A hash of bytes for tables, the same on every machine.
///
/// AP_LINE_PADDING bytes behind them must be readable.
uint64_t ap_hash(const uint8_t *_Nonnull bytes, size_t count, uint64_t seed);

/// Takes lines `{"labels":{…},"line":"…","timestamp":"…"}` as long as they have the usual form.
///
/// Members come in any order, with any blanks but line feeds, and among any others. Labels may be
/// missing, the others must not, and none may come twice. Times have the form of RFC 3339 with at
/// most nine fraction digits and lie in the years 1679 to 2260. Never taken is what a strict parser
/// would refuse, or what is not UTF-8. The scan ends before the first line that is incomplete or in
/// any other form, and before one whose labels are not in the table.
///
/// bytes      The text; AP_LINE_PADDING bytes behind it must be readable.
/// begin,end  Offsets of the first line, and behind the text. Lines end in a line feed before `end`.
/// limit      Bytes of the longest line.
/// columns    Behind the lines' text that is there already, room for `end - begin` bytes and
///            AP_LINE_PADDING more.
ap_line_scan ap_scan_lines(
    const uint8_t *_Nonnull bytes, size_t begin, size_t end, size_t limit, ap_label_table labels,
    ap_line_columns columns);

/// Takes elements `["nanoseconds","line"]` and the commas between them, as many as there are in the
/// usual form.
///
/// The form is that of JSON with any blanks; what stands behind the line is passed over. Ends as
/// `ap_scan_lines` does, with the position at the comma or bracket behind the last element taken.
ap_line_scan ap_scan_entries(
    const uint8_t *_Nonnull bytes, size_t begin, size_t end, ap_line_columns columns);

/// The same by the code for machines without AVX2, which has the same results; for tests.
ap_line_scan ap_scan_lines_portable(
    const uint8_t *_Nonnull bytes, size_t begin, size_t end, size_t limit, ap_label_table labels,
    ap_line_columns columns);

/// The same by the code for machines without AVX2, which has the same results; for tests.
ap_line_scan ap_scan_entries_portable(
    const uint8_t *_Nonnull bytes, size_t begin, size_t end, ap_line_columns columns);

#ifdef __cplusplus
}
#endif
