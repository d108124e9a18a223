/* Character n-grams, as in fastText (Bojanowski et al., TACL 2017; the hash is FNV-1a, 32 bits). */
#include "ngrams.h"

#include <string.h>

#define FNV_OFFSET UINT32_C(2166136261)
#define FNV_PRIME UINT32_C(16777619)

/* fastText hashes chars, which are signed where it was built: bytes from 0x80 up flip the upper 24 bits.
 * The rows in its files depend on this. */
static inline uint32_t hashed(uint32_t hash, unsigned char byte)
{
    return (hash ^ ((uint32_t)byte ^ (byte & 0x80 ? UINT32_C(0xffffff00) : 0))) * FNV_PRIME;
}

uint32_t w2v_ngram_hash(const unsigned char *bytes, size_t n)
{
    uint32_t hash = FNV_OFFSET;
    for (size_t i = 0; i < n; i++)
        hash = hashed(hash, bytes[i]);
    return hash;
}

/* Byte i of "<word>". */
static inline unsigned char bracketed(const unsigned char *word, size_t n, size_t i)
{
    return i == 0 ? '<' : i == n + 1 ? '>' : word[i - 1];
}

static inline int continues(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

size_t w2v_ngrams(const unsigned char *word, size_t n, int min_n, int max_n, w2v_ngram_fn each,
                  void *context)
{
    const size_t length = n + 2;
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        uint32_t hash = FNV_OFFSET;
        size_t j = i;
        if (continues(bracketed(word, n, i)))
            continue;
        for (int characters = 1; characters <= max_n && j < length; characters++) {
            do
                hash = hashed(hash, bracketed(word, n, j++));
            while (j < length && continues(bracketed(word, n, j)));
            /* A bracket alone is not an n-gram. */
            if (characters < min_n || (characters == 1 && (i == 0 || j == length)))
                continue;
            if (each) {
                const w2v_ngram found = {hash, (uint32_t)i, (uint32_t)j};
                each(context, &found);
            }
            count++;
        }
    }
    return count;
}

typedef struct {
    const w2v_ngram_rows *table;
    int64_t *rows;
    size_t count, room;
} writer;

/* The index of a key in an ascending list, or n. */
static size_t find(const int32_t *keys, size_t n, int32_t key)
{
    size_t low = 0, high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (keys[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && keys[low] == key ? low : n;
}

/* The row of the n-gram of characters or words with this hash; -1 if its bucket has none. */
static int64_t row_of(const w2v_ngram_rows *t, uint64_t hash)
{
    const uint32_t bucket = (uint32_t)(hash % t->buckets);
    if (!t->keys)
        return t->first + (int64_t)bucket;
    const size_t at = bucket <= INT32_MAX ? find(t->keys, t->n_keys, (int32_t)bucket) : t->n_keys;
    return at < t->n_keys ? t->first + t->slots[at] : -1;
}

static void write_row(void *context, const w2v_ngram *ngram)
{
    writer *w = context;
    if (w->count < w->room)
        w->rows[w->count] = row_of(w->table, ngram->hash);
    w->count++;
}

size_t w2v_ngram_rows_of(const w2v_ngram_rows *table, const unsigned char *word, size_t n,
                         int64_t *rows, size_t room)
{
    writer w = {table, rows, 0, room};
    if (!table->buckets || (n == 4 && !memcmp(word, "</s>", 4)))
        return 0;
    return w2v_ngrams(word, n, table->min_n, table->max_n, write_row, &w);
}

void w2v_mean_of_rows(const unsigned char *matrix, size_t dim, const int64_t *rows, size_t n,
                      double divisor, float *out)
{
    const float scale = divisor > 0 ? (float)(1.0 / divisor) : 0.0f;
    memset(out, 0, dim * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        if (rows[i] < 0)
            continue;
        const unsigned char *row = matrix + (size_t)rows[i] * dim * sizeof(float);
        for (size_t k = 0; k < dim; k++) {
            float x;
            memcpy(&x, row + k * sizeof x, sizeof x);
            out[k] += x;
        }
    }
    for (size_t k = 0; k < dim; k++)
        out[k] *= scale;
}

void w2v_words_fill(w2v_words_table *t)
{
    memset(t->places, 0xff, ((size_t)t->mask + 1) * sizeof *t->places);
    for (int32_t i = 0; i < t->count; i++) {
        uint32_t at = w2v_ngram_hash(t->words[i], t->lengths[i]) & t->mask;
        while (t->places[at] >= 0)
            at = (at + 1) & t->mask;
        t->places[at] = i;
    }
}

int32_t w2v_words_find(const w2v_words_table *t, const unsigned char *word, size_t n, uint32_t hash)
{
    for (uint32_t at = hash & t->mask; t->places[at] >= 0; at = (at + 1) & t->mask) {
        const int32_t i = t->places[at];
        if (t->lengths[i] == n && !memcmp(t->words[i], word, n))
            return i;
    }
    return -1;
}

static int is_blank(unsigned char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r') || byte == '\0';
}

static void push(writer *w, int64_t row)
{
    if (row < 0)
        return;
    if (w->count < w->room)
        w->rows[w->count] = row;
    w->count++;
}

static void push_row(void *context, const w2v_ngram *ngram)
{
    writer *w = context;
    push(w, row_of(w->table, ngram->hash));
}

/* One word's rows: its own, if it is in the vocabulary, and those of its n-grams. */
static void push_word(writer *w, const w2v_ngram_rows *characters, const unsigned char *word,
                      size_t n, int32_t id)
{
    const int is_end = n == 4 && !memcmp(word, "</s>", 4);
    push(w, id);
    if (characters->buckets && !is_end)
        w2v_ngrams(word, n, characters->min_n, characters->max_n, push_row, w);
}

size_t w2v_line_rows(const w2v_words_table *words, const w2v_ngram_rows *characters,
                     const w2v_ngram_rows *sequences, int word_ngrams, const char *label,
                     const unsigned char *line, size_t n, int32_t *hashes, int64_t *rows, size_t room)
{
    static const unsigned char end_of_line[] = "</s>";
    const size_t label_length = strlen(label);
    writer w = {characters, rows, 0, room};
    size_t count = 0, at = 0;
    int ended = 0;
    while (!ended) {
        const unsigned char *word;
        size_t length;
        while (at < n && is_blank(line[at]))
            at++;
        if (at < n) {
            const size_t begin = at;
            while (at < n && !is_blank(line[at]))
                at++;
            word = line + begin;
            length = at - begin;
        } else {
            word = end_of_line;
            length = 4;
        }
        ended = length == 4 && !memcmp(word, end_of_line, 4);
        const uint32_t hash = w2v_ngram_hash(word, length);
        const int32_t id = w2v_words_find(words, word, length, hash);
        const int is_label = id >= 0 ? id >= words->labels_from
                                     : length >= label_length && !memcmp(word, label, label_length);
        if (is_label)
            continue;
        push_word(&w, characters, word, length, id);
        memcpy(hashes + count++, &hash, sizeof hash);
    }
    if (!sequences->buckets)
        return w.count;
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = (uint64_t)(int64_t)hashes[i]; /* sign-extended, as in fastText */
        for (size_t j = i + 1; j < count && j < i + (size_t)word_ngrams; j++) {
            hash = hash * 116049371u + (uint64_t)(int64_t)hashes[j];
            push(&w, row_of(sequences, hash));
        }
    }
    return w.count;
}
