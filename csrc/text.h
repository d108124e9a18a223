/* From bytes to ids: splits text into words, which are counted in a table.
 *
 * Words are separated by space, \t, \n, \r, \v and \f; \n also ends a sentence. A NUL byte is an error, and so
 * is a word that is not UTF-8, which is checked once per distinct word. Functions that can fail return a status. */
#ifndef W2V_TEXT_H
#define W2V_TEXT_H

#include <stdint.h>

#include "text_table.h"

/* One pass over a text, block by block. A call of w2v_text_feed returns at the end of its bytes, when
 * `ids` is full, or when the table has reached `limit` words (it may exceed it by 128). Call it again
 * while at < end. */
typedef struct {
    const unsigned char *data;
    int64_t size;
    int64_t at, end; /* the words that begin in data[at:end]; they may end anywhere up to size */
    int more;        /* 1: blocks follow, and a word cut by the end of data is carried over to them */
    uint64_t base;   /* position of data[0] in the order of first occurrences */
    int64_t limit;
    int32_t *ids;  /* (room) */
    int64_t n_ids, room;
    int32_t *ends; /* (room + 1) number of ids before the end of each sentence */
    int64_t n_ends;
    int64_t bad;   /* after W2V_TEXT_NUL, _NOT_UTF8 and _LONG: the index of the byte, < 0 if carried over */
    unsigned char *carry; /* the beginning of a word, from earlier blocks */
    int64_t n_carry, carry_room;
} w2v_text_run;

/* The end of the word at data[at]: the index of the next separator or NUL, or size. */
int64_t w2v_text_word_end(const unsigned char *data, int64_t at, int64_t size);

int w2v_text_feed(w2v_text_table *table, w2v_text_run *run);
void w2v_text_run_close(w2v_text_run *run);

/* The sentences that w2v_text_remap writes. */
typedef struct {
    int32_t *ids;      /* of this call; one id more than is kept may be written */
    int64_t *offsets;  /* offsets[sentences] is where the open sentence began */
    int64_t words;     /* words in all calls */
    int64_t sentences; /* closed sentences in all calls */
} w2v_text_output;

/* Replaces ids (n) by map[id] and leaves out those that map to a negative number. ends (n_ends) are
 * indexes into ids; each of them that closes a sentence with at least one word left becomes an
 * offset. out->ids may be ids. Returns the number of ids written. */
int64_t w2v_text_remap(const int32_t *ids, int64_t n, const int32_t *ends, int64_t n_ends,
                       const int32_t *map, w2v_text_output *out);

#endif
