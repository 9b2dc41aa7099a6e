#include "line_scan.h"

#include <cstdint>
#include <cstring>

#include "text.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx2,bmi,bmi2,lzcnt"))), apply_to = function)
namespace wide {

INLINED __m256i load(const uint8_t *at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(at));
}

INLINED uint32_t equal(__m256i text, char byte) {
  return uint32_t(_mm256_movemask_epi8(_mm256_cmpeq_epi8(text, _mm256_set1_epi8(byte))));
}

/// Bytes below a blank.
INLINED uint32_t control(__m256i text) {
  return uint32_t(_mm256_movemask_epi8(
      _mm256_cmpeq_epi8(_mm256_min_epu8(text, _mm256_set1_epi8(0x1F)), text)));
}

/// Copies the content of a string that begins at `at`, unescaped, and moves `out` behind it; returns
/// the byte behind its closing quote, or null when there is none before `end`, or when it is no
/// string or not UTF-8.
INLINED const uint8_t *string(const uint8_t *at, const uint8_t *end, uint8_t **out_) {
  uint8_t *out = *out_;
  uint32_t foreign = 0;
  while (at < end) {
    __m256i text = load(at);
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(out), text);
    uint32_t special = equal(text, '"') | equal(text, '\\') | control(text);
    uint32_t high = uint32_t(_mm256_movemask_epi8(text));
    if (special == 0) {
      foreign |= high;
      at += 32;
      out += 32;
      continue;
    }
    unsigned length = unsigned(__builtin_ctz(special));
    foreign |= high & ((special & -special) - 1);
    at += length;
    out += length;
    if (__builtin_expect(*at == '"', 1)) {
      if (at >= end || (foreign != 0 && !text::is_utf8(*out_, out))) return nullptr;
      *out_ = out;
      return at + 1;
    }
    if (*at != '\\' || (at = text::escape(at, &out)) == nullptr) return nullptr;
  }
  return nullptr;
}

/// Each bit becomes the exclusive or of itself and all below it: ones from each opening quote on.
INLINED uint64_t prefix_xor(uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

/// Behind the first closing brace outside of strings, for objects within which there is none; null
/// when there is none before `end`, or a control character before it.
INLINED const uint8_t *object_end(const uint8_t *at, const uint8_t *end) {
  // All ones behind a block that ends within a string.
  uint64_t inside = 0;
  for (const uint8_t *block = at; block < end; block += 64) {
    __m256i low = load(block), high = load(block + 32);
    auto both = [](uint32_t low, uint32_t high) { return uint64_t(high) << 32 | low; };
    uint64_t strings = prefix_xor(both(equal(low, '"'), equal(high, '"'))) ^ inside;
    uint64_t closing = both(equal(low, '}'), equal(high, '}')) & ~strings;
    uint64_t strange = both(
        equal(low, '\\') | control(low), equal(high, '\\') | control(high));
    if (__builtin_expect((strange & (closing ^ (closing - 1))) != 0, 0)) {
      return text::object_end(at, end);
    }
    if (closing != 0) {
      const uint8_t *brace = block + __builtin_ctzll(closing);
      return brace < end ? brace + 1 : nullptr;
    }
    inside = uint64_t(int64_t(strings) >> 63);
  }
  return nullptr;
}

#include "line_scan.inc"

}  // namespace wide
#pragma clang attribute pop
#endif

namespace portable {

/// As in the wide form, eight bytes at a time.
INLINED const uint8_t *string(const uint8_t *at, const uint8_t *end, uint8_t **out_) {
  constexpr uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
  uint8_t *out = *out_;
  uint64_t foreign = 0;
  while (at < end) {
    uint64_t word = text::word(at);
    uint64_t quotes = word ^ (ones * '"'), slashes = word ^ (ones * '\\');
    // The lowest of the high bits set is exact: borrows go upwards only (Mycroft's test).
    uint64_t special = (((quotes - ones) & ~quotes) | ((slashes - ones) & ~slashes) |
                        ((word - ones * 0x20) & ~word)) & highs;
    std::memcpy(out, at, 8);
    if (special == 0) {
      foreign |= word & highs;
      at += 8;
      out += 8;
      continue;
    }
    foreign |= word & highs & ((special & -special) - 1);
    unsigned length = unsigned(__builtin_ctzll(special)) / 8;
    at += length;
    out += length;
    if (*at == '"') {
      if (at >= end || (foreign != 0 && !text::is_utf8(*out_, out))) return nullptr;
      *out_ = out;
      return at + 1;
    }
    if (*at != '\\' || (at = text::escape(at, &out)) == nullptr) return nullptr;
  }
  return nullptr;
}

INLINED const uint8_t *object_end(const uint8_t *at, const uint8_t *end) {
  return text::object_end(at, end);
}

#include "line_scan.inc"

}  // namespace portable

extern "C" uint64_t ap_hash(const uint8_t *bytes, size_t count, uint64_t seed) {
  return text::hash(bytes, count, seed);
}

extern "C" ap_line_scan ap_scan_lines_portable(
    const uint8_t *bytes, size_t begin, size_t end, size_t limit, ap_label_table labels,
    ap_line_columns columns) {
  return portable::scan_lines(bytes, begin, end, limit, labels, columns);
}

extern "C" ap_line_scan ap_scan_entries_portable(
    const uint8_t *bytes, size_t begin, size_t end, ap_line_columns columns) {
  return portable::scan_entries(bytes, begin, end, columns);
}

#if defined(__x86_64__)
static bool has_wide() {
  static const bool has_wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
      __builtin_cpu_supports("lzcnt");
  return has_wide;
}
#endif

extern "C" ap_line_scan ap_scan_lines(
    const uint8_t *bytes, size_t begin, size_t end, size_t limit, ap_label_table labels,
    ap_line_columns columns) {
#if defined(__x86_64__)
  if (has_wide()) return wide::scan_lines(bytes, begin, end, limit, labels, columns);
#endif
  return portable::scan_lines(bytes, begin, end, limit, labels, columns);
}

extern "C" ap_line_scan ap_scan_entries(
    const uint8_t *bytes, size_t begin, size_t end, ap_line_columns columns) {
#if defined(__x86_64__)
  if (has_wide()) return wide::scan_entries(bytes, begin, end, columns);
#endif
  return portable::scan_entries(bytes, begin, end, columns);
}
