/* Text to ids: cuts bytes into words, numbers each distinct word by its first occurrence, counts it.
 *
 * Words are separated by space, \t \n \r \v \f; \n also ends a sentence. Refuses a NUL byte and, for
 * each distinct word once, what is not UTF-8. Every call returns a status; nothing is printed, no
 * thread is started. Ids do not depend on the seed of the hash. */
#ifndef W2V_TEXT_H
#define W2V_TEXT_H

#include <stdint.h>

#include "secret.h"

enum {
    W2V_TEXT_OK,
    W2V_TEXT_NO_MEMORY,
    W2V_TEXT_NUL,
    W2V_TEXT_NOT_UTF8,
    W2V_TEXT_TOO_MANY /* more distinct words than max_words, or 32 GiB of them */
};

typedef struct {
    uint64_t key;  /* a word of up to 8 bytes itself, zeros above; of a longer one the hash */
    uint32_t next; /* id + 1; 0 is an empty slot */
    uint32_t at;   /* of a longer word: where it lies in the arena, in units of 8 bytes; else 0 */
} w2v_text_slot;

typedef struct {
    w2v_text_slot *slots; /* open addressing, a power of two, at most half full */
    int shift;        /* 64 - log2 of the number of slots */
    int64_t n, room;  /* words; what where, first and counts hold */
    int64_t max_words;
    uint64_t *where; /* (n) of each word: its place in the arena */
    uint64_t *first; /* (n) the order of its first occurrence */
    int64_t *counts; /* (n) */
    unsigned char *arena; /* per word: 8 bytes of length, the bytes, padding to 8 */
    uint64_t used, arena_room;
    w2v_secret secret; /* of the hash */
} w2v_text_table;

/* One run over bytes. A call ends at the end of the bytes, when `ids` is full or when the table has
 * reached `limit` words (64 more at most); call again while at < end. */
typedef struct {
    const unsigned char *data;
    int64_t size;
    int64_t at, end; /* words that begin in data[at, end); their tails may reach up to size */
    int more;        /* other blocks follow: a word cut by the end of data is carried over */
    uint64_t base;   /* the order of data[0] among all bytes read */
    int64_t limit;
    int32_t *ids; /* (room) */
    int64_t n_ids, room;
    int32_t *ends; /* (room + 1) how many of ids come before each end of a sentence */
    int64_t n_ends;
    int64_t bad; /* after W2V_TEXT_NUL and W2V_TEXT_NOT_UTF8: the byte; below 0 when it was carried over */
    unsigned char *carry;
    int64_t n_carry, carry_room;
} w2v_text_run;

int w2v_text_open(w2v_text_table *table, uint64_t seed);
void w2v_text_close(w2v_text_table *table);

/* Where the word at data[at] ends: at the next separator or NUL, or at size. */
int64_t w2v_text_word_end(const unsigned char *data, int64_t at, int64_t size);

int w2v_text_feed(w2v_text_table *table, w2v_text_run *run);
void w2v_text_run_close(w2v_text_run *run);

/* The id of one word, which is added and counted `count` times; -1 and a status when it cannot be. */
int32_t w2v_text_add(w2v_text_table *table, const unsigned char *word, int64_t length, int64_t count,
                 uint64_t first, int *status);

/* A word's bytes. */
const unsigned char *w2v_text_word(const w2v_text_table *table, int64_t id, int64_t *length);

/* Adds all words of `from`: counts are summed, the earlier first occurrence stands.
 * map[id in from] = id in table. */
int w2v_text_merge(w2v_text_table *table, const w2v_text_table *from, int32_t *map);

/* Forgets the words counted at most `rare` times, but not where keep[id] is set; keep may be NULL.
 * map[old id] = new id or -1. */
int w2v_text_prune(w2v_text_table *table, int64_t rare, const uint8_t *keep, int32_t *map);

/* ids -> map[ids] without those that map to less than 0; `out` may be `ids` itself. ends (n_ends)
 * are places in ids; each that closes a sentence with a word in it becomes an offset.
 * *written and *sentences are how many words and offsets there are before, and after, the call;
 * offsets[*sentences] is where the open sentence began. `out` needs room for one id more than it
 * keeps. Returns how many ids were written. */
int64_t w2v_text_remap(const int32_t *ids, int64_t n, const int32_t *ends, int64_t n_ends,
                   const int32_t *map, int32_t *out, int64_t *offsets, int64_t *written,
                   int64_t *sentences);

#endif
