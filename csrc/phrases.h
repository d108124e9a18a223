/* Pairs of ids that stand together: counted, then joined to one id, from left to right.
 *
 * Connectors ("of", "the") may stand inside a pair and neither begin nor end one. What stands before a
 * pair's last word is a prefix: a word's id, or `words` + the number of (a prefix, a connector).
 * Negative ids are unknown and part every pair. Knows no scores. */
#ifndef W2V_PHRASES_H
#define W2V_PHRASES_H

#include <stdint.h>

#include "secret.h"

enum { W2V_PHRASES_OK, W2V_PHRASES_NO_MEMORY };

typedef struct {
    uint64_t key; /* left << 32 | right, plus 1; 0 is an empty slot */
    int64_t value;
} w2v_pair_slot;

/* (left, right) -> value; open addressing, a power of two, at most half full. */
typedef struct {
    w2v_pair_slot *at;
    int64_t n, slots;
    w2v_secret secret; /* of the hash; set it before the first pair */
} w2v_pair_table;

/* Begins as all zeros but for the secret. The value's place, a new one being 0; NULL where there is no memory. */
int64_t *w2v_pair_put(w2v_pair_table *table, int32_t left, int32_t right);
/* NULL where there is none. */
const int64_t *w2v_pair_get(const w2v_pair_table *table, int32_t left, int32_t right);
void w2v_pair_close(w2v_pair_table *table);

typedef struct {
    w2v_pair_table prefixes; /* (prefix, connector) -> its number */
    w2v_pair_table pairs;    /* (prefix, word) -> count, or the id of the phrase */
    int32_t words;       /* ids are below */
    const uint8_t *connector; /* (words) */
} w2v_phrases;

/* Counts the pairs of sentences ids[offsets[s]:offsets[s + 1]]. */
int w2v_phrases_count(w2v_phrases *phrases, const int32_t *ids, const int64_t *offsets, int64_t sentences);
/* Joins the pairs that are in the table: out (N) the ids, starts (N) where each begins in ids, out_offsets
 * (sentences + 1). ids may be out. */
void w2v_phrases_join(const w2v_phrases *phrases, const int32_t *ids, const int64_t *offsets,
                      int64_t sentences, int32_t *out, int64_t *starts, int64_t *out_offsets);

#endif
