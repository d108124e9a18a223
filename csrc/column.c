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

/* Values that follow each other, and the row in which they begin. */
typedef struct {
    int64_t at, n, row;
} range;

/* Moves past the next values, up to `room` of them, and ends their rows. A status is returned only if the first row has
 * an error. */
static int next_values(w2v_column_run *r, int64_t room, range *values)
{
    values->n = 0;
    while (r->row < r->end) {
        int status = begin_row(r);
        if (!values->n) {
            r->bad = r->row;
            if (status)
                return status;
            values->at = r->at;
            values->row = r->row;
        }
        if (status || r->at != values->at + values->n)
            break;
        int64_t left = r->stop - r->at, n = left < room - values->n ? left : room - values->n;
        values->n += n;
        r->at += n;
        if (n < left)
            break;
        end_row(r, values->n);
    }
    return W2V_TEXT_OK;
}

/* The row of the value at i, which is in a row from `row` on. */
static int64_t row_of(const w2v_column_run *r, int64_t row, int64_t i)
{
    int64_t at = 0, stop = 0;
    while (row < r->end && (w2v_rows_extent(&r->rows, row, &at, &stop) || i < at || i >= stop))
        row++;
    return row;
}

/* Hashes n values from `at` on. Returns the number of those before an error, and its status. */
static inline int64_t hash_values(const w2v_text_table *t, w2v_values values, int64_t at, int64_t n,
                                  w2v_text_token *words, int *status)
{
    const w2v_text_table table = *t; /* local, so that stores to `words` do not make the compiler read it again */
    *status = W2V_TEXT_OK;
    for (int64_t i = 0; i < n; i++) {
        *status = token_of(&table, &values, at + i, words + i);
        if (*status)
            return i;
        w2v_text_hash(&table, words + i);
    }
    return n;
}

/* Counts a batch of up to `room` values. */
static int feed_batch(w2v_text_table *t, w2v_column_run *r, int64_t room)
{
    w2v_text_token words[BATCH];
    w2v_values values = r->values;
    range batch;
    int64_t n, bad = 0;
    int found, status = next_values(r, room, &batch);
    if (status)
        return status;
    if (values.kind == W2V_VALUES_STRINGS && values.width == 4 && !values.valid) {
        values.kind = W2V_VALUES_STRINGS; /* so that the compiler knows it */
        values.width = 4;
        values.valid = NULL;
        n = hash_values(t, values, batch.at, batch.n, words, &status);
    } else if (values.kind == W2V_VALUES_INTEGERS && values.width == 8 && !values.valid) {
        values.kind = W2V_VALUES_INTEGERS;
        values.width = 8;
        values.valid = NULL;
        n = hash_values(t, values, batch.at, batch.n, words, &status);
    } else {
        n = hash_values(t, values, batch.at, batch.n, words, &status);
    }
    found = count(t, r, words, n, &bad);
    if (found || status) /* an error of `found` comes before that of the values that follow */
        r->bad = row_of(r, batch.row, batch.at + (found ? bad : n));
    r->n_ids += n;
    r->first += (uint64_t)n;
    return found ? found : status;
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

/* Copies and counts codes. Returns the number of those before an error, and its status. */
static inline int64_t count_codes(const w2v_text_table *t, w2v_column_run *r, w2v_values codes, range values,
                                  int *status)
{
    const uint64_t size = (uint64_t)r->values.n;
    int32_t *ids = r->ids + r->n_ids, *counts = r->counts;
    *status = W2V_TEXT_OK;
    for (int64_t i = 0; i < values.n; i++) {
        if (w2v_is_null(codes.valid, codes.from + values.at + i)) {
            *status = W2V_VALUES_NULL;
            return i;
        }
        uint64_t code = w2v_integer_at(&codes, values.at + i);
        if (code >= size) {
            *status = W2V_VALUES_DAMAGED;
            return i;
        }
        if (!counts[code]++) {
            *status = check_value(t, &r->values, (int64_t)code);
            if (*status)
                return i;
            r->firsts[code] = r->first + (uint64_t)i;
        }
        ids[i] = (int32_t)code;
    }
    return values.n;
}

static int feed_codes(w2v_text_table *t, w2v_column_run *r)
{
    w2v_values codes = *r->codes;
    range values;
    int64_t n;
    int status = next_values(r, r->room - r->n_ids, &values);
    if (status)
        return status;
    if (codes.width == 4 && !codes.valid) {
        codes.width = 4; /* so that the compiler knows it */
        codes.is_signed = 0;
        codes.valid = NULL;
        n = count_codes(t, r, codes, values, &status);
    } else {
        n = count_codes(t, r, codes, values, &status);
    }
    if (status)
        r->bad = row_of(r, values.row, values.at + n);
    r->n_ids += n;
    r->first += (uint64_t)n;
    return status;
}

int w2v_column_feed(w2v_text_table *t, w2v_column_run *r)
{
    int status = W2V_TEXT_OK;
    while (!status && r->row < r->end && r->n_ids < r->room && t->n < r->limit) {
        int64_t room = r->room - r->n_ids;
        status = r->codes ? feed_codes(t, r) : feed_batch(t, r, room < BATCH ? room : BATCH);
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
    int64_t used = 0;
    for (int64_t i = 0; i < values->n; i++)
        used += counts[i] != 0;
    if (!t->n && w2v_text_reserve(t, used))
        return W2V_TEXT_NO_MEMORY;
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
