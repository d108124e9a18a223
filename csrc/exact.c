/* word2vec.c's training loop. */
#include "exact.h"

#include <string.h>

/* SCALE is an integer division, 83 for 83.33, as in the original (D4). */
enum { CHAINS = 8, MAX_EXP = 6, SCALE = W2V_EXACT_SIGMOIDS / MAX_EXP / 2 };

/* Targets of one input that are processed together, with distinct rows. */
typedef struct {
    float *rows[CHAINS];
    int labels[CHAINS]; /* 1 or 0 for a word, 1 - code for an inner node */
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

static uint64_t next_random(state *s)
{
    return s->random = s->random * 25214903917u + 11;
}

/* score[k] = x . rows[k]: n independent sums, each in the order of its terms. */
static inline void dot_products(const float *x, float *const *rows, const int n, int32_t dim, float *score)
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
    _Static_assert(CHAINS == 8, "there is a case for each size of a group");
    switch (g->n) { /* with a literal number of sums, the compiler keeps them in registers */
    case 1: dot_products(x, g->rows, 1, dim, score); break;
    case 2: dot_products(x, g->rows, 2, dim, score); break;
    case 3: dot_products(x, g->rows, 3, dim, score); break;
    case 4: dot_products(x, g->rows, 4, dim, score); break;
    case 5: dot_products(x, g->rows, 5, dim, score); break;
    case 6: dot_products(x, g->rows, 6, dim, score); break;
    case 7: dot_products(x, g->rows, 7, dim, score); break;
    case 8: dot_products(x, g->rows, 8, dim, score); break;
    default: break;
    }
}

static void update(const float *restrict x, float *restrict dh, float *restrict row, float error,
                   int32_t dim)
{
    for (int32_t c = 0; c < dim; c++) {
        dh[c] += error * row[c];
        row[c] += error * x[c];
    }
}

/* Updates the group's rows and the input's change dh, target by target, and empties the group. */
static void train_group(state *s, group *g, const float *x, int is_node)
{
    w2v_exact_run *run = s->run;
    float score[CHAINS], lr = run->lr;
    scores(x, g, run->dim, score);
    for (int k = 0; k < g->n; k++) {
        float f = score[k], error;
        if (is_node && (f <= -MAX_EXP || f >= MAX_EXP))
            continue;
        if (f >= -MAX_EXP && f <= MAX_EXP)
            error = ((float)g->labels[k] - run->sigmoids[(int)((f + MAX_EXP) * SCALE)]) * lr;
        else if (f > MAX_EXP)
            error = (float)(g->labels[k] - 1) * lr;
        else if (f < -MAX_EXP)
            error = (float)g->labels[k] * lr;
        else { /* NaN, with which the original reads outside its table */
            run->diverged = 1;
            continue;
        }
        update(x, s->dh, g->rows[k], error, run->dim);
    }
    g->n = 0;
}

/* Adds a target to the group. If it is full or contains the row, the group is trained first. */
static void add(state *s, group *g, const float *x, int is_node, float *row, int label)
{
    int repeated = 0;
    for (int k = 0; k < g->n; k++)
        repeated |= g->rows[k] == row;
    if (repeated || g->n == CHAINS)
        train_group(s, g, x, is_node);
    g->rows[g->n] = row;
    g->labels[g->n++] = label;
}

/* One input and all its targets; the input's change is added to dh. */
static void train_input(state *s, const float *x, int32_t word)
{
    const w2v_exact_run *run = s->run;
    const size_t dim = (size_t)run->dim;
    group g = {.n = 0};
    if (run->hs) {
        for (int64_t i = run->path[word]; i < run->path[word + 1]; i++)
            add(s, &g, x, 1, run->w_nodes + (size_t)run->node[i] * dim, 1 - run->code[i]);
        train_group(s, &g, x, 1);
    }
    if (run->negative > 0) {
        add(s, &g, x, 0, run->w_out + (size_t)word * dim, 1);
        for (int32_t d = 0; d < run->negative; d++) {
            uint64_t random = next_random(s);
            int32_t slot = (int32_t)((random >> 16) % W2V_EXACT_NOISE);
            int32_t target = w2v_exact_noise_word(run->noise_last, run->noise_guide, slot);
            if (target == 0)
                target = (int32_t)(random % (uint64_t)(run->words->n - 1)) + 1;
            if (target != word)
                add(s, &g, x, 0, run->w_out + (size_t)target * dim, 0);
        }
        train_group(s, &g, x, 0);
    }
}

static void train_centre(state *s)
{
    const w2v_exact_run *run = s->run;
    const int32_t dim = run->dim, word = s->sentence[s->pos];
    const int32_t reach = run->window - (int32_t)(next_random(s) % (uint64_t)run->window);
    int32_t first = s->pos - reach < 0 ? 0 : s->pos - reach;
    int32_t last = s->pos + reach >= s->length ? s->length - 1 : s->pos + reach;
    if (first >= last) /* no context, or an empty sentence */
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

/* Reads the next sentence. Returns 1 if the text ends within it, and then its words are lost unless `tail` is
 * set; or W2V_EXACT_NO_MEMORY. */
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
        if (run->keep && run->keep[word] < (float)(next_random(s) & 0xFFFF) / 65536.0f)
            continue;
        s->sentence[s->length++] = (int32_t)word;
    }
    return 0;
}

static float learning_rate(const w2v_exact_run *run, int64_t done)
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
            run->lr = learning_rate(run, run->done);
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
