#pragma once
#include <cstdint>
#include <cstring>

// Pieces of text that the scanners of log lines share, whatever the instruction set.

#define INLINED static inline __attribute__((always_inline))

namespace text {

/// Eight bytes, the first one lowest.
INLINED uint64_t word(const uint8_t *at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

INLINED uint64_t mix(uint64_t value) {
  unsigned __int128 product = (unsigned __int128)(value ^ 0xA0761D6478BD642F) * 0xE7037ED1A0B428DB;
  return uint64_t(product >> 64) ^ uint64_t(product);
}

/// Words of eight bytes mixed by 64 × 64 bit multiplication, in two chains.
INLINED uint64_t hash(const uint8_t *at, size_t count, uint64_t seed) {
  uint64_t a = seed, b = count * 0x9E3779B97F4A7C15;
  for (; count >= 16; count -= 16, at += 16) {
    a = mix(a ^ word(at));
    b = mix(b ^ word(at + 8));
  }
  if (count >= 8) {
    a = mix(a ^ word(at));
    count -= 8;
    at += 8;
  }
  uint64_t rest = count == 0 ? 0 : word(at) << (64 - 8 * count);
  return mix(a ^ mix(b ^ rest));
}

/// Whether bytes are UTF-8; the eight behind `end` are readable.
static bool is_utf8(const uint8_t *at, const uint8_t *end) {
  while (at < end) {
    if (end - at >= 8 && (word(at) & 0x8080808080808080) == 0) {
      at += 8;
      continue;
    }
    uint8_t first = *at;
    if (first < 0x80) {
      at++;
      continue;
    }
    // The Unicode Standard, table 3-7: the second byte's range depends on the first.
    int length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    uint8_t lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    uint8_t highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (first < 0xC2 || first > 0xF4 || end - at < length) return false;
    if (at[1] < lowest || at[1] > highest) return false;
    for (int index = 2; index < length; index++) {
      if ((at[index] & 0xC0) != 0x80) return false;
    }
    at += length;
  }
  return true;
}

/// What stands for the byte behind a backslash; 0 for none.
INLINED uint8_t unescaped(uint8_t byte) {
  switch (byte) {
    case '"': case '\\': case '/': return byte;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return 0;
  }
}

INLINED int hexadecimal(uint8_t byte) {
  if (unsigned(byte - '0') <= 9) return byte - '0';
  unsigned letter = unsigned((byte | 0x20) - 'a');
  return letter <= 5 ? int(letter) + 10 : -1;
}

/// Four hexadecimal digits, or a negative number.
INLINED int code_unit(const uint8_t *at) {
  int digits[4];
  for (int index = 0; index < 4; index++) digits[index] = hexadecimal(at[index]);
  if ((digits[0] | digits[1] | digits[2] | digits[3]) < 0) return -1;
  return digits[0] << 12 | digits[1] << 8 | digits[2] << 4 | digits[3];
}

/// Takes an escape of JSON that begins with a backslash at `at`, of which 12 bytes are readable, and
/// writes its character; returns the byte behind it, or null when it is none.
static const uint8_t *escape(const uint8_t *at, uint8_t **out_) {
  uint8_t *out = *out_;
  if (at[1] != 'u') {
    *out = unescaped(at[1]);
    *out_ = out + 1;
    return *out == 0 ? nullptr : at + 2;
  }
  int unit = code_unit(at + 2);
  at += 6;
  if (unit < 0) return nullptr;
  uint32_t scalar = uint32_t(unit);
  if (unit >= 0xD800 && unit < 0xE000) {
    if (unit >= 0xDC00 || at[0] != '\\' || at[1] != 'u') return nullptr;
    int low = code_unit(at + 2);
    if (low < 0xDC00 || low >= 0xE000) return nullptr;
    scalar = 0x10000 + (uint32_t(unit - 0xD800) << 10) + uint32_t(low - 0xDC00);
    at += 6;
  }
  if (scalar < 0x80) {
    *out++ = uint8_t(scalar);
  } else if (scalar < 0x800) {
    *out++ = uint8_t(0xC0 | scalar >> 6);
    *out++ = uint8_t(0x80 | (scalar & 0x3F));
  } else if (scalar < 0x10000) {
    *out++ = uint8_t(0xE0 | scalar >> 12);
    *out++ = uint8_t(0x80 | (scalar >> 6 & 0x3F));
    *out++ = uint8_t(0x80 | (scalar & 0x3F));
  } else {
    *out++ = uint8_t(0xF0 | scalar >> 18);
    *out++ = uint8_t(0x80 | (scalar >> 12 & 0x3F));
    *out++ = uint8_t(0x80 | (scalar >> 6 & 0x3F));
    *out++ = uint8_t(0x80 | (scalar & 0x3F));
  }
  *out_ = out;
  return at;
}

/// Behind the first closing brace outside of strings; null when there is none before `end`, or a
/// control character before it.
static const uint8_t *object_end(const uint8_t *at, const uint8_t *end) {
  bool inside = false;
  for (; at < end && *at >= 0x20; at++) {
    if (*at == '"') {
      inside = !inside;
    } else if (inside && *at == '\\') {
      if (*++at < 0x20) return nullptr;
    } else if (!inside && *at == '}') {
      return at + 1;
    }
  }
  return nullptr;
}

/// Eight decimal digits at once, pairs by pairs.
INLINED bool eight_digits(const uint8_t *at, uint64_t *value) {
  uint64_t digits = word(at) ^ 0x3030303030303030;
  if (((digits + 0x7676767676767676) | digits) & 0x8080808080808080) return false;
  digits = digits * 10 + (digits >> 8);
  *value = ((digits & 0x000000FF000000FF) * 0x000F424000000064 +
            (digits >> 16 & 0x000000FF000000FF) * 0x0000271000000001) >> 32;
  return true;
}

/// A whole number of up to 19 digits before a quote; returns the byte behind the quote, or null.
INLINED const uint8_t *quoted_integer(const uint8_t *at, int64_t *value) {
  uint64_t upper, lower;
  if (eight_digits(at, &upper) && eight_digits(at + 8, &lower)) {
    uint64_t sum = upper * 100000000 + lower;
    const uint8_t *end = at + 16;
    for (; end < at + 19 && unsigned(*end - '0') <= 9; end++) sum = sum * 10 + (*end - '0');
    *value = int64_t(sum);
    // 19 digits are less than 2^64.
    return *end == '"' && *value >= 0 ? end + 1 : nullptr;
  }
  int64_t sum = 0;
  const uint8_t *end = at;
  for (; end < at + 16 && unsigned(*end - '0') <= 9; end++) sum = sum * 10 + (*end - '0');
  *value = sum;
  return *end == '"' && end > at ? end + 1 : nullptr;
}

/// Days from 1970-01-01 in the Gregorian calendar, for years after Christ.
INLINED int64_t days(int64_t year, int64_t month, int64_t day) {
  // Years that begin in March end with the leap day.
  year -= month <= 2;
  month = (month + 9) % 12;
  return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719468;
}

INLINED int64_t days_in_month(int64_t year, int64_t month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return 30 + ((month + (month > 7)) & 1);
}

/// `2026-01-05T12:30:00.123456789Z"` or with an offset such as `+01:00`, as nanoseconds since 1970;
/// returns the byte behind the quote, or null for any other form and years that do not surely fit.
static const uint8_t *quoted_instant(const uint8_t *at, int64_t *nanoseconds) {
  // What is as it should be becomes zero, a digit its value; pairs of digits become numbers.
  uint64_t date = word(at) ^ word(reinterpret_cast<const uint8_t *>("0000-00-"));
  uint64_t time = word(at + 8) ^ word(reinterpret_cast<const uint8_t *>("00T00:00"));
  uint64_t strange = ((date + 0x7F76767F76767676) | date) |
      ((time + 0x76767F76767F7676) | time);
  unsigned tens = unsigned(at[17] - '0'), ones = unsigned(at[18] - '0');
  if ((strange & 0x8080808080808080) != 0 || at[16] != ':' || tens > 5 || ones > 9) return nullptr;
  date = date * 10 + (date >> 8);
  time = time * 10 + (time >> 8);
  int64_t year = int64_t(date & 0xFF) * 100 + int64_t(date >> 16 & 0xFF);
  int64_t month = int64_t(date >> 40 & 0xFF), day = int64_t(time & 0xFF);
  int64_t hour = int64_t(time >> 24 & 0xFF), minute = int64_t(time >> 48 & 0xFF);
  if (year < 1679 || year > 2260 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 ||
      day > days_in_month(year, month)) {
    return nullptr;
  }
  int64_t seconds =
      days(year, month, day) * 86400 + hour * 3600 + minute * 60 + int64_t(tens * 10 + ones);
  at += 19;
  int64_t fraction = 0;
  if (*at == '.') {
    const uint8_t *end = ++at;
    uint64_t eight;
    if (eight_digits(at, &eight) && unsigned(at[8] - '0') <= 9) {
      fraction = int64_t(eight) * 10 + (at[8] - '0');
      end = at + 9;
    } else {
      int64_t unit = 1000000000;
      for (; unsigned(*end - '0') <= 9 && unit > 1; end++) {
        unit /= 10;
        fraction += unit * (*end - '0');
      }
    }
    if (end == at) return nullptr;
    at = end;
  }
  if (*at == 'Z') {
    at++;
  } else if (*at == '+' || *at == '-') {
    unsigned digits[4] = {
        unsigned(at[1] - '0'), unsigned(at[2] - '0'), unsigned(at[4] - '0'), unsigned(at[5] - '0')};
    for (unsigned digit : digits) {
      if (digit > 9) return nullptr;
    }
    unsigned hours = digits[0] * 10 + digits[1], minutes = digits[2] * 10 + digits[3];
    if (at[3] != ':' || hours > 23 || minutes > 59) return nullptr;
    int64_t zone = int64_t(hours) * 3600 + int64_t(minutes) * 60;
    seconds -= *at == '+' ? zone : -zone;
    at += 6;
  } else {
    return nullptr;
  }
  *nanoseconds = seconds * 1000000000 + fraction;
  return *at == '"' ? at + 1 : nullptr;
}

}  // namespace text
