/* Reads words as the originals do, and counts them in a hash table. */
#include "exact_words.h"

#include <stdlib.h>
#include <string.h>

static int is_separator(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* Points *word to data[begin:end] without carriage returns, cut at a NUL byte as in C, and returns its
 * length. */
static int64_t clean(w2v_exact_text *text, int64_t begin, int64_t end, const unsigned char **word)
{
    const unsigned char *data = text->data + begin;
    int64_t length = end - begin;
    if (memchr(data, '\r', (size_t)length)) {
        if (text->room < length) {
            unsigned char *buffer = realloc(text->buffer, (size_t)length);
            if (!buffer)
                return W2V_EXACT_NO_MEMORY;
            text->buffer = buffer;
            text->room = length;
        }
        int64_t kept = 0;
        for (int64_t i = 0; i < length; i++)
            if (data[i] != '\r')
                text->buffer[kept++] = data[i];
        data = text->buffer;
        length = kept;
    }
    if (text->longest && length > text->longest)
        length = text->longest;
    const unsigned char *nul = memchr(data, 0, (size_t)length);
    *word = data;
    return nul ? nul - data : length;
}

int64_t w2v_exact_next(w2v_exact_text *text, const unsigned char **word)
{
    const unsigned char *data = text->data;
    int64_t at = text->at, size = text->size;
    while (at < size && (data[at] == ' ' || data[at] == '\t' || data[at] == '\r'))
        at++;
    int64_t begin = at;
    while (at < size && !is_separator(data[at]))
        at++;
    text->at = at;
    if (at == size && (begin == size || !text->tail))
        return W2V_EXACT_END;
    if (begin == at) { /* a newline */
        text->at++;
        *word = (const unsigned char *)"</s>";
        return 4;
    }
    if (at < size && data[at] != '\n')
        text->at++;
    return clean(text, begin, at, word);
}

void w2v_exact_close_text(w2v_exact_text *text)
{
    free(text->buffer);
    text->buffer = NULL;
    text->room = 0;
}

static uint64_t hash_of(const w2v_secret *secret, const unsigned char *word, int64_t length)
{
    uint64_t hash = (uint64_t)length, part = 0;
    for (; length >= 8; word += 8, length -= 8) {
        memcpy(&part, word, 8);
        hash = w2v_secret_low(secret, hash ^ part);
    }
    part = 0;
    memcpy(&part, word, (size_t)length);
    return w2v_secret_low(secret, hash ^ part);
}

/* The slot of a word, or the empty slot where it belongs. */
static int64_t slot_of(const w2v_exact_words *words, const unsigned char *word, int64_t length,
                       uint64_t hash)
{
    int64_t last = words->n_slots - 1, slot = (int64_t)(hash & (uint64_t)last);
    for (;; slot = (slot + 1) & last) {
        int32_t id = words->slots[slot];
        if (id < 0)
            return slot;
        int64_t start = words->starts[id];
        if (words->hashes[id] == hash && words->starts[id + 1] - start == length &&
            memcmp(words->arena + start, word, (size_t)length) == 0)
            return slot;
    }
}

int64_t w2v_exact_find(const w2v_exact_words *words, const unsigned char *word, int64_t length)
{
    if (!words->n)
        return -1;
    return words->slots[slot_of(words, word, length, hash_of(&words->secret, word, length))];
}

static int grow_slots(w2v_exact_words *words)
{
    int64_t n = words->n_slots ? 2 * words->n_slots : 1024;
    int32_t *slots = malloc((size_t)n * sizeof *slots);
    if (!slots)
        return W2V_EXACT_NO_MEMORY;
    memset(slots, 0xFF, (size_t)n * sizeof *slots);
    for (int64_t id = 0; id < words->n; id++) {
        int64_t slot = (int64_t)(words->hashes[id] & (uint64_t)(n - 1));
        while (slots[slot] >= 0)
            slot = (slot + 1) & (n - 1);
        slots[slot] = (int32_t)id;
    }
    free(words->slots);
    words->slots = slots;
    words->n_slots = n;
    return 0;
}

static int grow_rows(w2v_exact_words *words)
{
    int64_t room = words->room ? words->room * 2 : 1024;
    int64_t *counts = realloc(words->counts, (size_t)room * sizeof *counts);
    if (counts)
        words->counts = counts;
    int64_t *starts = realloc(words->starts, ((size_t)room + 1) * sizeof *starts);
    if (starts)
        words->starts = starts;
    uint64_t *hashes = realloc(words->hashes, (size_t)room * sizeof *hashes);
    if (hashes)
        words->hashes = hashes;
    if (!counts || !starts || !hashes)
        return W2V_EXACT_NO_MEMORY;
    if (!words->n)
        words->starts[0] = 0;
    words->room = room;
    return 0;
}

int64_t w2v_exact_add(w2v_exact_words *words, const unsigned char *word, int64_t length)
{
    if (2 * (words->n + 1) > words->n_slots && grow_slots(words))
        return W2V_EXACT_NO_MEMORY;
    uint64_t hash = hash_of(&words->secret, word, length);
    int64_t slot = slot_of(words, word, length, hash), id = words->slots[slot];
    if (id >= 0)
        return id;
    id = words->n;
    if (id >= INT32_MAX - 1 || (id == words->room && grow_rows(words)))
        return W2V_EXACT_NO_MEMORY;
    int64_t start = words->starts[id], end = start + length;
    if (end > words->arena_room) {
        int64_t room = 2 * end > 16384 ? 2 * end : 16384;
        unsigned char *arena = realloc(words->arena, (size_t)room);
        if (!arena)
            return W2V_EXACT_NO_MEMORY;
        words->arena = arena;
        words->arena_room = room;
    }
    memcpy(words->arena + start, word, (size_t)length);
    words->counts[id] = 0;
    words->hashes[id] = hash;
    words->starts[id + 1] = end;
    words->slots[slot] = (int32_t)id;
    words->n++;
    return id;
}

void w2v_exact_close_words(w2v_exact_words *words)
{
    free(words->counts);
    free(words->starts);
    free(words->hashes);
    free(words->arena);
    free(words->slots);
    memset(words, 0, sizeof *words);
}

int64_t w2v_exact_count(w2v_exact_words *words, w2v_exact_text *text, int64_t max_words,
                        int64_t *read)
{
    const unsigned char *word;
    int64_t length;
    while ((length = w2v_exact_next(text, &word)) >= 0) {
        int64_t id = w2v_exact_add(words, word, length);
        if (id < 0)
            return id;
        words->counts[id]++;
        ++*read;
        if (words->n > max_words)
            return W2V_EXACT_FULL;
        if (text->pause && text->at >= text->pause)
            return W2V_EXACT_PAUSED;
    }
    return length == W2V_EXACT_END ? *read : length;
}
