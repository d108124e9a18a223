/* Counts and joins pairs of adjacent ids, with one hash table for prefixes and one for pairs. */
#include "phrases.h"
#include "prefetch.h"

#include <stdlib.h>
#include <string.h>

enum { PREFETCH_DISTANCE = 12 }; /* ids between a prefetch and the look-up */

static uint64_t key_of(int32_t left, int32_t right)
{
    return ((uint64_t)(uint32_t)left << 32 | (uint32_t)right) + 1;
}

static int64_t hash_of(const w2v_pair_table *table, uint64_t key)
{
    return (int64_t)(w2v_secret_low(&table->secret, key) & (uint64_t)(table->slots - 1));
}

/* Prefetches the slot of the pair that ids[i] and ids[i + 1] make. */
static void prefetch_pair(const w2v_pair_table *table, const int32_t *ids, int64_t i)
{
    if (ids[i] >= 0)
        W2V_PREFETCH(table->at + hash_of(table, key_of(ids[i], ids[i + 1])), 1);
    W2V_HAS_EFFECT();
}

/* The slot of a key, or the empty slot where it belongs. */
static w2v_pair_slot *slot_of(const w2v_pair_table *table, uint64_t key)
{
    int64_t last = table->slots - 1, slot = hash_of(table, key);
    while (table->at[slot].key && table->at[slot].key != key)
        slot = (slot + 1) & last;
    return table->at + slot;
}

static int grow(w2v_pair_table *table, int64_t slots)
{
    w2v_pair_table larger = {calloc((size_t)slots, sizeof *larger.at), table->n, slots, table->secret};
    if (!larger.at)
        return W2V_PHRASES_NO_MEMORY;
    for (int64_t i = 0; i < table->slots; i++)
        if (table->at[i].key)
            *slot_of(&larger, table->at[i].key) = table->at[i];
    w2v_pair_close(table);
    *table = larger;
    return W2V_PHRASES_OK;
}

int64_t *w2v_pair_put(w2v_pair_table *table, int32_t left, int32_t right)
{
    if (2 * (table->n + 1) > table->slots && grow(table, table->slots ? 2 * table->slots : 1024))
        return NULL;
    uint64_t key = key_of(left, right);
    w2v_pair_slot *slot = slot_of(table, key);
    if (!slot->key) {
        slot->key = key;
        table->n++;
    }
    return &slot->value;
}

const int64_t *w2v_pair_get(const w2v_pair_table *table, int32_t left, int32_t right)
{
    if (!table->n)
        return NULL;
    const w2v_pair_slot *slot = slot_of(table, key_of(left, right));
    return slot->key ? &slot->value : NULL;
}

int64_t w2v_pair_prune(w2v_pair_table *table, int64_t most)
{
    int64_t removed = 0, left = table->n, next;
    w2v_pair_slot *at = table->at, *kept;
    while (left > most) { /* a pass for each value, of which only the smallest are removed */
        next = INT64_MAX;
        for (int64_t i = 0; i < table->slots; i++)
            if (at[i].key && at[i].value > removed && at[i].value < next)
                next = at[i].value;
        removed = next;
        left = 0;
        for (int64_t i = 0; i < table->slots; i++)
            left += at[i].key && at[i].value > removed;
    }
    if (!removed)
        return 0;
    kept = malloc((size_t)(left ? left : 1) * sizeof *kept);
    if (!kept)
        return -1;
    left = 0;
    for (int64_t i = 0; i < table->slots; i++)
        if (at[i].key && at[i].value > removed)
            kept[left++] = at[i];
    memset(at, 0, (size_t)table->slots * sizeof *at);
    for (int64_t i = 0; i < left; i++)
        *slot_of(table, kept[i].key) = kept[i];
    free(kept);
    table->n = left;
    return removed;
}

void w2v_pair_close(w2v_pair_table *table)
{
    free(table->at);
    memset(table, 0, sizeof *table);
}

/* Adds 1 to the count of a pair. */
static int count_pair(w2v_phrases *p, int32_t left, int32_t right)
{
    if (p->max_pairs && p->pairs.n >= p->max_pairs && !w2v_pair_get(&p->pairs, left, right)) {
        int64_t removed = w2v_pair_prune(&p->pairs, p->max_pairs - (p->max_pairs + 3) / 4);
        if (removed < 0)
            return W2V_PHRASES_NO_MEMORY;
        if (removed > p->pruned)
            p->pruned = removed;
    }
    int64_t *count = w2v_pair_put(&p->pairs, left, right);
    if (!count)
        return W2V_PHRASES_NO_MEMORY;
    ++*count;
    return W2V_PHRASES_OK;
}

int w2v_phrases_count(w2v_phrases *p, const int32_t *ids, const int64_t *offsets, int64_t sentences)
{
    int64_t slots = 1024, expected = (offsets[sentences] - offsets[0]) / 2;
    if (p->max_pairs && p->max_pairs < expected / 2)
        expected = 2 * p->max_pairs;
    while (slots < expected) /* about a third of a text's pairs are distinct */
        slots *= 2;
    if (slots > p->pairs.slots && grow(&p->pairs, slots))
        return W2V_PHRASES_NO_MEMORY;
    for (int64_t s = 0; s < sentences; s++) {
        int32_t left = -1;
        for (int64_t i = offsets[s]; i < offsets[s + 1]; i++) {
            int32_t id = ids[i];
            if (i + PREFETCH_DISTANCE + 1 < offsets[s + 1])
                prefetch_pair(&p->pairs, ids, i + PREFETCH_DISTANCE);
            if (id < 0) {
                left = -1;
            } else if (p->connector[id]) {
                if (left < 0)
                    continue;
                int64_t known = p->prefixes.n, *number = w2v_pair_put(&p->prefixes, left, id);
                if (!number || known >= INT32_MAX - p->words)
                    return W2V_PHRASES_NO_MEMORY;
                if (p->prefixes.n > known)
                    *number = known;
                left = p->words + (int32_t)*number;
            } else {
                if (left >= 0 && count_pair(p, left, id))
                    return W2V_PHRASES_NO_MEMORY;
                left = id;
            }
        }
    }
    return W2V_PHRASES_OK;
}

void w2v_phrases_join(const w2v_phrases *p, const int32_t *ids, const int64_t *offsets,
                      int64_t sentences, int32_t *out, int64_t *starts, int64_t *out_offsets)
{
    int64_t n = 0, from = offsets[0];
    for (int64_t s = 0; s < sentences; s++) {
        int64_t end = offsets[s + 1];
        int32_t left = -1;
        int64_t first = n; /* where the current prefix begins in out */
        out_offsets[s] = n;
        for (int64_t i = from; i < end; i++) {
            int32_t id = ids[i];
            const int64_t *found = NULL;
            if (id < 0) {
                left = -1;
            } else if (p->connector[id]) {
                if (left >= 0) {
                    found = w2v_pair_get(&p->prefixes, left, id);
                    left = found ? p->words + (int32_t)*found : -1;
                }
            } else {
                found = left >= 0 ? w2v_pair_get(&p->pairs, left, id) : NULL;
                if (found) { /* replaces the prefix; starts[first] is right already */
                    n = first + 1;
                    out[first] = (int32_t)*found;
                    left = -1;
                    continue;
                }
                left = id;
                first = n;
            }
            starts[n] = i;
            out[n++] = id;
        }
        from = end;
    }
    out_offsets[sentences] = n;
}
