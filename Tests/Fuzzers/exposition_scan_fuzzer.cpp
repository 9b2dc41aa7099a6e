// libFuzzer target for the scanner of lines of one series; scripts/fuzz-scan.sh builds and runs it.
//
// The text up to the first blank is the series. The scan must stay within the text, whose memory ends
// where it ends, take nothing but lines of that series, and give what strtod makes of each number.

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "exposition_scan.h"

static void require(bool condition, const char *what) {
  if (condition) return;
  std::fprintf(stderr, "exposition_scan_fuzzer: %s\n", what);
  std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
  if (length < 2) return 0;
  constexpr size_t capacity = 16;
  bool milliseconds = data[0] & 1;
  size_t size = length - 1;
  std::unique_ptr<uint8_t[]> text(new uint8_t[size]);
  std::memcpy(text.get(), data + 1, size);
  size_t end = size;
  while (end > 0 && text[end - 1] != '\n') end--;
  std::string all(reinterpret_cast<const char *>(text.get()), size);
  size_t name = all.find(' ');
  if (name == std::string::npos || name == 0 || name > end) return 0;

  int64_t times[capacity];
  double values[capacity];
  ap_scan result = ap_scan_series_lines(
      text.get(), 0, end, 0, name, milliseconds, times, values, capacity);
  require(result.position <= end && result.count <= capacity, "left the text");
  size_t at = 0;
  for (size_t line = 0; line < result.count; line++) {
    require(all.compare(at, name, all, 0, name) == 0 && all[at + name] == ' ', "another series");
    size_t stop = all.find(' ', at + name + 1);
    require(stop != std::string::npos, "no instant");
    std::string field = all.substr(at + name + 1, stop - at - name - 1);
    double value = std::strtod(field.c_str(), nullptr);
    require(std::isnan(value) ? std::isnan(values[line]) : value == values[line], "another number");
    at = all.find('\n', stop) + 1;
  }
  require(at == result.position, "another position");
  return 0;
}
