/* The walls of the machine: random rows read, changed and written back, and memory read in order.
   Compiled by limits.py when it runs; no part of the package. */
#include <stddef.h>
#include <stdint.h>

static uint64_t next(uint64_t *state) {
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

static size_t draw(uint64_t *state, size_t rows) { return (size_t)(((next(state) >> 32) * rows) >> 32); }

/* Adds a constant to `count` random rows of a (rows, stride) table; `ahead` rows are prefetched (0: none). */
void update_rows(float *table, size_t rows, size_t stride, size_t size, size_t count, size_t ahead) {
    enum { RING = 64 };
    size_t ring[RING];
    uint64_t state = 88172645463325252u;
    for (size_t i = 0; i < RING; i++) ring[i] = draw(&state, rows);
    for (size_t i = 0; i < count; i++) {
        float *row = table + ring[i % RING] * stride;
        if (ahead) {
            const char *later = (const char *)(table + ring[(i + ahead) % RING] * stride);
            for (size_t at = 0; at < size * sizeof(float); at += 64) __builtin_prefetch(later + at, 1);
        }
        for (size_t k = 0; k < size; k++) row[k] += 1e-9f;
        ring[i % RING] = draw(&state, rows);
    }
}

/* Sum of n floats, in 16 running sums so that no chain of additions bounds it. */
float read_in_order(const float *array, size_t n) {
    float sums[16] = {0}, total = 0;
    for (size_t i = 0; i + 16 <= n; i += 16)
        for (size_t k = 0; k < 16; k++) sums[k] += array[i + k];
    for (size_t k = 0; k < 16; k++) total += sums[k];
    return total;
}
