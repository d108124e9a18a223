/* Draws from a discrete distribution in constant time (Walker 1977; Vose 1991).
 *
 * Slot i of n keeps itself with probability threshold / 2^32 and gives its alias otherwise, so one
 * 64-bit number is one draw: its upper half picks the slot, its lower half is compared. Eight bytes a
 * word take the place of word2vec.c's table of 10^8 entries, and the probabilities are exact to 2^-32. */
#ifndef W2V_ALIAS_H
#define W2V_ALIAS_H

#include <stdint.h>
#include "rng.h"

typedef struct {
    uint32_t threshold;
    int32_t alias;
} w2v_slot;

/* Fills slots (n) from weights (n), finite and >= 0 with a sum > 0; work holds n doubles, order n ints.
 * Returns 0, or -1 where the weights are not such. */
int w2v_alias_build(w2v_slot *slots, const double *weights, int32_t n, double *work, int32_t *order);

static inline int32_t w2v_alias_draw(const w2v_slot *slots, int32_t n, uint64_t draw)
{
    uint32_t i = w2v_below(draw, (uint32_t)n);
    uint32_t kept = (uint32_t)draw < slots[i].threshold, alias = (uint32_t)slots[i].alias;
    return (int32_t)(alias ^ ((alias ^ i) & (0u - kept))); /* no branch: it would be missed */
}

/* Many draws at once: the slots' cache misses overlap, where one draw at a time waits for each. */
static inline void w2v_alias_fill(const w2v_slot *slots, int32_t n, uint64_t *state, int32_t *out,
                                  int count)
{
    for (int i = 0; i < count; i++)
        out[i] = w2v_alias_draw(slots, n, w2v_next(state));
}

#endif
