/* Counts the values of Arrow arrays, in batches whose look-ups overlap. Codes are counted without a look-up, and
 * each value of their dictionary is looked up once. */
#include "column.h"

#include "word.h"

enum { BATCH = 64 };

/* Whether a row is within n values. */
static int is_inside(int64_t at, int64_t stop, int64_t n)
{
    return at >= 0 && at <= stop && stop <= n;
}

/* Sets the key and the bytes of a value. An integer is a word of 8 bytes, whose key is its value. */
static inline int token_of(const w2v_text_table *t, const w2v_values *v, int64_t i,
                           w2v_text_token *w)
{
    if (v->kind == W2V_VALUES_INTEGERS) {
        int status = w2v_values_integer(v, i, &w->key);
        w->bytes = NULL;
        w->length = 8;
        return status;
    }
    int status = w2v_values_string(v, i, &w->bytes, &w->length);
    if (status)
        return status;
    if (w->length > W2V_TEXT_LONGEST)
        return W2V_TEXT_LONG;
    /* Faster than byte by byte. A view has 12 bytes for a short string. */
    if (w->length < 8 && (v->kind == W2V_VALUES_VIEWS || 8 <= v->end - w->bytes))
        w->key = w2v_bytes_load8(w->bytes) & (((uint64_t)1 << 8 * w->length) - 1);
    else
        w->key = w2v_word_key(&t->secret, w->bytes, w->length);
    /* Keys of short words are padded with zeros, so zeros at the end would make different words equal. */
    if (w->length && !w->bytes[w->length - 1])
        return W2V_TEXT_NUL;
    return W2V_TEXT_OK;
}

/* The bytes of an integer, in the order of w2v_word_key. */
static const unsigned char *to_bytes(uint64_t key, unsigned char *bytes)
{
    uint64_t lowest_first = w2v_bytes_load8((const unsigned char *)&key);
    memcpy(bytes, &lowest_first, 8);
    return bytes;
}

/* Looks a batch up. */
static int count(w2v_text_table *t, w2v_column_run *r, w2v_text_token *words, int n, int *bad)
{
    unsigned char bytes[BATCH][8];
    int text = r->values.kind != W2V_VALUES_INTEGERS;
    for (int i = 0; !text && i < n; i++)
        words[i].bytes = to_bytes(words[i].key, bytes[i]);
    return w2v_text_count(t, words, n, text, r->first, r->ids + r->n_ids, bad);
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
    int n, bad = 0, status = W2V_TEXT_OK, found;
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
    if (memchr(word.bytes, 0, (size_t)word.length))
        return W2V_TEXT_NUL;
    return w2v_utf8_fault(word.bytes, word.length) >= 0 ? W2V_TEXT_NOT_UTF8 : W2V_TEXT_OK;
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
                words[n].bytes = to_bytes(words[n].key, bytes[n]);
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
