/* Where words end, and what stands for one in the table.
 *
 * Refuses a seed: keys are the same in every process. */
#ifndef W2VEXT_WORD_H
#define W2VEXT_WORD_H

#include <stdint.h>

#include "utf8.h"

enum { WORD, SPACE, NEWLINE, NUL };

/* What a byte is. Other control characters and all bytes from 0x80 up are letters. */
static const unsigned char KIND[256] = {
    ['\0'] = NUL,   ['\t'] = SPACE, ['\n'] = NEWLINE, ['\v'] = SPACE,
    ['\f'] = SPACE, ['\r'] = SPACE, [' '] = SPACE,
};

static inline uint64_t word_mix(uint64_t x)
{
    x *= 0x9e3779b97f4a7c15u;
    x ^= x >> 32;
    return x * 0xd6e8feb86659fd93u;
}

/* The key of a word longer than 8 bytes: a hash of all of them. */
static inline uint64_t word_long_key(const unsigned char *p, int64_t n)
{
    uint64_t h = (uint64_t)n;
    const unsigned char *last = p + n - 8;
    for (; p < last; p += 8)
        h = word_mix(h ^ bytes_load8(p)) ^ (h >> 29);
    return word_mix(h ^ bytes_load8(last));
}

/* What is compared first: a word of up to 8 bytes itself, zeros above; of a longer one the hash. */
static inline uint64_t word_key(const unsigned char *p, int64_t n)
{
    if (n > 8)
        return word_long_key(p, n);
    return n == 8 ? bytes_load8(p) : bytes_load(p, n);
}

#endif
