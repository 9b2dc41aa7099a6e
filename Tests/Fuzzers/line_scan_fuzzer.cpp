// libFuzzer target for the scanner of log lines; scripts/fuzz-scan.sh builds and runs it.
//
// Both forms of the scanner read a text that lies before exactly as much padding as they may look at,
// with room for exactly as much as they may write, and a table that knows some of the labels. They
// must agree, stay within the text and the room, and give what simple code makes of each line.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "line_scan.h"

static void require(bool condition, const char *what) {
  if (condition) return;
  std::fprintf(stderr, "line_scan_fuzzer: %s\n", what);
  std::abort();
}

/// A text between whose end and the end of its memory lies nothing but padding.
struct Text {
  std::unique_ptr<uint8_t[]> memory;
  Text(const uint8_t *data, size_t length) : memory(new uint8_t[length + AP_LINE_PADDING]) {
    if (length > 0) std::memcpy(memory.get(), data, length);
    // Whatever stands behind the text must not matter.
    const char *rest = "\"}],\\ \n0";
    for (size_t index = 0; index < AP_LINE_PADDING; index++) {
      memory[length + index] = uint8_t(rest[index % 8]);
    }
  }
};

constexpr size_t capacity = 32;

/// What a scan wrote.
struct Columns {
  int64_t times[capacity];
  size_t ends[capacity];
  int32_t numbers[capacity];
  std::unique_ptr<uint8_t[]> text;
  ap_line_scan result;

  explicit Columns(size_t room) : text(new uint8_t[room + AP_LINE_PADDING]) {}

  ap_line_columns all() { return {times, ends, numbers, text.get(), 0, capacity}; }

  std::string line(size_t index) const {
    size_t begin = index == 0 ? 0 : ends[index - 1];
    return std::string(reinterpret_cast<const char *>(text.get()) + begin, ends[index] - begin);
  }
};

static void require_same(const Columns &a, const Columns &b, bool numbered) {
  require(
      a.result.position == b.result.position && a.result.count == b.result.count &&
          a.result.labels_begin == b.result.labels_begin &&
          a.result.labels_end == b.result.labels_end,
      "forms differ");
  for (size_t index = 0; index < a.result.count; index++) {
    require(a.times[index] == b.times[index], "times differ");
    require(!numbered || a.numbers[index] == b.numbers[index], "labels differ");
    require(a.line(index) == b.line(index), "lines differ");
  }
}

/// A string's content by JSON's grammar, for texts that the scanner took; false when it is none.
static bool unescape(const std::string &text, size_t at, std::string *out, size_t *behind) {
  for (; at < text.size() && text[at] != '"'; at++) {
    if (uint8_t(text[at]) < 0x20) return false;
    if (text[at] != '\\') {
      *out += text[at];
      continue;
    }
    if (++at == text.size()) return false;
    const char *from = "\"\\/bfnrt", *to = "\"\\/\b\f\n\r\t";
    if (text[at] != 'u') {
      const char *found = text[at] == 0 ? nullptr : std::strchr(from, text[at]);
      if (found == nullptr) return false;
      *out += to[found - from];
      continue;
    }
    auto unit = [&](size_t place) { return std::stoul(text.substr(place, 4), nullptr, 16); };
    unsigned long code = unit(at + 1);
    at += 4;
    if (code >= 0xD800 && code < 0xDC00) {
      code = 0x10000 + ((code - 0xD800) << 10) + (unit(at + 3) - 0xDC00);
      at += 6;
    }
    if (code < 0x80) {
      *out += char(code);
    } else {
      int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
      const int lead[] = {0, 0xC0, 0xE0, 0xF0};
      *out += char(lead[more] | code >> (6 * more));
      while (more-- > 0) *out += char(0x80 | (code >> (6 * more) & 0x3F));
    }
  }
  *behind = at + 1;
  return at < text.size();
}

static bool is_utf8(const std::string &text) {
  for (size_t at = 0; at < text.size();) {
    uint8_t first = uint8_t(text[at++]);
    if (first < 0x80) continue;
    int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    uint32_t code = first & (0x3F >> more);
    if (first < 0xC0 || first > 0xF7 || at + size_t(more) > text.size()) return false;
    for (int index = 0; index < more; index++) {
      uint8_t byte = uint8_t(text[at++]);
      if ((byte & 0xC0) != 0x80) return false;
      code = code << 6 | (byte & 0x3F);
    }
    const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (code < least[more] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
  }
  return true;
}

static void check_entries(const Text &text, size_t length) {
  Columns forms[2] = {Columns(length), Columns(length)};
  forms[0].result = ap_scan_entries(text.memory.get(), 0, length, forms[0].all());
  forms[1].result = ap_scan_entries_portable(text.memory.get(), 0, length, forms[1].all());
  require_same(forms[0], forms[1], false);
  require(forms[0].result.position <= length && forms[0].result.count <= capacity, "left the text");
  std::string all(reinterpret_cast<const char *>(text.memory.get()), length);
  size_t position = 0;
  for (size_t index = 0; index < forms[0].result.count; index++) {
    // One by one, so that each element's own text is known.
    if (index > 0) position = all.find(',', position) + 1;
    Columns one(length);
    one.result = ap_scan_entries(text.memory.get(), position, length,
                                 {one.times, one.ends, one.numbers, one.text.get(), 0, 1});
    require(one.result.count == 1, "alone it is none");
    require(one.times[0] == forms[0].times[index], "alone it has another time");
    require(one.line(0) == forms[0].line(index), "alone it is another line");
    size_t quote = all.find('"', position);
    require(std::strtoll(all.c_str() + quote + 1, nullptr, 10) == one.times[0], "another number");
    size_t second = all.find('"', all.find('"', quote + 1) + 1), behind;
    std::string content;
    require(unescape(all, second + 1, &content, &behind), "not a string");
    require(content == one.line(0) && is_utf8(content), "another line");
    position = one.result.position;
  }
}

static void check_lines(const Text &text, size_t length) {
  // Labels as they are written in some of the corpus; others end the scan.
  std::vector<std::string> known = {"{}", "{\"app\":\"shop\"}", "{\"a\":\"}\\\"\"}"};
  std::vector<ap_label_text> places(64);
  std::string bytes;
  for (size_t index = 0; index < known.size(); index++) bytes += known[index];
  bytes += std::string(AP_LINE_PADDING, '\0');
  const uint8_t *first = reinterpret_cast<const uint8_t *>(bytes.data());
  size_t begin = 0;
  for (size_t index = 0; index < known.size(); index++) {
    uint64_t hash = ap_hash(first + begin, known[index].size(), 0);
    places[hash & 63] = {hash, uint32_t(begin), uint32_t(known[index].size()), int32_t(index)};
    begin += known[index].size();
  }
  ap_label_table table = {places.data(), 63, first};

  Columns forms[2] = {Columns(length), Columns(length)};
  forms[0].result = ap_scan_lines(text.memory.get(), 0, length, 300, table, forms[0].all());
  forms[1].result = ap_scan_lines_portable(text.memory.get(), 0, length, 300, table, forms[1].all());
  require_same(forms[0], forms[1], true);
  const ap_line_scan &result = forms[0].result;
  require(result.position <= length && result.labels_end <= length, "left the text");
  std::string all(reinterpret_cast<const char *>(text.memory.get()), length);
  size_t position = 0;
  for (size_t index = 0; index < result.count; index++) {
    size_t end = all.find('\n', position);
    require(end != std::string::npos && end - position <= 300, "not a line");
    std::string line = all.substr(position, end - position);
    int32_t number = forms[0].numbers[index];
    require(number >= -1 && number < 3, "another number");
    require(number < 0 || line.find(known[size_t(number)]) != std::string::npos, "other labels");
    // Whatever else the line holds, its text stands in it behind its key.
    bool found = false;
    for (size_t at = 0; !found && (at = line.find("\"line\"", at)) != std::string::npos; at += 6) {
      size_t quote = line.find_first_not_of(" \t\r:", at + 6), behind;
      std::string content;
      found = quote != std::string::npos && line[quote] == '"' &&
          unescape(line, quote + 1, &content, &behind) && content == forms[0].line(index);
    }
    require(found && is_utf8(forms[0].line(index)), "another line");
    position = end + 1;
  }
  require(position == result.position, "another position");
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
  Text text(data, length);
  check_entries(text, length);
  check_lines(text, length);
  return 0;
}
