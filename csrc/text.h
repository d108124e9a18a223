/* From bytes to ids: splits text into words, numbers each distinct word in the order of its first
 * occurrence, and counts it.
 *
 * Words are separated by space, \t, \n, \r, \v and \f; \n also ends a sentence. A NUL byte is an error, and so
 * is a word that is not UTF-8, which is checked once per distinct word. Ids do not depend on the seed of the
 * hash. Functions that can fail return a status. */
#ifndef W2V_TEXT_H
#define W2V_TEXT_H

#include <stdint.h>

#include "secret.h"

enum {
    W2V_TEXT_OK,
    W2V_TEXT_NO_MEMORY,
    W2V_TEXT_NUL,
    W2V_TEXT_NOT_UTF8,
    W2V_TEXT_LONG, /* a word of more than W2V_TEXT_LONGEST bytes */
    W2V_TEXT_TOO_MANY /* more distinct words than max_words, or more than 32 GiB of them */
};

enum { W2V_TEXT_LONGEST = 1 << 20 }; /* bytes of a word */

typedef struct {
    uint64_t key;  /* see w2v_word_key */
    uint32_t next; /* id + 1; 0 marks an empty slot */
    uint32_t at;   /* of a word over 8 bytes: its place in the arena, in units of 8 bytes; else 0 */
} w2v_text_slot;

typedef struct {
    w2v_text_slot *slots; /* open addressing; a power of two, at most half of them in use */
    int shift;            /* 64 - log2 of the number of slots */
    int64_t n, room;      /* words; capacity of where, first and counts */
    int64_t max_words;
    uint64_t *where;      /* (n) place of each word in the arena */
    uint64_t *first;      /* (n) position of its first occurrence */
    int64_t *counts;      /* (n) */
    unsigned char *arena; /* for each word: its length in 8 bytes, its bytes, zeros up to a multiple of 8 */
    uint64_t used, arena_room;
    w2v_secret secret; /* of the hash */
} w2v_text_table;

/* One pass over a text, block by block. A call of w2v_text_feed returns at the end of its bytes, when
 * `ids` is full, or when the table has reached `limit` words (it may exceed it by 64). Call it again
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

int w2v_text_open(w2v_text_table *table, uint64_t seed);
void w2v_text_close(w2v_text_table *table);

/* The end of the word at data[at]: the index of the next separator or NUL, or size. */
int64_t w2v_text_word_end(const unsigned char *data, int64_t at, int64_t size);

int w2v_text_feed(w2v_text_table *table, w2v_text_run *run);
void w2v_text_run_close(w2v_text_run *run);

/* Adds `count` to the count of one word, which is added to the table if it is new. Returns its id, or -1 and a
 * status. */
int32_t w2v_text_add(w2v_text_table *table, const unsigned char *word, int64_t length,
                     int64_t count, uint64_t first, int *status);

/* A word to look up. */
typedef struct {
    uint64_t key, hash; /* see w2v_word_key; w2v_text_count sets the hash */
    const unsigned char *bytes;
    int64_t length;
} w2v_text_token;

/* Counts n words whose keys are set, and writes their ids. Words that are new are added, after a check of
 * their UTF-8 if `text` is set. The first word is at position `first`, the next one at first + 1. After an
 * error *bad is the index of the word. */
int w2v_text_count(w2v_text_table *table, w2v_text_token *words, int n, int text, uint64_t first,
                   int32_t *ids, int *bad);

/* Adds to the counts of n words whose keys are set, as w2v_text_add does, and writes their ids. */
int w2v_text_add_all(w2v_text_table *table, w2v_text_token *words, int n, const int64_t *counts,
                     const uint64_t *firsts, int32_t *ids);

/* The bytes of a word. */
const unsigned char *w2v_text_word(const w2v_text_table *table, int64_t id, int64_t *length);

/* Adds all words of `from`: counts are summed, and the earlier first occurrence is kept. map (words in
 * from) receives their ids in table. */
int w2v_text_merge(w2v_text_table *table, const w2v_text_table *from, int32_t *map);

/* Removes the words that are counted at most max_count times, except those with keep[id] set; keep may be
 * NULL. map (words) receives the new ids, or -1 for removed words. */
int w2v_text_prune(w2v_text_table *table, int64_t max_count, const uint8_t *keep, int32_t *map);

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
