#pragma once
static inline int ap_placeholder(void) { return 0; }
