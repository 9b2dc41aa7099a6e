// libFuzzer target for the scanner of samples; scripts/fuzz-scan.sh builds and runs it.
//
// Both forms of the scanner read a text that begins in the middle of nowhere, between exactly as
// much padding as they may look at. They must agree, stay within the text, and give what the C
// library makes of each value.

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "sample_scan.h"

static void require(bool condition, const char *what) {
  if (condition) return;
  std::fprintf(stderr, "sample_scan_fuzzer: %s\n", what);
  std::abort();
}

static bool same(double a, double b) {
  return std::isnan(a) ? std::isnan(b) : std::memcmp(&a, &b, sizeof a) == 0;
}

/// The value of a sample that the scanner took, by the C library.
static double value_of(const std::string &sample) {
  size_t begin = sample.find_first_not_of("\" \n\r\t", sample.find(',') + 1);
  return std::strtod(sample.c_str() + begin, nullptr);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
  const size_t capacity = 64;
  std::vector<uint8_t> memory(length + 2 * AP_SCAN_PADDING, 0);
  // Whatever stands before the text must not matter.
  std::memset(memory.data(), '7', AP_SCAN_PADDING);
  if (length > 0) std::memcpy(memory.data() + AP_SCAN_PADDING, data, length);
  const uint8_t *text = memory.data() + AP_SCAN_PADDING;

  int64_t times[2][capacity];
  double values[2][capacity];
  ap_scan wide = ap_scan_samples(text, 0, times[0], values[0], capacity);
  ap_scan portable = ap_scan_samples_portable(text, 0, times[1], values[1], capacity);
  require(wide.count == portable.count && wide.position == portable.position, "forms differ");
  require(wide.position <= length && wide.count <= capacity, "left the text");
  for (size_t index = 0; index < wide.count; index++) {
    require(times[0][index] == times[1][index], "times differ");
    require(same(values[0][index], values[1][index]), "values differ");
  }
  // One by one, so that each sample's own text is known.
  size_t position = 0;
  for (size_t index = 0; index < wide.count; index++) {
    if (index > 0) {
      while (text[position] != ',') position++;
      position++;
    }
    int64_t time;
    double value;
    ap_scan one = ap_scan_samples(text, position, &time, &value, 1);
    require(one.count == 1 && time == times[0][index], "alone it is another sample");
    std::string sample((const char *)text + position, one.position - position);
    require(same(value, value_of(sample)), "not rounded as by strtod");
    position = one.position;
  }
  return 0;
}
