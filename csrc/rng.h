/* Random numbers of the training loop: a 64-bit xorshift* generator and a hash of a counter.
 *
 * The generator (Vigna 2016, "An experimental exploration of Marsaglia's xorshift generators, scrambled")
 * draws negatives. The hash (the finalizer of SplitMix64, Steele et al. 2014) maps a key
 * and a position to a number without any state, so that different parts of the program agree on the number of
 * a position. Neither is suitable for cryptography. The caller owns all state. */
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

/* The initial state of stream number `stream` under a key; never 0, at which xorshift would stay. */
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

/* An integer in [0, n), from the upper half of a draw. The bias is below n / 2^32. */
static inline uint32_t w2v_below(uint64_t draw, uint32_t n)
{
    return (uint32_t)(((draw >> 32) * n) >> 32);
}

#endif
