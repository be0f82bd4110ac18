// Latencies in nanoseconds, counted in buckets that are never wider than 1/64 of their value.
#pragma once

#include <stdint.h>

struct histogram
{
    uint64_t total;
    uint64_t counts[64 * 64];
};

void histogram_clear(struct histogram* h);
void histogram_record(struct histogram* h, uint64_t value, uint64_t times);

// The value below or at which `share` (0 to 1) of what was recorded lies; 0 when nothing was.
uint64_t histogram_value_at(const struct histogram* h, double share);
