#pragma once
#include <stddef.h>
#include <stdint.h>

// Another opinion on JSON texts for tests: simdjson, which shares no code with our readers.

#ifdef __cplusplus
extern "C" {
#endif

/// What simdjson thinks of a text.
enum { AP_NO_JSON = -1, AP_OTHER_SHAPE = -2 };

/// Reads `[{"metric":{…},"values":[[time,"value"],…]},…]`, samples of all series one after the other.
///
/// text      [length].
/// times     [capacity], written with seconds.
/// values    [capacity], written with what strtod makes of the texts.
/// Returns the number of samples, AP_NO_JSON, or AP_OTHER_SHAPE, also when there is no room.
ptrdiff_t ap_oracle_samples(
    const uint8_t *_Nonnull text, size_t length, double *_Nonnull times, double *_Nonnull values,
    size_t capacity);

#ifdef __cplusplus
}
#endif
