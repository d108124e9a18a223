/* Random numbers for the training loop: a 64-bit xorshift* stream and a hash of a counter.
 *
 * The stream (Vigna 2016, "An experimental exploration of Marsaglia's xorshift generators, scrambled")
 * gives negatives and window sizes; the hash (SplitMix64's finaliser, Steele et al. 2014) turns
 * (key, position) into a number that needs no state, so that two pieces of work that look at the same
 * position agree on it. Neither is fit for cryptography. No state is kept here. */
#ifndef W2V_RNG_H
#define W2V_RNG_H

#include <stdint.h>

static inline uint64_t w2v_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The hash of a position under a key. */
static inline uint64_t w2v_hash(uint64_t key, uint64_t position)
{
    return w2v_mix(key + position * UINT64_C(0x9e3779b97f4a7c15));
}

/* A stream's first state: never 0, which xorshift would never leave. */
static inline uint64_t w2v_seed(uint64_t key, uint64_t stream)
{
    uint64_t state = w2v_hash(w2v_mix(key), stream + 1);
    return state ? state : UINT64_C(0x9e3779b97f4a7c15);
}

static inline uint64_t w2v_next(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

/* A whole number in [0, n) from the upper half of a draw; n < 2^32. The bias is below n / 2^32. */
static inline uint32_t w2v_below(uint64_t draw, uint32_t n)
{
    return (uint32_t)(((draw >> 32) * n) >> 32);
}

#endif
