/* Counts pairs of adjacent words and joins them. */
#include "exact_phrases.h"

#include <stdlib.h>
#include <string.h>

static int is_end(const unsigned char *word, int64_t length)
{
    return length == 4 && memcmp(word, "</s>", 4) == 0;
}

/* pair = previous word, '_', word. Returns its length, cut as in the original, or W2V_EXACT_NO_MEMORY. */
static int64_t join(w2v_exact_phrases *p, const unsigned char *word, int64_t length, int64_t longest)
{
    int64_t whole = p->previous + 1 + length;
    if (whole > p->room) {
        unsigned char *pair = realloc(p->pair, 2 * (size_t)whole);
        if (!pair)
            return W2V_EXACT_NO_MEMORY;
        p->pair = pair;
        p->room = 2 * whole;
    }
    p->pair[p->previous] = '_';
    memcpy(p->pair + p->previous + 1, word, (size_t)length);
    return longest && whole > longest + 1 ? longest + 1 : whole;
}

/* Makes the word the previous one; pair has room for it. */
static void advance(w2v_exact_phrases *p, const unsigned char *word, int64_t length)
{
    memcpy(p->pair, word, (size_t)length);
    p->previous = length;
}

int64_t w2v_exact_phrase_count(w2v_exact_phrases *p, w2v_exact_text *text, int64_t max_words)
{
    w2v_exact_words *words = &p->words;
    const unsigned char *word;
    int64_t length, id;
    while ((length = w2v_exact_next(text, &word)) >= 0) {
        if (is_end(word, length))
            continue;
        p->train_words++;
        if ((id = w2v_exact_add(words, word, length)) < 0)
            return id;
        words->counts[id]++;
        int64_t joined = join(p, word, length, text->longest);
        if (joined < 0 || (id = w2v_exact_add(words, p->pair, joined)) < 0)
            return W2V_EXACT_NO_MEMORY;
        words->counts[id]++;
        advance(p, word, length);
        if (words->n > max_words)
            return W2V_EXACT_FULL;
        if (text->pause && text->at >= text->pause)
            return W2V_EXACT_PAUSED;
    }
    return length == W2V_EXACT_END ? p->train_words : length;
}

void w2v_exact_phrase_begin(w2v_exact_phrases *p)
{
    p->previous = p->previous_count = p->count = 0;
    p->previous_known = 0;
}

/* The count of a word or a pair, or -1 if it is not in the vocabulary. */
static int64_t count_of(const w2v_exact_phrases *p, const unsigned char *word, int64_t length)
{
    int64_t id = w2v_exact_find(&p->words, word, length);
    return id < 0 || p->words.counts[id] < p->min_count ? -1 : p->words.counts[id];
}

/* Appends a separator and a word to out. */
static int put(w2v_exact_phrases *p, unsigned char separator, const unsigned char *word, int64_t length)
{
    int64_t need = p->n_out + length + 1;
    if (need > p->out_room) {
        unsigned char *out = realloc(p->out, 2 * (size_t)need);
        if (!out)
            return W2V_EXACT_NO_MEMORY;
        p->out = out;
        p->out_room = 2 * need;
    }
    p->out[p->n_out++] = separator;
    memcpy(p->out + p->n_out, word, (size_t)length);
    p->n_out += length;
    return 0;
}

/* The score of the pair, or 0 if one of its words or the pair itself is not in the vocabulary. Updates count
 * and previous_known. */
static float score(w2v_exact_phrases *p, const unsigned char *word, int64_t length, int64_t joined)
{
    int64_t count = count_of(p, word, length), pair = count_of(p, p->pair, joined);
    int known = p->previous_known && count >= 0 && pair >= 0;
    p->previous_known = count >= 0;
    if (count >= 0)
        p->count = count;
    if (!known || p->previous_count < p->min_count || p->count < p->min_count)
        return 0;
    return (float)(pair - p->min_count) / (float)p->previous_count / (float)p->count * (float)p->train_words;
}

int64_t w2v_exact_phrase_write(w2v_exact_phrases *p, w2v_exact_text *text, int64_t min_bytes)
{
    const unsigned char *word;
    int64_t length;
    p->n_out = 0;
    while (p->n_out < min_bytes) {
        if ((length = w2v_exact_next(text, &word)) < 0)
            return length;
        int end = is_end(word, length);
        int64_t joined = join(p, word, length, text->longest);
        if (joined < 0)
            return joined;
        if (end) {
            if (put(p, '\n', word, 0))
                return W2V_EXACT_NO_MEMORY;
        } else {
            int is_phrase = score(p, word, length, joined) > p->threshold;
            if (put(p, is_phrase ? '_' : ' ', word, length))
                return W2V_EXACT_NO_MEMORY;
            if (is_phrase)
                p->count = 0;
            p->previous_count = p->count;
        }
        advance(p, word, length);
    }
    return 1;
}

void w2v_exact_close_phrases(w2v_exact_phrases *p)
{
    w2v_exact_close_words(&p->words);
    free(p->pair);
    free(p->out);
    memset(p, 0, sizeof *p);
}
