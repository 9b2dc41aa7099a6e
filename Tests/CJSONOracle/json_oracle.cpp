#include "json_oracle.h"

#include <simdjson.h>

#include <cstdlib>
#include <string>

using namespace simdjson;

/// The value of a sample; false when it is none.
static bool sample_value(dom::element element, double *value) {
  std::string_view text;
  if (element.get(text) != SUCCESS) return element.get(*value) == SUCCESS;
  std::string copy(text);
  char *end = nullptr;
  *value = std::strtod(copy.c_str(), &end);
  bool blank = copy.empty() || copy[0] <= ' ';
  return !blank && end == copy.c_str() + copy.size();
}

ptrdiff_t ap_oracle_samples(
    const uint8_t *text, size_t length, double *times, double *values, size_t capacity) {
  dom::parser parser;
  dom::element document;
  error_code error = parser.parse(text, length).get(document);
  // Whole numbers beyond 64 bits are good JSON that simdjson does not read.
  if (error == NUMBER_ERROR) return AP_OTHER_SHAPE;
  if (error != SUCCESS) return AP_NO_JSON;
  dom::array result;
  if (document.get(result) != SUCCESS) return AP_OTHER_SHAPE;
  size_t count = 0;
  for (dom::element series : result) {
    dom::array samples;
    if (series["values"].get(samples) != SUCCESS) return AP_OTHER_SHAPE;
    for (dom::element sample : samples) {
      dom::array pair;
      if (count == capacity || sample.get(pair) != SUCCESS || pair.size() != 2 ||
          pair.at(0).get(times[count]) != SUCCESS ||
          !sample_value(pair.at(1), &values[count])) {
        return AP_OTHER_SHAPE;
      }
      count++;
    }
  }
  return ptrdiff_t(count);
}
