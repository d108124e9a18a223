/* The original's training loop. */
#include "exact.h"

#include <string.h>

enum { CHAINS = 8, MAX_EXP = 6, SCALE = W2V_EXACT_SIGMOIDS / MAX_EXP / 2 };

/* Targets of one input that wait for their scores; their rows differ. */
typedef struct {
    float *rows[CHAINS];
    int labels[CHAINS]; /* of a word 1 or 0, of a node 1 - code */
    int n;
} group;

typedef struct {
    w2v_exact_run *run;
    w2v_exact_text text;
    uint64_t random;
    int32_t sentence[W2V_EXACT_SENTENCE];
    int32_t length, pos;
    float *h, *dh; /* (dim) */
} state;

static uint64_t draw(state *s)
{
    return s->random = s->random * 25214903917u + 11;
}

/* score[k] = x · rows[k]: n sums, each in the order of its terms, side by side in the pipeline. */
static inline void chains(const float *x, float *const *rows, const int n, int32_t dim, float *score)
{
    float sum[CHAINS] = {0};
    for (int32_t c = 0; c < dim; c++)
        for (int k = 0; k < n; k++)
            sum[k] += x[c] * rows[k][c];
    for (int k = 0; k < n; k++)
        score[k] = sum[k];
}

static void scores(const float *x, const group *g, int32_t dim, float *score)
{
    switch (g->n) { /* a number that the compiler knows keeps the sums in registers */
    case 1: chains(x, g->rows, 1, dim, score); break;
    case 2: chains(x, g->rows, 2, dim, score); break;
    case 3: chains(x, g->rows, 3, dim, score); break;
    case 4: chains(x, g->rows, 4, dim, score); break;
    case 5: chains(x, g->rows, 5, dim, score); break;
    case 6: chains(x, g->rows, 6, dim, score); break;
    case 7: chains(x, g->rows, 7, dim, score); break;
    case 8: chains(x, g->rows, 8, dim, score); break;
    default: break;
    }
}

static void update(const float *restrict x, float *restrict dh, float *restrict row, float g, int32_t dim)
{
    for (int32_t c = 0; c < dim; c++) {
        dh[c] += g * row[c];
        row[c] += g * x[c];
    }
}

static void flush(state *s, group *g, const float *x, int is_node)
{
    w2v_exact_run *run = s->run;
    float score[CHAINS], lr = run->lr;
    scores(x, g, run->dim, score);
    for (int k = 0; k < g->n; k++) {
        float f = score[k], step;
        if (is_node && (f <= -MAX_EXP || f >= MAX_EXP))
            continue;
        if (f >= -MAX_EXP && f <= MAX_EXP)
            step = ((float)g->labels[k] - run->sigmoids[(int)((f + MAX_EXP) * SCALE)]) * lr;
        else if (f > MAX_EXP)
            step = (float)(g->labels[k] - 1) * lr;
        else if (f < -MAX_EXP)
            step = (float)g->labels[k] * lr;
        else { /* not a number: the original reads beyond its table */
            run->diverged = 1;
            continue;
        }
        update(x, s->dh, g->rows[k], step, run->dim);
    }
    g->n = 0;
}

static void add(state *s, group *g, const float *x, int is_node, float *row, int label)
{
    int known = 0;
    for (int k = 0; k < g->n; k++)
        known |= g->rows[k] == row;
    if (known || g->n == CHAINS)
        flush(s, g, x, is_node);
    g->rows[g->n] = row;
    g->labels[g->n++] = label;
}

/* One input and all its targets; what it shall change by is added to dh. */
static void train_input(state *s, const float *x, int32_t word)
{
    const w2v_exact_run *run = s->run;
    const size_t dim = (size_t)run->dim;
    group g = {.n = 0};
    if (run->hs) {
        for (int64_t i = run->path[word]; i < run->path[word + 1]; i++)
            add(s, &g, x, 1, run->w_nodes + (size_t)run->node[i] * dim, 1 - run->code[i]);
        flush(s, &g, x, 1);
    }
    if (run->negative > 0) {
        add(s, &g, x, 0, run->w_out + (size_t)word * dim, 1);
        for (int32_t d = 0; d < run->negative; d++) {
            uint64_t random = draw(s);
            int32_t slot = (int32_t)((random >> 16) % W2V_EXACT_NOISE);
            int32_t target = w2v_exact_noise_word(run->ends, run->guide, slot);
            if (target == 0)
                target = (int32_t)(random % (uint64_t)(run->words->n - 1)) + 1;
            if (target != word)
                add(s, &g, x, 0, run->w_out + (size_t)target * dim, 0);
        }
        flush(s, &g, x, 0);
    }
}

static void train_centre(state *s)
{
    const w2v_exact_run *run = s->run;
    const int32_t dim = run->dim, word = s->sentence[s->pos];
    const int32_t reach = run->window - (int32_t)(draw(s) % (uint64_t)run->window);
    int32_t first = s->pos - reach < 0 ? 0 : s->pos - reach;
    int32_t last = s->pos + reach >= s->length ? s->length - 1 : s->pos + reach;
    if (first >= last) /* nothing but the centre, or an empty sentence */
        return;
    memset(s->dh, 0, (size_t)dim * sizeof *s->dh);
    if (run->cbow)
        memset(s->h, 0, (size_t)dim * sizeof *s->h);
    for (int32_t i = first; i <= last; i++) {
        if (i == s->pos)
            continue;
        float *row = run->w_in + (size_t)s->sentence[i] * (size_t)dim;
        if (run->cbow) {
            for (int32_t c = 0; c < dim; c++)
                s->h[c] += row[c];
            continue;
        }
        train_input(s, row, word);
        for (int32_t c = 0; c < dim; c++) {
            row[c] += s->dh[c];
            s->dh[c] = 0;
        }
    }
    if (!run->cbow)
        return;
    for (int32_t c = 0; c < dim; c++)
        s->h[c] /= (float)(last - first);
    train_input(s, s->h, word);
    for (int32_t i = first; i <= last; i++) {
        float *row = run->w_in + (size_t)s->sentence[i] * (size_t)dim;
        if (i != s->pos)
            for (int32_t c = 0; c < dim; c++)
                row[c] += s->dh[c];
    }
}

/* Fills the sentence; returns 1 where the text ended first, which loses what was read of it. */
static int read_sentence(state *s, int64_t *words)
{
    const w2v_exact_run *run = s->run;
    s->pos = 0;
    while (s->length < W2V_EXACT_SENTENCE) {
        const unsigned char *bytes;
        int64_t length = w2v_exact_next(&s->text, &bytes);
        if (length == W2V_EXACT_NO_MEMORY)
            return W2V_EXACT_NO_MEMORY;
        if (length < 0)
            return !(run->tail && s->length);
        int64_t word = w2v_exact_find(run->words, bytes, length);
        if (word < 0)
            continue;
        ++*words;
        if (word == 0)
            return 0;
        if (run->keep && run->keep[word] < (float)(draw(s) & 0xFFFF) / 65536.0f)
            continue;
        s->sentence[s->length++] = (int32_t)word;
    }
    return 0;
}

static float rate(const w2v_exact_run *run, int64_t done)
{
    float total = (float)(run->epochs * run->train_words + 1);
    float lr = run->alpha * (1 - (float)done / total);
    return lr < run->alpha * 0.0001 ? (float)(run->alpha * 0.0001) : lr;
}

int w2v_exact_train(w2v_exact_run *run, int32_t thread, float *scratch)
{
    const int64_t begin = run->size / run->threads * thread;
    state s = {.run = run, .random = (uint64_t)thread, .h = scratch, .dh = scratch + run->dim};
    s.text = (w2v_exact_text){run->text, run->size, begin, run->longest, run->tail, NULL, 0, 0};
    int64_t words = 0, reported = 0;
    int32_t epochs = run->epochs;
    int ended = 0;
    while (!run->stop) {
        if (words - reported > 10000) {
            run->done += words - reported;
            reported = words;
            run->lr = rate(run, run->done);
        }
        if (s.length == 0)
            ended = read_sentence(&s, &words);
        if (ended < 0)
            break;
        if (ended || words > run->train_words / run->threads) {
            run->done += words - reported;
            if (--epochs == 0)
                break;
            words = reported = 0;
            s.length = 0;
            s.text.at = begin;
            continue;
        }
        train_centre(&s);
        if (++s.pos >= s.length)
            s.length = 0;
    }
    w2v_exact_close_text(&s.text);
    return ended < 0 ? ended : 0;
}
