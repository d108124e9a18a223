/* Pairs of adjacent ids: counting them, and joining chosen pairs to one id, from left to right.
 *
 * A connector, such as "of" or "the", may occur inside a pair but neither begins nor ends one: "bank of
 * the west" is a pair of "bank of the" and "west". What precedes the last word of a pair is a prefix. It
 * is numbered: a single word by its id, a longer prefix by `words` + its number in a table of (prefix,
 * connector). Negative ids are unknown words, which are not part of a pair. The caller
 * computes the scores. */
#ifndef W2V_PHRASES_H
#define W2V_PHRASES_H

#include <stdint.h>

#include "secret.h"

enum { W2V_PHRASES_OK, W2V_PHRASES_NO_MEMORY };

typedef struct {
    uint64_t key; /* (left << 32 | right) + 1; 0 marks an empty slot */
    int64_t value;
} w2v_pair_slot;

/* A hash table (left, right) -> value, initialized to zeros and a secret. Open addressing; the number of slots is a
 * power of two, and at most half of them are in use. */
typedef struct {
    w2v_pair_slot *at;
    int64_t n, slots;
    w2v_secret secret; /* of the hash; set before the first pair is added */
} w2v_pair_table;

/* The address of a pair's value, which is 0 for a new pair; NULL if memory is exhausted. */
int64_t *w2v_pair_put(w2v_pair_table *table, int32_t left, int32_t right);

/* The address of a pair's value, or NULL if the pair is not in the table. */
const int64_t *w2v_pair_get(const w2v_pair_table *table, int32_t left, int32_t right);

void w2v_pair_close(w2v_pair_table *table);

/* Removes pairs with small values, so that at most `most` remain: all those with the smallest value, then all
 * with the next one, and so on. Returns the largest value that was removed, 0 if none was, or -1 if memory is
 * exhausted. */
int64_t w2v_pair_prune(w2v_pair_table *table, int64_t most);

typedef struct {
    w2v_pair_table prefixes;  /* (prefix, connector) -> the longer prefix's number */
    w2v_pair_table pairs;     /* (prefix, word) -> count, or the id of the joined pair */
    int32_t words;            /* all ids are smaller */
    const uint8_t *connector; /* (words) 1 for connectors */
    int64_t max_pairs;        /* while counting; 0 for no limit */
    int64_t pruned;           /* the largest count of a pair that was removed to stay below it, or 0 */
} w2v_phrases;

/* Counts the pairs in sentences ids[offsets[s]:offsets[s + 1]]. Where the table would exceed max_pairs, it is
 * pruned to three quarters of them. */
int w2v_phrases_count(w2v_phrases *phrases, const int32_t *ids, const int64_t *offsets,
                      int64_t sentences);

/* Joins the pairs that are in the table. Writes the ids to out (N), where each of them begins in `ids` to
 * starts (N), and the sentences' new offsets to out_offsets (sentences + 1). out may be ids. */
void w2v_phrases_join(const w2v_phrases *phrases, const int32_t *ids, const int64_t *offsets,
                      int64_t sentences, int32_t *out, int64_t *starts, int64_t *out_offsets);

#endif
