#include "number_scan.h"

#include <limits>

#include "decimal.h"

namespace {

inline const uint8_t *skip_blanks(const uint8_t *at, const uint8_t *end) {
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
  return at;
}

}  // namespace

ap_numbers ap_scan_numbers(
    const uint8_t *bytes, size_t begin, size_t end, double *values, size_t capacity) {
  ap_numbers result = {begin, 0};
  const uint8_t *at = bytes + begin, *stop = bytes + end;
  while (result.count < capacity) {
    at = skip_blanks(at, stop);
    if (at >= stop) break;
    if (*at == 'n') {
      if (stop - at < 4 || std::memcmp(at, "null", 4) != 0) break;
      values[result.count] = std::numeric_limits<double>::quiet_NaN();
      at += 4;
    } else {
      const uint8_t *digits = at + (*at == '-');
      // A strict parser refuses leading zeros.
      if (*digits == '0' && digits + 1 < stop && unsigned(digits[1] - '0') <= 9) break;
      const uint8_t *behind = decimal::plain(at, &values[result.count]);
      if (behind == nullptr || behind >= stop || (*behind | 0x20) == 'e') break;
      at = behind;
    }
    result.count++;
    result.position = size_t(at - bytes);
    at = skip_blanks(at, stop);
    if (at >= stop || *at != ',') break;
    at++;
  }
  return result;
}
