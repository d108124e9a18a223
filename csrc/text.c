/* Splits text into words and counts them, a batch of words at a time: the separators are found first, then the words
 * between them are hashed, and then they are looked up. */
#include "text.h"

#include <stdlib.h>
#include <string.h>

#include "separators.h"

enum { BLOCK = 64, STOPS = 128 }; /* bytes that are searched at a time; words of a batch */

typedef w2v_text_token token;

/* The separators in the 64 bytes from data[at] on, or in those before data[size]: bit i is byte at + i. */
static inline uint64_t separators(const unsigned char *data, int64_t at, int64_t size)
{
    if (size - at >= BLOCK)
        return w2v_separators(data + at);
    return w2v_separators_of(data + at, size - at);
}

int64_t w2v_text_word_end(const unsigned char *data, int64_t at, int64_t size)
{
    for (; at < size; at += BLOCK) {
        uint64_t found = separators(data, at, size);
        if (found)
            return at + w2v_bit_first(found);
    }
    return size;
}

/* Finds separators from r->at on, at least one unless there is none, and none after the first one that follows the
 * last word of the range. Returns their number; *searched is where the search ended. */
static int find_stops(const w2v_text_run *r, int64_t *stops, int64_t *searched)
{
    const int64_t last = r->end - 1, size = r->size;
    int64_t at = r->at;
    int n = 0;
    while (at < size && n <= STOPS - BLOCK && !(n && stops[n - 1] >= last)) {
        for (uint64_t found = separators(r->data, at, size); found; found &= found - 1)
            stops[n++] = at + w2v_bit_first(found);
        at += BLOCK;
    }
    *searched = at;
    while (n > 1 && stops[n - 2] >= last)
        n--;
    return n;
}

/* Counts a batch of words and writes their ids. carried: bytes of the first word that earlier blocks hold. */
static int count_batch(w2v_text_table *t, w2v_text_run *r, const token *words, int64_t n,
                       int64_t carried)
{
    int32_t *ids = r->ids + r->n_ids;
    w2v_text_guess(t, words, n, ids);
    for (int64_t i = 0; (i = w2v_text_count(t, words, i, n, ids)) < n;) {
        const token *w = words + i;
        int status;
        int64_t at = carried ? -carried : w->bytes - r->data, fault = w2v_utf8_fault(w->bytes, w->length);
        if (fault >= 0) {
            r->bad = at + fault;
            return W2V_TEXT_NOT_UTF8;
        }
        ids[i] = w2v_text_insert(t, w, r->base + (uint64_t)(at < 0 ? 0 : at), &status);
        if (ids[i] < 0)
            return status;
    }
    r->n_ids += n;
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
        unsigned char *bytes = realloc(r->carry, (size_t)room);
        if (!bytes)
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
    token w = {w2v_word_key_of(&t->secret, r->carry, r->n_carry), 0, r->carry, r->n_carry};
    w2v_text_hash(t, &w);
    r->n_carry = 0;
    return count_batch(t, r, &w, 1, before);
}

void w2v_text_run_close(w2v_text_run *r)
{
    free(r->carry);
    r->carry = NULL;
    r->n_carry = r->carry_room = 0;
}

/* Ends a sentence after n more words. */
static void end_sentence(w2v_text_run *r, int64_t n)
{
    int32_t closed = (int32_t)(r->n_ids + n);
    if (!r->n_ends || r->ends[r->n_ends - 1] != closed)
        r->ends[r->n_ends++] = closed;
}

static int feed_batch(w2v_text_table *t, w2v_text_run *r)
{
    const w2v_text_table table = *t; /* local, so that stores to `words` do not make the compiler read it again */
    token words[STOPS + 1];
    int64_t stops[STOPS + 1], searched, at = r->at, cut = -1, n = 0;
    int n_stops = find_stops(r, stops, &searched), status = W2V_TEXT_OK;
    if (searched >= r->size && !(n_stops && stops[n_stops - 1] >= r->end - 1)) {
        int64_t start = n_stops ? stops[n_stops - 1] + 1 : at;
        if (r->more)
            cut = start;
        else
            stops[n_stops++] = r->size;
    }
    if (n_stops > r->room - r->n_ids) {
        n_stops = (int)(r->room - r->n_ids);
        cut = -1;
    }
    for (int i = 0; i < n_stops && !status; i++) {
        int64_t stop = stops[i];
        token *w = words + n;
        if (stop - at > W2V_TEXT_LONGEST) {
            status = W2V_TEXT_LONG;
            break;
        }
        w->bytes = r->data + at;
        w->length = stop - at;
        w2v_word_set_key(&w->key, &table.secret, w->bytes, w->length, r->size - at);
        w2v_text_hash(&table, w);
        n += w->length != 0;
        at = stop;
        if (stop >= r->end) /* the separator is not part of this range */
            break;
        if (r->data[stop] != ' ') {
            unsigned char kind = w2v_byte_kind[r->data[stop]];
            if (kind == W2V_BYTE_NEWLINE)
                end_sentence(r, n);
            if (kind == W2V_BYTE_NUL) {
                status = W2V_TEXT_NUL;
                break;
            }
        }
        at++;
    }
    r->at = at;
    int counted = count_batch(t, r, words, n, 0);
    if (counted) /* it comes before an error of the words that follow */
        return counted;
    r->bad = at;
    if (status || cut < 0)
        return status;
    r->at = r->size;
    return carry(r, cut, r->size);
}

int w2v_text_feed(w2v_text_table *t, w2v_text_run *r)
{
    int status = W2V_TEXT_OK;
    if (r->n_carry && r->n_ids < r->room)
        status = finish_carried(t, r);
    while (!status && r->at < r->end && r->n_ids < r->room && t->n < r->limit)
        status = feed_batch(t, r);
    return status;
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
