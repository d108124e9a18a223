/* Arrays of Arrow: strings, integers, and the rows of lists.
 *
 * https://arrow.apache.org/docs/format/Columnar.html describes the buffers. They belong to the caller, who
 * has checked the types; references from one buffer to another are checked here. */
#ifndef W2V_VALUES_H
#define W2V_VALUES_H

#include <stdint.h>
#include <string.h>

enum {
    W2V_VALUES_OK,
    W2V_VALUES_NULL = 100, /* a row or a value is missing; other statuses are those of text.h */
    W2V_VALUES_DAMAGED     /* a buffer refers to a place outside of another one */
};

enum { W2V_VALUES_INTEGERS, W2V_VALUES_STRINGS, W2V_VALUES_VIEWS };

/* An array of integers or strings. */
typedef struct {
    int kind;                   /* W2V_VALUES_... */
    int width;                  /* bytes of an integer, or of an offset of strings */
    int is_signed;              /* of integers */
    const unsigned char *valid; /* a bit for each value, 0 if it is missing; or NULL */
    const unsigned char *data;  /* integers, views, or the bytes of strings */
    const unsigned char *offsets;        /* of strings */
    const unsigned char *const *buffers; /* (n_buffers) which views refer to */
    const int64_t *sizes;                /* (n_buffers) in bytes */
    int64_t n_buffers;
    const unsigned char *end; /* of the bytes that may be read */
    int64_t from; /* the place of the first value in the buffers */
    int64_t n;
} w2v_values;

enum { W2V_ROWS_OFFSETS, W2V_ROWS_VIEWS, W2V_ROWS_FIXED };

/* The values of each row. */
typedef struct {
    int kind;                     /* W2V_ROWS_... */
    int width;                    /* bytes of an offset */
    int64_t size;                 /* values of a row, if it is fixed */
    const unsigned char *valid;   /* a bit for each row, or NULL */
    const unsigned char *offsets; /* the first value of each row */
    const unsigned char *sizes;   /* of views: the number of values of each row */
    int64_t from;
    int64_t n;
} w2v_rows;

static inline int w2v_is_null(const unsigned char *valid, int64_t i)
{
    return valid && !(valid[i >> 3] >> (i & 7) & 1);
}

/* The signed integer of 4 or 8 bytes at index i. */
static inline int64_t w2v_offset_at(const unsigned char *p, int width, int64_t i)
{
    if (width == 8) {
        int64_t wide;
        memcpy(&wide, p + 8 * i, 8);
        return wide;
    }
    int32_t narrow;
    memcpy(&narrow, p + 4 * i, 4);
    return narrow;
}

/* Finds the values [*at, *stop) of a row. */
static inline int w2v_rows_extent(const w2v_rows *rows, int64_t row, int64_t *at, int64_t *stop)
{
    int64_t i = rows->from + row;
    if (w2v_is_null(rows->valid, i))
        return W2V_VALUES_NULL;
    if (rows->kind == W2V_ROWS_FIXED) {
        *at = i * rows->size;
        *stop = *at + rows->size;
        return W2V_VALUES_OK;
    }
    *at = w2v_offset_at(rows->offsets, rows->width, i);
    if (rows->kind == W2V_ROWS_VIEWS)
        *stop = *at + w2v_offset_at(rows->sizes, rows->width, i);
    else
        *stop = w2v_offset_at(rows->offsets, rows->width, i + 1);
    return W2V_VALUES_OK;
}

static inline uint64_t w2v_integer_at(const w2v_values *v, int64_t i)
{
    const unsigned char *p = v->data + (v->from + i) * v->width;
    switch (v->width) {
    case 1:
        return v->is_signed ? (uint64_t)(int64_t)(int8_t)*p : *p;
    case 2: {
        uint16_t x;
        memcpy(&x, p, 2);
        return v->is_signed ? (uint64_t)(int64_t)(int16_t)x : x;
    }
    case 4: {
        uint32_t x;
        memcpy(&x, p, 4);
        return v->is_signed ? (uint64_t)(int64_t)(int32_t)x : x;
    }
    default: {
        uint64_t x;
        memcpy(&x, p, 8);
        return x;
    }
    }
}

/* Reads the integer at i. Negative ones are in two's complement. */
static inline int w2v_values_integer(const w2v_values *v, int64_t i, uint64_t *integer)
{
    if (w2v_is_null(v->valid, v->from + i))
        return W2V_VALUES_NULL;
    *integer = w2v_integer_at(v, i);
    return W2V_VALUES_OK;
}

/* Finds the bytes of the string at i. */
static inline int w2v_values_string(const w2v_values *v, int64_t i, const unsigned char **bytes, int64_t *length)
{
    int64_t place = v->from + i;
    if (w2v_is_null(v->valid, place))
        return W2V_VALUES_NULL;
    if (v->kind == W2V_VALUES_STRINGS) {
        int64_t start = w2v_offset_at(v->offsets, v->width, place);
        *length = w2v_offset_at(v->offsets, v->width, place + 1) - start;
        *bytes = v->data ? v->data + start : (const unsigned char *)"";
        return start < 0 || *length < 0 ? W2V_VALUES_DAMAGED : W2V_VALUES_OK;
    }
    const unsigned char *view = v->data + 16 * place;
    *length = w2v_offset_at(view, 4, 0);
    if (*length < 0)
        return W2V_VALUES_DAMAGED;
    if (*length <= 12) { /* the string is in the view */
        *bytes = view + 4;
        return W2V_VALUES_OK;
    }
    int64_t buffer = w2v_offset_at(view, 4, 2), start = w2v_offset_at(view, 4, 3);
    if (buffer < 0 || buffer >= v->n_buffers || start < 0 || start > v->sizes[buffer] - *length)
        return W2V_VALUES_DAMAGED;
    *bytes = v->buffers[buffer] + start;
    return W2V_VALUES_OK;
}

/* Copies the strings from *at to `stop` to out (room), with a byte after each of them, and moves *at past those
 * that fit. *n is the number of bytes written; if it is 0, *needed is the room for the next string. */
int w2v_values_join(const w2v_values *values, const w2v_values *codes, int64_t *at, int64_t stop,
                    unsigned char after, unsigned char *out, int64_t room, int64_t *n,
                    int64_t *needed);

#endif
