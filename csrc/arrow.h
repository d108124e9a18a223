/* The structures in which libraries hand over Arrow data in memory.
 *
 * Their layout is fixed by https://arrow.apache.org/docs/format/CDataInterface.html and CStreamInterface.html.
 * The receiver of a structure calls its `release`, which becomes NULL. */
#ifndef W2V_ARROW_H
#define W2V_ARROW_H

#include <stdint.h>

typedef struct w2v_arrow_schema {
    const char *format; /* the type */
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct w2v_arrow_schema **children;
    struct w2v_arrow_schema *dictionary; /* the type of the values, if these are codes */
    void (*release)(struct w2v_arrow_schema *);
    void *private_data;
} w2v_arrow_schema;

typedef struct w2v_arrow_array {
    int64_t length;
    int64_t null_count; /* -1 if it is not known */
    int64_t offset;     /* the place of the first value in the buffers */
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct w2v_arrow_array **children;
    struct w2v_arrow_array *dictionary;
    void (*release)(struct w2v_arrow_array *);
    void *private_data;
} w2v_arrow_array;

typedef struct w2v_arrow_stream {
    int (*get_schema)(struct w2v_arrow_stream *, w2v_arrow_schema *out);
    int (*get_next)(struct w2v_arrow_stream *, w2v_arrow_array *out); /* released: the end */
    const char *(*get_last_error)(struct w2v_arrow_stream *);
    void (*release)(struct w2v_arrow_stream *);
    void *private_data;
} w2v_arrow_stream;

#endif
