#include "exposition_scan.h"

#include <cstring>
#include <limits>

#include "decimal.h"

// Every line ends in a line feed, which no number holds: the loops below end there at the latest.

namespace {

constexpr uint64_t significand_limit = 1844674407370955161;
/// Above any instant of people in seconds, below any in milliseconds.
constexpr int64_t least_milliseconds = 100000000000;

bool is_digit(uint8_t byte) { return unsigned(byte - '0') <= 9; }

/// `significand` times 10^`exponent` where one rounding is enough.
bool rounded(uint64_t significand, int exponent, double *result) {
  if (exponent <= 0) return decimal::nearest(significand, size_t(-exponent), result);
  // Both exact (Clinger 1990).
  if (exponent > 22 || significand >= uint64_t{1} << 53) return false;
  *result = double(int64_t(significand)) * decimal::exact_power[exponent];
  return true;
}

/// A value that is not a plain number; returns the byte behind it, or null.
const uint8_t *special_value(const uint8_t *at, double *value) {
  if (at[0] == 'N' && at[1] == 'a' && at[2] == 'N') {
    *value = std::numeric_limits<double>::quiet_NaN();
    return at + 3;
  }
  if ((at[0] == '+' || at[0] == '-') && at[1] == 'I' && at[2] == 'n' && at[3] == 'f') {
    double infinity = std::numeric_limits<double>::infinity();
    *value = at[0] == '-' ? -infinity : infinity;
    return at + 4;
  }
  return nullptr;
}

/// A value; returns the byte behind it, or null when it has another form.
const uint8_t *value_end(const uint8_t *at, double *value) {
  const uint8_t *text = at;
  bool negative = *at == '-';
  if (negative || *at == '+') at++;
  const uint8_t *begin = at, *point = nullptr;
  uint64_t significand = 0;
  bool fits = true;
  for (;; at++) {
    if (is_digit(*at)) {
      if (significand >= significand_limit) {
        fits = false;
      } else {
        significand = significand * 10 + (*at - '0');
      }
    } else if (*at == '.' && point == nullptr && at > begin) {
      point = at;
    } else {
      break;
    }
  }
  if (at == begin) return special_value(text, value);
  if (at[-1] == '.') return nullptr;
  int exponent = 0;
  if (point != nullptr && at - point < 100) exponent = -int(at - point - 1);
  else if (point != nullptr) fits = false;
  if ((*at | 0x20) == 'e') {
    at++;
    bool down = *at == '-';
    if (down || *at == '+') at++;
    const uint8_t *digits = at;
    int power = 0;
    for (; is_digit(*at); at++) power = power < 10000 ? power * 10 + (*at - '0') : power;
    if (at == digits) return nullptr;
    exponent += down ? -power : power;
  }
  double magnitude;
  if (!fits || !rounded(significand, exponent, &magnitude)) {
    if (!decimal::general(begin, at, &magnitude)) return nullptr;
  }
  *value = negative ? -magnitude : magnitude;
  return at;
}

/// An instant; returns the byte behind it, or null when it has another form.
const uint8_t *time_end(const uint8_t *at, bool milliseconds, int64_t *time) {
  const uint8_t *begin = at;
  int64_t whole = 0;
  for (; is_digit(*at); at++) {
    if (at - begin == 15) return nullptr;
    whole = whole * 10 + (*at - '0');
  }
  if (at == begin) return nullptr;
  if (*at != '.') {
    bool seconds = !milliseconds && whole < least_milliseconds;
    *time = seconds ? whole * 1000 : whole;
    return at;
  }
  if (milliseconds) return nullptr;
  at++;
  int64_t fraction = 0;
  int weight = 100;
  for (; is_digit(*at); at++, weight /= 10) {
    if (weight == 0) return nullptr;
    fraction += weight * (*at - '0');
  }
  if (weight == 100) return nullptr;
  *time = whole * 1000 + fraction;
  return at;
}

}  // namespace

extern "C" ap_scan ap_scan_series_lines(
    const uint8_t *bytes, size_t begin, size_t end, size_t series, size_t length,
    bool milliseconds, int64_t *times, double *values, size_t capacity) {
  size_t position = begin, count = 0;
  while (count < capacity && end - position > length + 1) {
    const uint8_t *line = bytes + position;
    if (std::memcmp(line, bytes + series, length) != 0 || line[length] != ' ') break;
    // A name that goes on, or a series cut by the end of a line, differs at the blank.
    const uint8_t *at = value_end(line + length + 1, &values[count]);
    if (at == nullptr || *at != ' ') break;
    at = time_end(at + 1, milliseconds, &times[count]);
    if (at == nullptr || *at != '\n') break;
    position = size_t(at - bytes) + 1;
    count++;
  }
  return {position, count};
}
