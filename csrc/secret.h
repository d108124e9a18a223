/* The hash function of the tables of words and pairs.
 *
 * It depends on a secret that every process draws anew, so that the author of a text cannot choose words
 * that collide. Ids, counts and their order do not depend on it. */
#ifndef W2V_SECRET_H
#define W2V_SECRET_H

#include <stdint.h>

#include "rng.h"

typedef struct {
    uint64_t start, first, second;
} w2v_secret;

static inline w2v_secret w2v_secret_of(uint64_t seed)
{
    w2v_secret secret = {w2v_hash(seed, 0), w2v_hash(seed, 1) | 1, w2v_hash(seed, 2) | 1};
    return secret;
}

/* A number whose highest bits are the hash of x. */
static inline uint64_t w2v_secret_mix(const w2v_secret *secret, uint64_t x)
{
    x = (x ^ secret->start) * secret->first;
    x ^= x >> 32;
    return x * secret->second;
}

/* A number whose lowest 32 bits are the hash of x. */
static inline uint64_t w2v_secret_low(const w2v_secret *secret, uint64_t x)
{
    x = w2v_secret_mix(secret, x);
    return x ^ x >> 32;
}

#endif
