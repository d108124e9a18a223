/* Counts the values of Arrow arrays, in batches whose look-ups overlap. Codes are counted without a look-up, and
 * each value of their dictionary is looked up once. */
#include "column.h"

#include "utf8.h"

enum { BATCH = 64 };

/* Whether a row is within n values. */
static int is_inside(int64_t at, int64_t stop, int64_t n)
{
    return at >= 0 && at <= stop && stop <= n;
}

/* Sets the key and the bytes of a value. An integer is a word of 8 bytes, whose key is its value; its bytes are set
 * when it is inserted. */
static inline int token_of(const w2v_text_table *t, const w2v_values *v, int64_t i,
                           w2v_text_token *w)
{
    if (v->kind == W2V_VALUES_INTEGERS) {
        w->length = 8;
        w->key.high = 0;
        return w2v_values_integer(v, i, &w->key.low);
    }
    int status = w2v_values_string(v, i, &w->bytes, &w->length);
    if (status)
        return status;
    if (w->length > W2V_TEXT_LONGEST)
        return W2V_TEXT_LONG;
    if (v->kind == W2V_VALUES_STRINGS) {
        w2v_word_set_key(&w->key, &t->secret, w->bytes, w->length, v->end - w->bytes);
    } else if (w->length <= 12) { /* the string is in a view, which has 16 bytes */
        w->key.low = w2v_bytes_load8(w->bytes) & w2v_word_first[8 + w->length];
        w->key.high = w2v_bytes_load8(w->bytes + 4) >> 32 & w2v_word_first[w->length];
    } else {
        w->key = w2v_word_key_of(&t->secret, w->bytes, w->length);
    }
    return W2V_TEXT_OK;
}

/* Why a string cannot be a word: a status. */
static int fault_of(const w2v_text_token *w)
{
    if (w->length && memchr(w->bytes, 0, (size_t)w->length))
        return W2V_TEXT_NUL;
    return w2v_utf8_fault(w->bytes, w->length) >= 0 ? W2V_TEXT_NOT_UTF8 : W2V_TEXT_OK;
}

/* Stores an integer's bytes, in the order of w2v_word_key. */
static void set_bytes(w2v_text_token *w, unsigned char *bytes)
{
    uint64_t lowest_first = w2v_bytes_load8((const unsigned char *)&w->key.low);
    memcpy(bytes, &lowest_first, 8);
    w->bytes = bytes;
}

/* Counts a batch. After an error *bad is the index of the value. */
static int count(w2v_text_table *t, w2v_column_run *r, w2v_text_token *words, int64_t n, int64_t *bad)
{
    int32_t *ids = r->ids + r->n_ids;
    w2v_text_guess(t, words, n, ids);
    for (int64_t i = 0; (i = w2v_text_count(t, words, i, n, ids)) < n;) {
        unsigned char bytes[8];
        int status = W2V_TEXT_OK;
        *bad = i;
        if (r->values.kind == W2V_VALUES_INTEGERS)
            set_bytes(words + i, bytes);
        else
            status = fault_of(words + i);
        if (status)
            return status;
        ids[i] = w2v_text_insert(t, words + i, r->first + (uint64_t)i, &status);
        if (ids[i] < 0)
            return status;
    }
    return W2V_TEXT_OK;
}

/* Finds the values of the next row, unless some of them have been counted. */
static int begin_row(w2v_column_run *r)
{
    if (r->begun)
        return W2V_TEXT_OK;
    int status = w2v_rows_extent(&r->rows, r->row, &r->at, &r->stop);
    int64_t n = r->codes ? r->codes->n : r->values.n;
    if (!status && !is_inside(r->at, r->stop, n))
        status = W2V_VALUES_DAMAGED;
    r->begun = !status;
    return status;
}

/* Ends the row; n ids of it are not yet in n_ids. */
static void end_row(w2v_column_run *r, int64_t n)
{
    int64_t closed = r->n_ids + n;
    if (!r->n_ends || r->ends[r->n_ends - 1] != closed)
        r->ends[r->n_ends++] = (int32_t)closed;
    r->row++;
    r->begun = 0;
}

/* Collects up to `room` values, of one row or several, and ends the rows. Returns their number and a status. */
static inline int collect(const w2v_text_table *t, w2v_column_run *r, w2v_values values, int room,
                          w2v_text_token *words, int64_t *row_of, int *status)
{
    int n = 0;
    while (n < room && r->row < r->end) {
        *status = begin_row(r);
        while (!*status && n < room && r->at < r->stop) {
            *status = token_of(t, &values, r->at, words + n);
            if (!*status) {
                w2v_text_hash(t, words + n);
                row_of[n++] = r->row;
                r->at++;
            }
        }
        if (*status)
            break;
        if (r->at == r->stop)
            end_row(r, n);
    }
    return n;
}

/* Counts a batch of up to `room` values. */
static int feed_batch(w2v_text_table *t, w2v_column_run *r, int room)
{
    w2v_text_token words[BATCH];
    int64_t row_of[BATCH];
    w2v_values values = r->values;
    int64_t bad = 0;
    int n, status = W2V_TEXT_OK, found;
    if (values.kind == W2V_VALUES_STRINGS && values.width == 4 && !values.valid) {
        values.kind = W2V_VALUES_STRINGS; /* so that the compiler knows it */
        values.width = 4;
        values.valid = NULL;
        n = collect(t, r, values, room, words, row_of, &status);
    } else if (values.kind == W2V_VALUES_INTEGERS && values.width == 8 && !values.valid) {
        values.kind = W2V_VALUES_INTEGERS;
        values.width = 8;
        values.valid = NULL;
        n = collect(t, r, values, room, words, row_of, &status);
    } else {
        n = collect(t, r, values, room, words, row_of, &status);
    }
    if (status)
        r->bad = r->row;
    found = count(t, r, words, n, &bad);
    if (found) { /* it comes before an error of the values that follow */
        r->bad = row_of[bad];
        return found;
    }
    r->n_ids += n;
    r->first += (uint64_t)n;
    return status;
}

/* Checks a value of the dictionary when its code occurs for the first time. */
static int check_value(const w2v_text_table *t, const w2v_values *values, int64_t code)
{
    w2v_text_token word;
    int status = token_of(t, values, code, &word);
    if (status || values->kind == W2V_VALUES_INTEGERS)
        return status;
    return fault_of(&word);
}

/* Copies and counts the codes of one row, as far as there is room. */
static inline int feed_codes(const w2v_text_table *t, w2v_column_run *r, w2v_values codes)
{
    const uint64_t size = (uint64_t)r->values.n;
    int64_t at = r->at, stop = r->stop;
    int32_t *ids = r->ids + r->n_ids - at;
    int status = W2V_TEXT_OK;
    if (stop - at > r->room - r->n_ids)
        stop = at + r->room - r->n_ids;
    for (; at < stop; at++) {
        if (w2v_is_null(codes.valid, codes.from + at)) {
            status = W2V_VALUES_NULL;
            break;
        }
        uint64_t code = w2v_integer_at(&codes, at);
        if (code >= size) {
            status = W2V_VALUES_DAMAGED;
            break;
        }
        if (!r->counts[code]++) {
            status = check_value(t, &r->values, (int64_t)code);
            if (status)
                break;
            r->firsts[code] = r->first + (uint64_t)(at - r->at);
        }
        ids[at] = (int32_t)code;
    }
    r->first += (uint64_t)(at - r->at);
    r->n_ids += at - r->at;
    r->at = at;
    return status;
}

static int feed_row(w2v_text_table *t, w2v_column_run *r)
{
    int status = begin_row(r);
    if (!status) {
        w2v_values codes = *r->codes;
        if (codes.width == 4 && !codes.valid) {
            codes.width = 4; /* so that the compiler knows it */
            codes.is_signed = 0;
            codes.valid = NULL;
            status = feed_codes(t, r, codes);
        } else {
            status = feed_codes(t, r, codes);
        }
    }
    if (status)
        r->bad = r->row;
    else if (r->at == r->stop)
        end_row(r, 0);
    return status;
}

int w2v_column_feed(w2v_text_table *t, w2v_column_run *r)
{
    int status = W2V_TEXT_OK;
    while (!status && r->row < r->end && r->n_ids < r->room && t->n < r->limit) {
        int64_t room = r->room - r->n_ids;
        status = r->codes ? feed_row(t, r) : feed_batch(t, r, room < BATCH ? (int)room : BATCH);
    }
    return status;
}

int w2v_column_count_codes(w2v_text_table *t, const w2v_values *values, int32_t *counts,
                           const uint64_t *firsts, int32_t *map)
{
    w2v_text_token words[BATCH];
    unsigned char bytes[BATCH][8];
    int64_t code = 0, codes[BATCH], amounts[BATCH];
    uint64_t places[BATCH];
    int32_t ids[BATCH];
    while (code < values->n) {
        int n = 0, status;
        for (; n < BATCH && code < values->n; code++) {
            if (!counts[code])
                continue;
            status = token_of(t, values, code, words + n);
            if (status)
                return status;
            if (values->kind == W2V_VALUES_INTEGERS)
                set_bytes(words + n, bytes[n]);
            w2v_text_hash(t, words + n);
            codes[n] = code;
            amounts[n] = counts[code];
            places[n++] = firsts[code];
        }
        status = w2v_text_add_all(t, words, n, amounts, places, ids);
        if (status)
            return status;
        for (int i = 0; i < n; i++) {
            map[codes[i]] = ids[i];
            counts[codes[i]] = 0;
        }
    }
    return W2V_TEXT_OK;
}
