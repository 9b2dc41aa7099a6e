// libFuzzer target for the scanner of rows of tables; scripts/fuzz-scan.sh builds and runs it.
//
// The first byte chooses the number of columns and how instants count; the rest is the text, whose
// memory ends where it ends. Both forms of the scanner must agree, stay within the text, and give what
// strtod makes of each number.

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "row_scan.h"

static void require(bool condition, const char *what) {
  if (condition) return;
  std::fprintf(stderr, "row_scan_fuzzer: %s\n", what);
  std::abort();
}

constexpr size_t capacity = 16, most_columns = 8;

/// What a scan wrote.
struct Rows {
  int64_t times[capacity];
  double values[capacity * most_columns];
  ap_rows result;
};

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
  if (length < 2) return 0;
  ap_row_form form = {};
  form.columns = 1 + data[0] % most_columns;
  form.limit = 300;
  form.earliest = -86400000;
  form.latest = 4102444800000;
  form.time = data[0] / most_columns % 3;
  size_t size = length - 1;
  std::unique_ptr<uint8_t[]> text(new uint8_t[size]);
  std::memcpy(text.get(), data + 1, size);
  size_t end = size;
  while (end > 0 && text[end - 1] != '\n') end--;

  Rows forms[2];
  forms[0].result = ap_scan_rows(
      text.get(), size, 0, end, form, forms[0].times, forms[0].values, 0, capacity);
  forms[1].result = ap_scan_rows_portable(
      text.get(), size, 0, end, form, forms[1].times, forms[1].values, 0, capacity);
  const ap_rows &result = forms[0].result;
  require(result.position == forms[1].result.position && result.count == forms[1].result.count,
          "forms differ");
  require(result.position <= end && result.count <= capacity, "left the text");
  std::string all(reinterpret_cast<const char *>(text.get()), size);
  size_t at = 0;
  for (size_t row = 0; row < result.count; row++) {
    require(forms[0].times[row] == forms[1].times[row], "times differ");
    require(forms[0].times[row] >= form.earliest && forms[0].times[row] <= form.latest,
            "a time out of bounds");
    for (size_t column = 0; column < form.columns; column++) {
      double value = forms[0].values[column * capacity + row];
      require(std::memcmp(&value, &forms[1].values[column * capacity + row], sizeof value) == 0,
              "values differ");
      at = all.find(',', at);
      require(at != std::string::npos, "too few fields");
      size_t stop = all.find_first_of(",\r\n", ++at);
      std::string field = all.substr(at, stop - at);
      require(field.empty() ? std::isnan(value)
                            : std::isnan(value) ? field == "NaN" || field == "nan"
                                                : value == std::strtod(field.c_str(), nullptr),
              "another number");
    }
    at = all.find('\n', at) + 1;
  }
  require(at == result.position, "another position");
  return 0;
}
