/* A table of words: numbers each distinct word in the order in which they are added, and counts it.
 *
 * The word with id i is entries[i], so the frequent words, which are found early in a text, are next to each other
 * in memory. The buckets lead from the hash of a word to its id. Ids do not depend on the seed of the hash.
 * Functions that can fail return a status. */
#ifndef W2V_TEXT_TABLE_H
#define W2V_TEXT_TABLE_H

#include <stdint.h>

#include "prefetch.h"
#include "secret.h"
#include "word.h"

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
    w2v_word_key key;
    int64_t count;
    uint32_t at;     /* its place in the arena, in units of 8 bytes */
    uint32_t length; /* in bytes */
} w2v_text_entry;

enum { W2V_TEXT_BUCKET = 8 };

/* One cache line. The slots are filled from the first one on; a word that finds its bucket full is in the next one. */
typedef struct {
    uint32_t tags[W2V_TEXT_BUCKET]; /* bits of the hash; 0 marks a free slot */
    int32_t ids[W2V_TEXT_BUCKET];
} w2v_text_bucket;

typedef struct {
    w2v_text_bucket *buckets; /* a power of two, aligned to cache lines; at most 7/8 of the slots are in use */
    int shift;                /* 64 - log2 of the number of buckets */
    int64_t n, room;          /* words; capacity of entries and first */
    int64_t max_words;
    w2v_text_entry *entries; /* (n) aligned to half cache lines */
    uint64_t *first;         /* (n) position of the first occurrence of each word */
    unsigned char *arena;    /* the bytes of each word, with zeros up to a multiple of 8 */
    uint64_t used, arena_room;
    w2v_secret secret; /* of the hash */
    void *bucket_block, *entry_block; /* the allocated memory */
} w2v_text_table;

int w2v_text_open(w2v_text_table *table, uint64_t seed);
void w2v_text_close(w2v_text_table *table);

/* Makes room for n words, so that adding them is faster. */
int w2v_text_reserve(w2v_text_table *table, int64_t n);

/* The bytes of a word. */
const unsigned char *w2v_text_word(const w2v_text_table *table, int64_t id, int64_t *length);

/* A word to look up. */
typedef struct {
    w2v_word_key key;
    uint64_t hash;
    const unsigned char *bytes;
    int64_t length;
} w2v_text_token;

/* Hashes a word whose key is set, and prefetches its bucket. */
static inline void w2v_text_hash(const w2v_text_table *table, w2v_text_token *word)
{
    word->hash = w2v_word_hash(&table->secret, word->key);
    W2V_PREFETCH(table->buckets + (word->hash >> table->shift), 0);
}

/* Writes the id that each of n hashed words probably has, and prefetches its entry. */
void w2v_text_guess(const w2v_text_table *table, const w2v_text_token *words, int64_t n, int32_t *ids);

/* Counts the words [i, n) up to the first one that is not in the table, and corrects their ids. Returns the index
 * of that word, or n. */
int64_t w2v_text_count(w2v_text_table *table, const w2v_text_token *words, int64_t i, int64_t n, int32_t *ids);

/* Adds a hashed word that is not in the table, with count 0. Returns its id, or -1 and a status. */
int32_t w2v_text_insert(w2v_text_table *table, const w2v_text_token *word, uint64_t first, int *status);

/* Adds to the count of a word, which is added to the table if it is new. Returns its id, or -1 and a status. */
int32_t w2v_text_add(w2v_text_table *table, const unsigned char *word, int64_t length,
                     int64_t count, uint64_t first, int *status);

/* The same for n hashed words; writes their ids. */
int w2v_text_add_all(w2v_text_table *table, const w2v_text_token *words, int64_t n, const int64_t *counts,
                     const uint64_t *firsts, int32_t *ids);

/* Adds all words of `from`: counts are summed, and the earlier first occurrence is kept. map (words in
 * from) receives their ids in table. */
int w2v_text_merge(w2v_text_table *table, const w2v_text_table *from, int32_t *map);

/* Removes the words that are counted at most max_count times, except those with keep[id] set; keep may be
 * NULL. map (words) receives the new ids, or -1 for removed words. */
int w2v_text_prune(w2v_text_table *table, int64_t max_count, const uint8_t *keep, int32_t *map);

#endif
