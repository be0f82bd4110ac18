#include "histogram.h"

#include <string.h>

enum
{
    steps_log2 = 6,
    steps = 1 << steps_log2
};

// Values below 64 have a bucket each; from there every power of two has 64 of equal width.
static unsigned bucket_of(uint64_t value)
{
    if (value < steps)
    {
        return (unsigned)value;
    }
    unsigned shift = 63u - (unsigned)__builtin_clzll(value) - steps_log2;
    return (shift + 1) * steps + (unsigned)((value >> shift) - steps);
}

static uint64_t highest_in(unsigned bucket)
{
    if (bucket < steps)
    {
        return bucket;
    }
    unsigned shift = bucket / steps - 1;
    return (((uint64_t)(bucket % steps) + steps + 1) << shift) - 1;
}

void histogram_clear(struct histogram* h)
{
    memset(h, 0, sizeof *h);
}

void histogram_record(struct histogram* h, uint64_t value, uint64_t times)
{
    h->counts[bucket_of(value)] += times;
    h->total += times;
}

uint64_t histogram_value_at(const struct histogram* h, double share)
{
    uint64_t seen = 0;
    for (unsigned i = 0; i < sizeof h->counts / sizeof h->counts[0]; ++i)
    {
        seen += h->counts[i];
        if (seen != 0 && (double)seen >= share * (double)h->total)
        {
            return highest_in(i);
        }
    }
    return 0;
}
