#include "row_scan.h"

#include <cmath>
#include <cstdint>
#include <cstring>

#include "decimal.h"

#define INLINED static inline __attribute__((always_inline))

/// Any decimal number or nothing before a comma or line end; returns the byte that ends it, or null.
static const uint8_t *any_value(const uint8_t *at, double *value) {
  const uint8_t *begin = at;
  auto digits = [&at] {
    const uint8_t *first = at;
    while (unsigned(*at - '0') <= 9) at++;
    return at > first;
  };
  if (*at == ',' || *at == '\r' || *at == '\n') {
    *value = __builtin_nan("1");
    return at;
  }
  // The text ends with a line feed, which stops each comparison.
  if ((*at == 'N' && at[1] == 'a' && at[2] == 'N') || (*at == 'n' && at[1] == 'a' && at[2] == 'n')) {
    *value = std::numeric_limits<double>::quiet_NaN();
    return at + 3;
  }
  if (*at == '-') at++;
  if (!digits()) return nullptr;
  if (*at == '.') {
    at++;
    if (!digits()) return nullptr;
  }
  if ((*at | 0x20) == 'e') {
    at++;
    if (*at == '+' || *at == '-') at++;
    if (!digits()) return nullptr;
  }
  return decimal::general(begin, at, value) ? at : nullptr;
}

/// An unsigned number of at most 15 digits; returns the comma that ends it, or null.
static const uint8_t *row_time(const uint8_t *at, const ap_row_form &form, int64_t *time) {
  uint64_t significand = 0;
  unsigned digits = 0, fraction = 0;
  bool has_point = false;
  for (;; at++) {
    unsigned digit = unsigned(*at - '0');
    if (digit <= 9 && digits < 15) {
      significand = significand * 10 + digit;
      digits++;
      fraction += has_point;
    } else if (*at == '.' && !has_point && digits > 0) {
      has_point = true;
    } else {
      break;
    }
  }
  if (*at != ',' || digits == 0 || (has_point && fraction == 0)) return nullptr;
  // Both exact, so that the quotient is the nearest double.
  double number = double(int64_t(significand)) / decimal::exact_power[fraction];
  bool seconds = form.time == AP_TIME_SECONDS || (form.time == AP_TIME_AUTO && number < 1e11);
  *time = int64_t(std::round(seconds ? number * 1000 : number));
  return *time >= form.earliest && *time <= form.latest ? at : nullptr;
}

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx2,bmi,bmi2,lzcnt"))), apply_to = function)
namespace wide {

#include "short_decimal.inc"

INLINED const uint8_t *short_value(const uint8_t *at, double *value) {
  return short_decimal<false>(at, value);
}

#include "row_scan.inc"

}  // namespace wide
#pragma clang attribute pop
#endif

namespace portable {

INLINED const uint8_t *short_value(const uint8_t *at, double *value) {
  const uint8_t *end = decimal::plain(at, value);
  return end != nullptr && *end < '-' ? end : nullptr;
}

#include "row_scan.inc"

}  // namespace portable

extern "C" ap_rows ap_scan_rows_portable(
    const uint8_t *bytes, size_t size, size_t begin, size_t end, ap_row_form form, int64_t *times,
    double *values, size_t first, size_t capacity) {
  return portable::scan(bytes, size, begin, end, form, times, values, first, capacity);
}

extern "C" ap_rows ap_scan_rows(
    const uint8_t *bytes, size_t size, size_t begin, size_t end, ap_row_form form, int64_t *times,
    double *values, size_t first, size_t capacity) {
#if defined(__x86_64__)
  static const bool has_wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
      __builtin_cpu_supports("lzcnt");
  if (has_wide) return wide::scan(bytes, size, begin, end, form, times, values, first, capacity);
#endif
  return portable::scan(bytes, size, begin, end, form, times, values, first, capacity);
}
