/* Draws from a discrete distribution in constant time by the alias method (Walker 1977, Vose 1991).
 *
 * Slot i of n yields i with probability threshold / 2^32 and its alias otherwise. One 64-bit random
 * number makes one draw: its upper half selects the slot, its lower half is compared with the threshold.
 * This takes 8 bytes per word, where word2vec.c uses a table of 10^8 entries, and the probabilities are
 * exact to 2^-32. */
#ifndef W2V_ALIAS_H
#define W2V_ALIAS_H

#include <stdint.h>
#include "prefetch.h"
#include "rng.h"

typedef struct {
    uint32_t threshold;
    int32_t alias;
} w2v_slot;

/* Fills slots (n) from weights (n), which must be finite and >= 0 with a finite sum > 0. work (n) and
 * order (n) are scratch memory. Returns 0, or -1 if the weights are invalid. */
int w2v_alias_build(w2v_slot *slots, const double *weights, int32_t n, double *work, int32_t *order);

static inline int32_t w2v_alias_draw(const w2v_slot *slots, int32_t n, uint64_t draw)
{
    uint32_t i = w2v_below(draw, (uint32_t)n);
    uint32_t keep = (uint32_t)draw < slots[i].threshold, alias = (uint32_t)slots[i].alias;
    return (int32_t)(alias ^ ((alias ^ i) & (0u - keep))); /* a branch would often be mispredicted */
}

/* Makes `count` draws. The slot of each is prefetched W2V_DRAWS_AHEAD draws before it is read. */
#define W2V_DRAWS_AHEAD 16
static inline void w2v_alias_fill(const w2v_slot *slots, int32_t n, uint64_t *state, int32_t *out,
                                  int count)
{
    uint64_t draws[W2V_DRAWS_AHEAD];
    for (int i = 0; i < count + W2V_DRAWS_AHEAD; i++) {
        uint64_t *draw = draws + i % W2V_DRAWS_AHEAD;
        if (i >= W2V_DRAWS_AHEAD)
            out[i - W2V_DRAWS_AHEAD] = w2v_alias_draw(slots, n, *draw);
        if (i < count) {
            *draw = w2v_next(state);
            W2V_PREFETCH(slots + w2v_below(*draw, (uint32_t)n), 0);
        }
    }
}

#endif
