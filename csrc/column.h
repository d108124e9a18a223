/* From columns of Arrow arrays to ids: counts the strings or integers in the rows of a column, or in the
 * dictionary that its codes refer to. */
#ifndef W2V_COLUMN_H
#define W2V_COLUMN_H

#include <stdint.h>

#include "text.h"
#include "values.h"

/* One pass over rows. With codes, the ids are the codes; w2v_column_count_codes then writes the ids of the
 * dictionary's values in the table. A call of w2v_column_feed returns after the last row, when `ids` is full, or when the
 * table has reached `limit` words (it may exceed it by 64). Call it again while row < end. */
typedef struct {
    w2v_rows rows;
    w2v_values values;
    const w2v_values *codes; /* the rows contain these integers, which are indexes of `values`; or NULL */
    int32_t *counts;         /* (values) with codes: how often each of them occurred */
    uint64_t *firsts;        /* (values) with codes: the position of its first occurrence */
    int64_t row, end;
    int64_t at, stop;        /* the values of the row that are not yet counted, if it is begun */
    int begun;
    uint64_t first;          /* position of the next value in the order of first occurrences */
    int64_t limit;
    int32_t *ids;            /* (room) */
    int64_t n_ids, room;
    int32_t *ends;           /* (room + 1) number of ids before the end of each row */
    int64_t n_ends;
    int64_t bad;             /* after an error: the row */
} w2v_column_run;

int w2v_column_feed(w2v_text_table *table, w2v_column_run *run);

/* Adds the values of a dictionary whose codes occurred to the table, writes their ids to map (values), and sets
 * the counts to 0. */
int w2v_column_count_codes(w2v_text_table *table, const w2v_values *values, int32_t *counts,
                           const uint64_t *firsts, int32_t *map);

#endif
