#pragma once
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#if !defined(__cpp_lib_to_chars)
#include <clocale>
#include <cstdlib>
#include <string>
#if defined(__APPLE__)
#include <xlocale.h>
#endif
#endif

// Decimal text to the nearest double.

namespace decimal {

/// Fraction digits for which a significand of 64 bits is converted without looking further.
constexpr unsigned fraction_limit = 27;

/// Exact powers of ten.
constexpr double exact_power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// 2^e / 5^q with the binary point chosen such that the highest bit of 128 is set, rounded up.
struct Reciprocal {
  uint64_t high, low;
};

constexpr std::array<Reciprocal, fraction_limit + 1> make_reciprocals() {
  std::array<Reciprocal, fraction_limit + 1> table{};
  table[0] = {uint64_t{1} << 63, 0};
  uint64_t divisor = 1;
  for (unsigned q = 1; q <= fraction_limit; q++) {
    divisor *= 5;
    unsigned bits = 64 - __builtin_clzll(divisor);
    // Long division of 2^(bits + 127) by the divisor, one bit at a time.
    unsigned __int128 quotient = 0, rest = 1;
    for (unsigned step = 0; step < bits + 127; step++) {
      rest <<= 1;
      quotient <<= 1;
      if (rest >= divisor) {
        rest -= divisor;
        quotient |= 1;
      }
    }
    quotient += 1;
    table[q] = {uint64_t(quotient >> 64), uint64_t(quotient)};
  }
  return table;
}

constexpr auto reciprocals = make_reciprocals();

/// The double nearest to significand / 10^q by Eisel and Lemire's algorithm.
///
/// The product with a reciprocal of 128 bits decides the rounding for each q up to 27 (Mushtak and
/// Lemire, Fast Number Parsing Without Fallback, 2022); no result is subnormal or infinite.
///
/// Precondition: significand > 0 and q <= fraction_limit.
inline __attribute__((always_inline)) double scaled(uint64_t significand, unsigned q) {
  int zeros = __builtin_clzll(significand);
  uint64_t normal = significand << zeros;
  unsigned __int128 product = (unsigned __int128)normal * reciprocals[q].high;
  uint64_t high = uint64_t(product >> 64), low = uint64_t(product);
  if (__builtin_expect((high & 0x1FF) == 0x1FF, 0)) {
    uint64_t more = uint64_t(((unsigned __int128)normal * reciprocals[q].low) >> 64);
    low += more;
    high += low < more;
  }
  unsigned upper = unsigned(high >> 63);
  uint64_t mantissa = high >> (upper + 9);
  // floor(-q log2(10)) + 63, then the bias of 1023.
  int exponent = ((-217706 * int(q)) >> 16) + 63 + int(upper) - zeros + 1023;
  // A tie is rounded to even; only small powers of five can make one.
  if (__builtin_expect(low <= 1 && q <= 4 && (mantissa & 3) == 1, 0)) {
    if (mantissa << (upper + 9) == high) mantissa &= ~uint64_t{1};
  }
  mantissa = (mantissa + (mantissa & 1)) >> 1;
  // A carry into bit 53 raises the exponent by itself.
  uint64_t bits = mantissa + (uint64_t(exponent - 1) << 52);
  double result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}

/// The double nearest to significand / 10^q; false when q is beyond `fraction_limit`.
inline __attribute__((always_inline)) bool nearest(
    uint64_t significand, size_t q, double *result) {
  // Both exact, so that one division rounds once (Clinger 1990). That holds up to 2^53, but numbers
  // of 16 and 17 digits often stand beside each other, and one way for both is easier to predict.
  if (significand < 1000000000000000 && q <= 22) {
    *result = double(int64_t(significand)) / exact_power[q];
    return true;
  }
  if (__builtin_expect(q > fraction_limit, 0)) return false;
  *result = significand == 0 ? 0 : scaled(significand, unsigned(q));
  return true;
}

/// A plain decimal, `-` or nothing, digits and perhaps a point and digits; returns the byte behind it,
/// or null when it is none or has more digits than 64 bits hold.
inline __attribute__((always_inline)) const uint8_t *plain(const uint8_t *at, double *value) {
  bool negative = *at == '-';
  at += negative;
  const uint8_t *begin = at, *point = nullptr;
  uint64_t significand = 0;
  for (;; at++) {
    unsigned digit = unsigned(*at - '0');
    if (digit <= 9) {
      // Up to 1843 and 16 digits, as in the wide form.
      if (significand >= 1844674407370955161) return nullptr;
      significand = significand * 10 + digit;
    } else if (*at == '.' && point == nullptr && at > begin) {
      point = at;
    } else {
      break;
    }
  }
  if (at == begin || at[-1] == '.') return nullptr;
  double magnitude;
  if (!nearest(significand, point == nullptr ? 0 : size_t(at - point - 1), &magnitude)) {
    return nullptr;
  }
  *value = negative ? -magnitude : magnitude;
  return at;
}

/// The double nearest to a text that has the grammar of a JSON number, but for leading zeros.
///
/// False when it is out of the range of normal doubles or the machine's library cannot tell.
inline bool general(const uint8_t *begin, const uint8_t *end, double *result) {
#if defined(__cpp_lib_to_chars)
  auto parsed = std::from_chars(
      reinterpret_cast<const char *>(begin), reinterpret_cast<const char *>(end), *result);
  return parsed.ec == std::errc() && parsed.ptr == reinterpret_cast<const char *>(end);
#else
  static const locale_t plain = newlocale(LC_ALL_MASK, "C", nullptr);
  std::string text(reinterpret_cast<const char *>(begin), reinterpret_cast<const char *>(end));
  char *stop = nullptr;
  *result = strtod_l(text.c_str(), &stop, plain);
  return stop == text.c_str() + text.size() && std::isfinite(*result);
#endif
}

}  // namespace decimal
