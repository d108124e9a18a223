/* The table of words. Words are looked up in batches: all buckets are prefetched, then all entries, then the
 * words are compared and counted, so that the cache misses of a batch overlap. */
#include "text_table.h"

#include <stdlib.h>
#include <string.h>

#include "separators.h"

enum { BATCH = 64, FIRST_BITS = 9, LINE = 64 };

/* w2v_text_entry.at addresses the arena in units of 8 bytes. */
#define ARENA_MAX (((uint64_t)UINT32_MAX + 1) * 8)

static uint64_t buckets_of(const w2v_text_table *t)
{
    return (uint64_t)1 << (64 - t->shift);
}

/* The first multiple of `size`, a power of two, in a block. */
static void *aligned(void *block, size_t size)
{
    return (void *)(((uintptr_t)block + size - 1) & ~(uintptr_t)(size - 1));
}

/* Allocates empty buckets for a shift; the old ones are not freed. */
static int new_buckets(w2v_text_table *t, int shift)
{
    uint64_t n = (uint64_t)1 << (64 - shift);
    void *block = n >= SIZE_MAX / sizeof *t->buckets ? NULL : calloc((size_t)n + 1, sizeof *t->buckets);
    if (!block)
        return W2V_TEXT_NO_MEMORY;
    t->bucket_block = block;
    t->buckets = aligned(block, LINE);
    t->shift = shift;
    return W2V_TEXT_OK;
}

int w2v_text_open(w2v_text_table *t, uint64_t seed)
{
    memset(t, 0, sizeof *t);
    t->secret = w2v_secret_of(seed);
    t->max_words = INT32_MAX - 1;
    return new_buckets(t, 64 - FIRST_BITS);
}

void w2v_text_close(w2v_text_table *t)
{
    free(t->bucket_block);
    free(t->entry_block);
    free(t->first);
    free(t->arena);
    memset(t, 0, sizeof *t);
}

static const unsigned char *bytes_of(const w2v_text_table *t, const w2v_text_entry *entry)
{
    return t->arena + ((uint64_t)entry->at << 3);
}

const unsigned char *w2v_text_word(const w2v_text_table *t, int64_t id, int64_t *length)
{
    *length = t->entries[id].length;
    return bytes_of(t, t->entries + id);
}

static inline uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)hash | 1;
}

/* Bit i is set if slot i of a bucket has the tag. */
static inline unsigned with_tag(const w2v_text_bucket *bucket, uint32_t tag)
{
#if W2V_SSE2
    const __m128i tags = _mm_set1_epi32((int)tag), *slots = (const __m128i *)bucket->tags;
    const __m128i low = _mm_cmpeq_epi32(_mm_load_si128(slots), tags);
    const __m128i high = _mm_cmpeq_epi32(_mm_load_si128(slots + 1), tags);
    return (unsigned)_mm_movemask_epi8(_mm_packs_epi16(_mm_packs_epi32(low, high), _mm_setzero_si128()));
#else
    unsigned found = 0;
    for (int i = 0; i < W2V_TEXT_BUCKET; i++)
        found |= (unsigned)(bucket->tags[i] == tag) << i;
    return found;
#endif
}

static void insert_id(w2v_text_table *t, uint64_t hash, int32_t id)
{
    uint64_t last = buckets_of(t) - 1, i = hash >> t->shift;
    int slot = 0;
    while (t->buckets[i].tags[W2V_TEXT_BUCKET - 1])
        i = (i + 1) & last;
    while (t->buckets[i].tags[slot])
        slot++;
    t->buckets[i].tags[slot] = tag_of(hash);
    t->buckets[i].ids[slot] = id;
}

/* Inserts all ids into empty buckets. The first ones, which are the most frequent words, get the first slots. */
static void insert_ids(w2v_text_table *t)
{
    for (int64_t id = 0; id < t->n; id++)
        insert_id(t, w2v_word_hash(&t->secret, t->entries[id].key), (int32_t)id);
}

/* The largest number of words for a number of buckets. */
static uint64_t limit_of(uint64_t buckets)
{
    return buckets * W2V_TEXT_BUCKET / 8 * 7;
}

/* Makes the buckets more, by a power of two, so that they have room for n words. */
static int grow_buckets(w2v_text_table *t, int64_t n)
{
    void *old = t->bucket_block;
    int shift = t->shift;
    while (limit_of((uint64_t)1 << (64 - shift)) < (uint64_t)n)
        shift--;
    if (new_buckets(t, shift))
        return W2V_TEXT_NO_MEMORY;
    insert_ids(t);
    free(old);
    return W2V_TEXT_OK;
}

/* Makes room for `room` words in the arrays. */
static int grow_words(w2v_text_table *t, int64_t room)
{
    const size_t size = sizeof *t->entries;
    size_t offset = (size_t)((unsigned char *)t->entries - (unsigned char *)t->entry_block);
    if ((uint64_t)room >= SIZE_MAX / size)
        return W2V_TEXT_NO_MEMORY;
    uint64_t *first = realloc(t->first, (size_t)room * sizeof *first);
    if (!first)
        return W2V_TEXT_NO_MEMORY;
    t->first = first;
    unsigned char *block = realloc(t->entry_block, ((size_t)room + 1) * size);
    if (!block)
        return W2V_TEXT_NO_MEMORY;
    t->entry_block = block;
    t->entries = aligned(block, size);
    if ((unsigned char *)t->entries != block + offset)
        memmove(t->entries, block + offset, (size_t)t->n * size);
    t->room = room;
    return W2V_TEXT_OK;
}

/* Makes room for one more word, which takes `bytes` bytes of the arena. */
static int make_room(w2v_text_table *t, uint64_t bytes)
{
    if (t->n == t->room && grow_words(t, t->room ? t->room + t->room / 2 : 1024))
        return W2V_TEXT_NO_MEMORY;
    if (t->used + bytes >= t->arena_room) { /* also for the first word, if it is empty */
        uint64_t room = t->arena_room + t->arena_room / 2 + bytes + 4096;
        unsigned char *arena = room > SIZE_MAX ? NULL : realloc(t->arena, (size_t)room);
        if (!arena)
            return W2V_TEXT_NO_MEMORY;
        t->arena = arena;
        t->arena_room = room;
    }
    if ((uint64_t)t->n >= limit_of(buckets_of(t)))
        return grow_buckets(t, t->n + 1);
    return W2V_TEXT_OK;
}

int w2v_text_reserve(w2v_text_table *t, int64_t n)
{
    if (n > t->room && grow_words(t, n))
        return W2V_TEXT_NO_MEMORY;
    if ((uint64_t)n > limit_of(buckets_of(t)))
        return grow_buckets(t, n);
    return W2V_TEXT_OK;
}

static uint64_t padded(uint64_t length)
{
    return (length + 7) & ~(uint64_t)7;
}

int32_t w2v_text_insert(w2v_text_table *t, const w2v_text_token *w, uint64_t first, int *status)
{
    uint64_t n = (uint64_t)w->length, size = padded(n);
    if (t->n >= t->max_words || t->used + size >= ARENA_MAX) {
        *status = W2V_TEXT_TOO_MANY;
        return -1;
    }
    *status = make_room(t, size);
    if (*status)
        return -1;
    unsigned char *bytes = t->arena + t->used;
    memcpy(bytes, w->bytes, (size_t)n);
    memset(bytes + n, 0, (size_t)(size - n));
    int32_t id = (int32_t)t->n++;
    w2v_text_entry entry = {w->key, 0, (uint32_t)(t->used >> 3), (uint32_t)n};
    t->entries[id] = entry;
    t->first[id] = first;
    insert_id(t, w->hash, id);
    t->used += size;
    return id;
}

static inline int is_word(const w2v_text_table *t, const w2v_text_entry *entry, const w2v_text_token *w)
{
    uint64_t different = (entry->key.low ^ w->key.low) | (entry->key.high ^ w->key.high) |
                         (entry->length ^ (uint64_t)w->length);
    if (different)
        return 0;
    return w->length <= W2V_WORD_SHORT || !memcmp(bytes_of(t, entry), w->bytes, (size_t)w->length);
}

/* The word's id, or -1. */
static int32_t find(const w2v_text_table *t, const w2v_text_token *w)
{
    uint64_t last = buckets_of(t) - 1, i = w->hash >> t->shift;
    for (;; i = (i + 1) & last) {
        const w2v_text_bucket *bucket = t->buckets + i;
        for (unsigned found = with_tag(bucket, tag_of(w->hash)); found; found &= found - 1) {
            int32_t id = bucket->ids[w2v_bit_first(found)];
            if (is_word(t, t->entries + id, w))
                return id;
        }
        if (!bucket->tags[W2V_TEXT_BUCKET - 1])
            return -1;
    }
}

void w2v_text_guess(const w2v_text_table *t, const w2v_text_token *words, int64_t n, int32_t *ids)
{
    for (int64_t i = 0; i < n; i++) {
        const w2v_text_bucket *bucket = t->buckets + (words[i].hash >> t->shift);
        unsigned found = with_tag(bucket, tag_of(words[i].hash));
        ids[i] = -1;
        if (found) {
            ids[i] = bucket->ids[w2v_bit_first(found)];
            W2V_PREFETCH(t->entries + ids[i], 1);
        }
    }
}

int64_t w2v_text_count(w2v_text_table *t, const w2v_text_token *words, int64_t i, int64_t n, int32_t *ids)
{
    for (; i < n; i++) {
        int32_t id = ids[i];
        if (id < 0 || !is_word(t, t->entries + id, words + i)) {
            id = find(t, words + i);
            if (id < 0)
                return i;
            ids[i] = id;
        }
        t->entries[id].count++;
    }
    return n;
}

int w2v_text_add_all(w2v_text_table *t, const w2v_text_token *words, int64_t n, const int64_t *counts,
                     const uint64_t *firsts, int32_t *ids)
{
    w2v_text_guess(t, words, n, ids);
    for (int64_t i = 0; i < n; i++)
        if (ids[i] >= 0)
            W2V_PREFETCH(t->first + ids[i], 1);
    for (int64_t i = 0; i < n; i++) {
        int status;
        int32_t id = ids[i];
        if (id < 0 || !is_word(t, t->entries + id, words + i))
            id = find(t, words + i);
        if (id < 0)
            id = w2v_text_insert(t, words + i, firsts[i], &status);
        if (id < 0)
            return status;
        if (firsts[i] < t->first[id])
            t->first[id] = firsts[i];
        t->entries[id].count += counts[i];
        ids[i] = id;
    }
    return W2V_TEXT_OK;
}

int32_t w2v_text_add(w2v_text_table *t, const unsigned char *word, int64_t length, int64_t count,
                     uint64_t first, int *status)
{
    w2v_text_token w = {w2v_word_key_of(&t->secret, word, length), 0, word, length};
    int32_t id = -1;
    w2v_text_hash(t, &w);
    *status = w2v_text_add_all(t, &w, 1, &count, &first, &id);
    return *status ? -1 : id;
}

int w2v_text_merge(w2v_text_table *t, const w2v_text_table *from, int32_t *map)
{
    w2v_text_token words[BATCH];
    int64_t counts[BATCH];
    int same_keys = !memcmp(&t->secret, &from->secret, sizeof t->secret);
    for (int64_t id = 0; id < from->n; id += BATCH) {
        int n = from->n - id < BATCH ? (int)(from->n - id) : BATCH;
        for (int i = 0; i < n; i++) {
            words[i].bytes = w2v_text_word(from, id + i, &words[i].length);
            words[i].key = same_keys ? from->entries[id + i].key
                                     : w2v_word_key_of(&t->secret, words[i].bytes, words[i].length);
            counts[i] = from->entries[id + i].count;
            w2v_text_hash(t, words + i);
        }
        int status = w2v_text_add_all(t, words, n, counts, from->first + id, map + id);
        if (status)
            return status;
    }
    return W2V_TEXT_OK;
}

int w2v_text_prune(w2v_text_table *t, int64_t max_count, const uint8_t *keep, int32_t *map)
{
    int64_t kept = 0;
    t->used = 0;
    for (int64_t id = 0; id < t->n; id++) {
        w2v_text_entry entry = t->entries[id];
        if (entry.count <= max_count && !(keep && keep[id])) {
            map[id] = -1;
            continue;
        }
        uint64_t size = padded(entry.length);
        memmove(t->arena + t->used, bytes_of(t, &entry), (size_t)size);
        entry.at = (uint32_t)(t->used >> 3);
        t->entries[kept] = entry;
        t->first[kept] = t->first[id];
        t->used += size;
        map[id] = (int32_t)kept++;
    }
    t->n = kept;
    memset(t->buckets, 0, (size_t)buckets_of(t) * sizeof *t->buckets);
    insert_ids(t);
    return W2V_TEXT_OK;
}
