/* Splits text into words and counts them. The words of a batch are found and hashed first, which prefetches
 * their slots, and looked up afterwards, so that their cache misses overlap. */
#include "text.h"

#include <stdlib.h>
#include <string.h>

#include "utf8.h"
#include "word.h"

#if defined(__GNUC__)
#define PREFETCH(p) __builtin_prefetch(p)
#else
#define PREFETCH(p) ((void)0)
#endif

enum { BATCH = 64, FIRST_BITS = 12 };

/* w2v_text_slot.at addresses the arena in units of 8 bytes. */
#define ARENA_MAX (((uint64_t)UINT32_MAX + 1) * 8)

typedef w2v_text_token token;

int w2v_text_open(w2v_text_table *t, uint64_t seed)
{
    memset(t, 0, sizeof *t);
    t->secret = w2v_secret_of(seed);
    t->max_words = INT32_MAX - 1;
    t->shift = 64 - FIRST_BITS;
    t->slots = calloc((size_t)1 << FIRST_BITS, sizeof *t->slots);
    t->used = 8; /* so that no word is at place 0 */
    return t->slots ? W2V_TEXT_OK : W2V_TEXT_NO_MEMORY;
}

void w2v_text_close(w2v_text_table *t)
{
    free(t->slots);
    free(t->where);
    free(t->first);
    free(t->counts);
    free(t->arena);
    memset(t, 0, sizeof *t);
}

const unsigned char *w2v_text_word(const w2v_text_table *t, int64_t id, int64_t *length)
{
    uint64_t n;
    memcpy(&n, t->arena + t->where[id], 8);
    *length = (int64_t)n;
    return t->arena + t->where[id] + 8;
}

static uint64_t slots_of(const w2v_text_table *t)
{
    return (uint64_t)1 << (64 - t->shift);
}

/* Inserts a slot whose word is not in the table. */
static void insert_slot(w2v_text_table *t, w2v_text_slot slot)
{
    uint64_t last = slots_of(t) - 1, i = w2v_secret_mix(&t->secret, slot.key) >> t->shift;
    while (t->slots[i].next)
        i = (i + 1) & last;
    t->slots[i] = slot;
}

static int grow_slots(w2v_text_table *t)
{
    w2v_text_slot *old = t->slots;
    uint64_t n = slots_of(t);
    w2v_text_slot *slots = calloc((size_t)n * 2, sizeof *slots);
    if (!slots)
        return W2V_TEXT_NO_MEMORY;
    t->slots = slots;
    t->shift--;
    for (uint64_t i = 0; i < n; i++)
        if (old[i].next)
            insert_slot(t, old[i]);
    free(old);
    return W2V_TEXT_OK;
}

static int grow(void **array, int64_t room, size_t item)
{
    void *larger = (uint64_t)room > SIZE_MAX / item ? NULL : realloc(*array, (size_t)room * item);
    if (!larger)
        return W2V_TEXT_NO_MEMORY;
    *array = larger;
    return W2V_TEXT_OK;
}

/* Makes room for one more word, which takes `bytes` bytes of the arena. */
static int make_room(w2v_text_table *t, uint64_t bytes)
{
    if (t->n == t->room) {
        int64_t room = t->room ? t->room + t->room / 2 : 1024;
        void *where = t->where, *first = t->first, *counts = t->counts;
        int status = grow(&where, room, 8) | grow(&first, room, 8) | grow(&counts, room, 8);
        t->where = where;
        t->first = first;
        t->counts = counts;
        if (status)
            return W2V_TEXT_NO_MEMORY;
        t->room = room;
    }
    if (t->used + bytes > t->arena_room) {
        uint64_t room = t->arena_room + t->arena_room / 2 + bytes + 4096;
        void *arena = t->arena;
        if (grow(&arena, (int64_t)room, 1))
            return W2V_TEXT_NO_MEMORY;
        t->arena = arena;
        t->arena_room = room;
    }
    if ((uint64_t)t->n * 2 >= slots_of(t))
        return grow_slots(t);
    return W2V_TEXT_OK;
}

/* Adds a word that is not in the table. Returns its id, or -1 and a status. */
static int32_t insert(w2v_text_table *t, const token *w, uint64_t first, int *status)
{
    uint64_t n = (uint64_t)w->length, padded = (n + 7) & ~(uint64_t)7;
    if (t->n >= t->max_words || t->used + padded >= ARENA_MAX) {
        *status = W2V_TEXT_TOO_MANY;
        return -1;
    }
    *status = make_room(t, 8 + padded);
    if (*status)
        return -1;
    unsigned char *entry = t->arena + t->used;
    memset(entry + padded, 0, 8);
    memcpy(entry, &n, 8);
    memcpy(entry + 8, w->bytes, (size_t)n);
    int32_t id = (int32_t)t->n++;
    t->where[id] = t->used;
    t->first[id] = first;
    t->counts[id] = 0;
    w2v_text_slot slot = {w->key, (uint32_t)id + 1, n > 8 ? (uint32_t)(t->used >> 3) : 0};
    insert_slot(t, slot);
    t->used += 8 + padded;
    return id;
}

static int is_word_at(const w2v_text_table *t, uint32_t at, const token *w)
{
    const unsigned char *entry = t->arena + ((uint64_t)at << 3);
    uint64_t n;
    memcpy(&n, entry, 8);
    if (n != (uint64_t)w->length)
        return 0;
    if (n > 16)
        return !memcmp(entry + 8, w->bytes, (size_t)n);
    return w2v_bytes_load8(entry + 8) == w2v_bytes_load8(w->bytes) &&
           w2v_bytes_load8(entry + n) == w2v_bytes_load8(w->bytes + n - 8);
}

/* The word's id, or -1. */
static inline int32_t find(const w2v_text_table *t, const token *w)
{
    uint64_t last = slots_of(t) - 1, i = w->hash >> t->shift;
    for (;; i = (i + 1) & last) {
        const w2v_text_slot *slot = t->slots + i;
        if (slot->key == w->key && slot->next) {
            if (w->length <= 8 ? !slot->at : slot->at && is_word_at(t, slot->at, w))
                return (int32_t)(slot->next - 1);
        } else if (!slot->next) {
            return -1;
        }
    }
}

static int32_t add(w2v_text_table *t, const token *w, int64_t count, uint64_t first, int *status)
{
    int32_t id = find(t, w);
    if (id < 0)
        id = insert(t, w, first, status);
    if (id < 0)
        return -1;
    if (first < t->first[id])
        t->first[id] = first;
    t->counts[id] += count;
    return id;
}

int32_t w2v_text_add(w2v_text_table *t, const unsigned char *word, int64_t length, int64_t count,
                 uint64_t first, int *status)
{
    token w = {w2v_word_key(&t->secret, word, length), 0, word, length};
    w.hash = w2v_secret_mix(&t->secret, w.key);
    *status = W2V_TEXT_OK;
    return add(t, &w, count, first, status);
}

int64_t w2v_text_word_end(const unsigned char *data, int64_t at, int64_t size)
{
    while (at < size) {
        if (size - at >= 8) {
            uint64_t low = w2v_bytes_low(w2v_bytes_load8(data + at));
            if (!low) {
                at += 8;
                continue;
            }
            at += w2v_bytes_first(low);
        }
        if (w2v_byte_kind[data[at]] != W2V_BYTE_WORD)
            return at;
        at++;
    }
    return size;
}

/* Counts a batch of words and writes their ids. carried: bytes of the first word that earlier blocks hold. */
static int count_batch(w2v_text_table *t, w2v_text_run *r, const token *words, int n,
                       int64_t carried)
{
    int32_t *ids = r->ids + r->n_ids;
    for (int i = 0; i < n; i++) {
        const token *w = words + i;
        int32_t id = find(t, w);
        if (id < 0) {
            int64_t at = carried ? -carried : w->bytes - r->data;
            int64_t fault = w2v_utf8_fault(w->bytes, w->length);
            if (fault >= 0) {
                r->bad = at + fault;
                return W2V_TEXT_NOT_UTF8;
            }
            int status;
            id = insert(t, w, r->base + (uint64_t)(at < 0 ? 0 : at), &status);
            if (id < 0)
                return status;
        }
        t->counts[id]++;
        ids[i] = id;
    }
    r->n_ids += n;
    return W2V_TEXT_OK;
}

/* Hashes words and prefetches what finding them will read. */
static void prefetch(const w2v_text_table *t, token *words, int n)
{
    for (int i = 0; i < n; i++) {
        words[i].hash = w2v_secret_mix(&t->secret, words[i].key);
        PREFETCH(t->slots + (words[i].hash >> t->shift));
    }
    for (int i = 0; i < n; i++) { /* the bytes and the count of the word that is probably found */
        const w2v_text_slot *slot = t->slots + (words[i].hash >> t->shift);
        if (slot->at)
            PREFETCH(t->arena + ((uint64_t)slot->at << 3));
        PREFETCH(t->counts + (slot->next - (slot->next != 0)));
    }
}

int w2v_text_count(w2v_text_table *t, token *words, int n, int text, uint64_t first, int32_t *ids,
                   int *bad)
{
    prefetch(t, words, n);
    for (int i = 0; i < n; i++) {
        const token *w = words + i;
        int32_t id = find(t, w);
        if (id < 0) {
            int status = W2V_TEXT_OK;
            *bad = i;
            if (text && w2v_utf8_fault(w->bytes, w->length) >= 0)
                return W2V_TEXT_NOT_UTF8;
            if (text && memchr(w->bytes, 0, (size_t)w->length))
                return W2V_TEXT_NUL;
            id = insert(t, w, first + (uint64_t)i, &status);
            if (id < 0)
                return status;
        }
        t->counts[id]++;
        ids[i] = id;
    }
    return W2V_TEXT_OK;
}

int w2v_text_add_all(w2v_text_table *t, token *words, int n, const int64_t *counts,
                     const uint64_t *firsts, int32_t *ids)
{
    prefetch(t, words, n);
    for (int i = 0; i < n; i++) {
        int status = W2V_TEXT_OK;
        ids[i] = add(t, words + i, counts[i], firsts[i], &status);
        if (status)
            return status;
    }
    return W2V_TEXT_OK;
}

/* Appends data[from:to] to the word that is carried over to the next block. */
static int carry(w2v_text_run *r, int64_t from, int64_t to)
{
    int64_t n = to - from;
    if (r->n_carry + n > W2V_TEXT_LONGEST) {
        r->bad = from - r->n_carry;
        return W2V_TEXT_LONG;
    }
    if (r->n_carry + n > r->carry_room) {
        int64_t room = (r->n_carry + n) * 2;
        void *bytes = r->carry;
        if (grow(&bytes, room, 1))
            return W2V_TEXT_NO_MEMORY;
        r->carry = bytes;
        r->carry_room = room;
    }
    if (n)
        memcpy(r->carry + r->n_carry, r->data + from, (size_t)n);
    r->n_carry += n;
    return W2V_TEXT_OK;
}

/* Completes and counts the word that began in earlier blocks, and moves r->at past it. */
static int finish_carried(w2v_text_table *t, w2v_text_run *r)
{
    int64_t before = r->n_carry, end = w2v_text_word_end(r->data, r->at, r->size);
    int status = carry(r, r->at, end);
    r->at = end;
    if (status || (end == r->size && r->more))
        return status;
    token w = {w2v_word_key(&t->secret, r->carry, r->n_carry), 0, r->carry, r->n_carry};
    w.hash = w2v_secret_mix(&t->secret, w.key);
    r->n_carry = 0;
    return count_batch(t, r, &w, 1, before);
}

void w2v_text_run_close(w2v_text_run *r)
{
    free(r->carry);
    r->carry = NULL;
    r->n_carry = r->carry_room = 0;
}

int w2v_text_feed(w2v_text_table *t, w2v_text_run *r)
{
    const unsigned char *data = r->data;
    const int64_t size = r->size, end = r->end;
    const w2v_secret secret = t->secret;
    token words[BATCH];
    int status;
    if (r->n_carry && r->n_ids < r->room) {
        status = finish_carried(t, r);
        if (status)
            return status;
    }
    while (r->at < end && r->n_ids < r->room && t->n < r->limit) {
        int64_t at = r->at, free_ids = r->room - r->n_ids, cut = -1;
        int n = 0, nul = 0, too_long = 0, max_n = free_ids < BATCH ? (int)free_ids : BATCH;
        while (n < max_n && at < end) {
            int64_t start = at;
            uint64_t v = 0, low = 0;
            if (size - at >= 8) {
                v = w2v_bytes_load8(data + at);
                low = w2v_bytes_low(v);
            }
            token *w = words + n;
            if (low && w2v_byte_kind[data[at + w2v_bytes_first(low)]] != W2V_BYTE_WORD) {
                int length = w2v_bytes_first(low);
                at += length;
                w->length = length;
                w->key = v & (((uint64_t)1 << (8 * length)) - 1);
            } else {
                at = w2v_text_word_end(data, at, size);
                if (at == size && r->more) {
                    cut = start;
                    break;
                }
                if (at - start > W2V_TEXT_LONGEST) {
                    at = start;
                    too_long = 1;
                    break;
                }
                w->length = at - start;
                w->key = w2v_word_key(&secret, data + start, at - start);
            }
            w->bytes = data + start;
            w->hash = w2v_secret_mix(&secret, w->key);
            PREFETCH(t->slots + (w->hash >> t->shift));
            n += w->length != 0;
            if (at >= end) /* the separator is not part of this range */
                break;
            unsigned char kind = w2v_byte_kind[data[at]];
            if (kind != W2V_BYTE_SPACE) {
                if (kind == W2V_BYTE_NUL) {
                    nul = 1;
                    break;
                }
                int32_t closed = (int32_t)(r->n_ids + n);
                if (!r->n_ends || r->ends[r->n_ends - 1] != closed)
                    r->ends[r->n_ends++] = closed;
            }
            at++;
        }
        status = count_batch(t, r, words, n, 0);
        if (status)
            return status;
        r->at = at;
        if (nul) {
            r->bad = at;
            return W2V_TEXT_NUL;
        }
        if (too_long) {
            r->bad = at;
            return W2V_TEXT_LONG;
        }
        if (cut >= 0)
            return carry(r, cut, size);
    }
    return W2V_TEXT_OK;
}

int w2v_text_merge(w2v_text_table *t, const w2v_text_table *from, int32_t *map)
{
    for (int64_t id = 0; id < from->n; id++) {
        int64_t length;
        int status;
        const unsigned char *word = w2v_text_word(from, id, &length);
        map[id] = w2v_text_add(t, word, length, from->counts[id], from->first[id], &status);
        if (status)
            return status;
    }
    return W2V_TEXT_OK;
}

int w2v_text_prune(w2v_text_table *t, int64_t max_count, const uint8_t *keep, int32_t *map)
{
    int64_t kept = 0;
    uint64_t used = 8;
    memset(t->slots, 0, (size_t)slots_of(t) * sizeof *t->slots);
    for (int64_t id = 0; id < t->n; id++) {
        if (t->counts[id] <= max_count && !(keep && keep[id])) {
            map[id] = -1;
            continue;
        }
        int64_t n;
        const unsigned char *word = w2v_text_word(t, id, &n);
        uint64_t whole = 8 + (((uint64_t)n + 7) & ~(uint64_t)7);
        memmove(t->arena + used, word - 8, (size_t)whole);
        t->where[kept] = used;
        t->first[kept] = t->first[id];
        t->counts[kept] = t->counts[id];
        w2v_text_slot slot = {w2v_word_key(&t->secret, t->arena + used + 8, n), (uint32_t)kept + 1,
                          n > 8 ? (uint32_t)(used >> 3) : 0};
        insert_slot(t, slot);
        map[id] = (int32_t)kept++;
        used += whole;
    }
    t->n = kept;
    t->used = used;
    return W2V_TEXT_OK;
}

int64_t w2v_text_remap(const int32_t *ids, int64_t n, const int32_t *ends, int64_t n_ends,
                       const int32_t *map, w2v_text_output *out)
{
    int32_t *to = out->ids;
    int64_t kept = 0, i = 0;
    for (int64_t e = 0; e <= n_ends; e++) {
        int64_t stop = e < n_ends ? ends[e] : n;
        for (; i < stop; i++) {
            int32_t id = map[ids[i]];
            to[kept] = id; /* kept <= i, so that no unread id is overwritten where `to` is `ids` */
            kept += id >= 0;
        }
        if (e < n_ends && out->words + kept > out->offsets[out->sentences])
            out->offsets[++out->sentences] = out->words + kept;
    }
    out->words += kept;
    return kept;
}
