/* The block step's one text. No guard: step.c includes it once per instruction set, with
 * W2V_NAME(x) the set's own name for x, W2V_LANES floats in a vector (1: no vector extensions) and
 * W2V_TILE (at most W2V_ROW) targets held in registers at once. A tile's errors e stand in rows of
 * W2V_ROW, so that the targets' signs are the same few registers for every input. */

#include "step_vectors.h"

#define scores W2V_NAME(scores)
#define dots W2V_NAME(dots)
#define errors W2V_NAME(errors)
#define fold W2V_NAME(fold)
#define signs W2V_NAME(signs)
#define update W2V_NAME(update)
#define update_one W2V_NAME(update_one)
#define ask_rest W2V_NAME(ask_rest)
#define repeated W2V_NAME(repeated)

#define PARTS ((W2V_ROW + W2V_LANES - 1) / W2V_LANES) /* vectors in a row of e */
#define PAIRS (2 * W2V_ROW / W2V_LANES)               /* vectors in two rows */

/* What turns scores into errors: two rows' signs, and a bias that puts lanes without a target (or,
 * for the last input alone, without an input) beyond doubt: no error, no loss. */
typedef struct {
    vf sign[PAIRS], bias[PAIRS], step[PAIRS]; /* step: the sign, times the learning rate */
} signs;

/* The same row of signs for both inputs of a pair. */
W2V_INLINE vf repeated(const float *sign, int part)
{
#if W2V_LANES == 16
    (void)part;
    vf row = load(sign);
    return W2V_SHUFFLE(row, row, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7);
#else
    return load(sign + part * W2V_LANES % W2V_ROW);
#endif
}

/* The scores of k inputs, 1 or 2, with M targets: a row of e for each input. */
W2V_INLINE void scores(const int k, const int M, float *const *h, float *const *o, int dim,
                       float *const *ahead, float *e)
{
    const vf none = {0};
    vf sum[2 * W2V_ROW];
    const float *h0 = h[0], *h1 = h[k - 1];
    W2V_UNROLL
    for (int j = 0; j < 2 * W2V_ROW; j++)
        sum[j] = none;
    for (int c = 0; c < dim; c += W2V_LANES) {
        vf x0 = load(h0 + c), x1 = load(h1 + c);
        if (c % W2V_PAD == 0) {
            W2V_PREFETCH(ahead[0] + c, 1);
            W2V_PREFETCH(ahead[1] + c, 1);
        }
        W2V_UNROLL
        for (int j = 0; j < M; j++) {
            vf y = load(o[j] + c);
            W2V_IN_REGISTER(y);
            sum[j] += x0 * y;
            if (k == 2)
                sum[W2V_ROW + j] += x1 * y;
        }
    }
    const int vectors = k == 2 ? PAIRS : PARTS;
    W2V_UNROLL
    for (int v = 0; v < vectors; v++) {
        const vf *part = sum + v * W2V_LANES;
        store(e + v * W2V_LANES, k == 2 ? reduce(part) : reduce_row(part));
    }
}

/* Scores become errors, e = lr sign sigmoid(-sign score). The product of the probabilities grows, and
 * *beyond what they lose by being cut off at sigmoid(-6). */
W2V_INLINE vf errors(const int vectors, const signs *s, vf product, vf *beyond, float *e)
{
    const vf none = {0}, least = splat(2.4726231e-3f);
    W2V_UNROLL
    for (int v = 0; v < vectors; v++) {
        vf wrong = s->bias[v] - load(e + v * W2V_LANES) * s->sign[v];
        vf t = vexp(wrong);
        vf p = 1.0f / (1.0f + t);
        store(e + v * W2V_LANES, (s->step[v] * t) * p);
        product *= higher(p, least);
        *beyond += higher(wrong - W2V_SIGMOID_REACH, none);
    }
    return product;
}

/* As loss.c's, with the products in a register; it does not flush. */
W2V_INLINE vf fold(vf product, w2v_loss *loss)
{
    vi taken = bits(product), power;
    memcpy(&power, loss->power, sizeof power);
    power += (taken >> 23) - 127;
    memcpy(loss->power, &power, sizeof power);
    loss->factors = 0;
    loss->folds++;
    return floats((taken & 0x7fffff) | 0x3f800000);
}

/* The errors of all inputs with one tile of M targets, of which sign holds a row. All scores come first:
 * one input's sigmoid is a long chain, and the chains of several overlap. With each pair of inputs two of the
 * rows ahead are asked for, line by line between the sums: in one burst the requests would fill the queue of
 * misses and wait. *asked counts them. */
W2V_INLINE void dots(const int M, const w2v_step *s, float *const *o, const float *sign, float *e,
                     int *asked)
{
    signs at;
    int i = 0;
    for (; i + 1 < s->n; i += 2) {
        float *const *ask = s->inputs + i;
        if (*asked + 1 < s->n_prefetch) {
            ask = s->prefetch + *asked;
            *asked += 2;
        }
        scores(2, M, s->inputs + i, o, s->dim, ask, e + i * W2V_ROW);
    }
    if (i < s->n) {
        float *ask[2] = {s->inputs[i], s->inputs[i]};
        if (*asked < s->n_prefetch)
            ask[0] = s->prefetch[(*asked)++];
        scores(1, M, s->inputs + i, o, s->dim, ask, e + i * W2V_ROW);
    }
    for (int v = 0; v < PAIRS; v++) {
        at.sign[v] = repeated(sign, v);
        at.bias[v] = load(unused[M] + v * W2V_LANES);
        at.step[v] = at.sign[v] * s->lr;
    }
    vf product = load(s->loss->product), beyond = load(s->loss->beyond);
    for (i = 0; i + 1 < s->n; i += 2) {
        product = errors(PAIRS, &at, product, &beyond, e + i * W2V_ROW);
        s->loss->factors += PAIRS;
        if (s->loss->factors > W2V_LOSS_FACTORS - PAIRS)
            product = fold(product, s->loss);
    }
    if (i < s->n) {
#if W2V_LANES > W2V_ROW
        at.bias[0] += load(second);
#endif
        product = errors(PARTS, &at, product, &beyond, e + i * W2V_ROW);
        s->loss->factors += PARTS;
    }
    if (s->loss->factors > W2V_LOSS_FACTORS - PAIRS)
        product = fold(product, s->loss);
    store(s->loss->product, product);
    store(s->loss->beyond, beyond);
    if (s->loss->folds >= W2V_LOSS_FOLDS)
        w2v_loss_flush(s->loss);
}

/* Column c of the rows ahead that no sum has asked for. */
W2V_INLINE void ask_rest(const w2v_step *s, int asked, int c)
{
    if (c % W2V_PAD == 0)
        for (; asked < s->n_prefetch; asked++)
            W2V_PREFETCH(s->prefetch[asked] + c, 1);
}

/* The update of one tile of M targets, of the inputs, of the targets, or of both at once: e (n, M).
 * sides & IN_PLACE: of h; else of dh (n, dim), written (first tile) or added to. */
W2V_INLINE void update(const int M, const int sides, const w2v_step *s, float *const *o,
                       const float *e, float *dh, int first, int last, int asked)
{
    const int n = s->n, dim = s->dim;
    float *const *h = s->inputs, *target[W2V_MAX_TILE]; /* in registers: a store might change the array */
    W2V_UNROLL
    for (int j = 0; j < M; j++)
        target[j] = o[j];
    for (int c = 0; c < dim; c += W2V_LANES) {
        vf y[W2V_MAX_TILE], dy[W2V_MAX_TILE];
        ask_rest(s, asked, c);
        W2V_UNROLL
        for (int j = 0; j < M; j++) {
            y[j] = load(target[j] + c);
            dy[j] = (vf){0};
        }
        const float *ei = e;
        for (int i = 0; i < n; i++, ei += W2V_ROW) {
            vf x = load(h[i] + c), dx = {0};
            W2V_UNROLL
            for (int j = 0; j < M; j++) {
                vf error = splat(ei[j]);
                W2V_IN_REGISTER(error);
                if (sides & INPUTS)
                    dx += error * y[j];
                if (sides & TARGETS)
                    dy[j] += error * x;
            }
            if (!(sides & INPUTS))
                continue;
            if (sides & IN_PLACE)
                store(h[i] + c, x + dx);
            else if (first)
                store(dh + (ptrdiff_t)i * dim + c, dx);
            else
                store(last ? h[i] + c : dh + (ptrdiff_t)i * dim + c,
                      load(dh + (ptrdiff_t)i * dim + c) + (last ? x + dx : dx));
        }
        if (sides & TARGETS) {
            W2V_UNROLL
            for (int j = 0; j < M; j++)
                store(target[j] + c, load(target[j] + c) + dy[j]);
        }
    }
}

/* The same for a single input whose update goes to dh: nothing to sum up, nothing to step through. */
W2V_INLINE void update_one(const int M, const w2v_step *s, const float *e, int asked)
{
    const float *h = s->inputs[0];
    float *dh = s->dh, *o[W2V_MAX_TILE];
    vf error[W2V_MAX_TILE];
    W2V_UNROLL
    for (int j = 0; j < M; j++) {
        o[j] = s->targets[j];
        error[j] = splat(e[j]);
        W2V_IN_REGISTER(error[j]);
    }
    for (int c = 0; c < s->dim; c += W2V_LANES) {
        vf x = load(h + c), dx = {0};
        ask_rest(s, asked, c);
        W2V_UNROLL
        for (int j = 0; j < M; j++)
            dx += error[j] * load(o[j] + c);
        W2V_UNROLL
        for (int j = 0; j < M; j++) /* loaded again: a row may be named twice */
            store(o[j] + c, load(o[j] + c) + error[j] * x);
        store(dh + c, dx);
    }
}

#define W2V_CASES(call)                      \
    switch (M) {                             \
    case 1: call(1); break;                  \
    case 2: call(2); break;                  \
    case 3: call(3); break;                  \
    case 4: call(4); break;                  \
    case 5: call(5); break;                  \
    case 6: call(6); break;                  \
    W2V_MORE_CASES(call)                     \
    }
#if W2V_TILE == 8
#define W2V_MORE_CASES(call)                 \
    case 7: call(7); break;                  \
    case 8: call(8); break;
#else
#define W2V_MORE_CASES(call)
#endif

static void W2V_NAME(update_tiles)(const w2v_step *s, const int sides, const float *e, float *dh,
                                   int finish, int asked)
{
    for (int j = 0; j < s->m; j += W2V_TILE, asked = s->n_prefetch) {
        const int M = s->m - j < W2V_TILE ? s->m - j : W2V_TILE;
        switch (sides) {
#define W2V_UPDATE(c) update(c, INPUTS, s, s->targets + j, e, dh, j == 0, finish && j + W2V_TILE >= s->m, asked)
        case INPUTS: W2V_CASES(W2V_UPDATE) break;
#undef W2V_UPDATE
#define W2V_UPDATE(c) update(c, TARGETS, s, s->targets + j, e, dh, 0, 0, asked)
        case TARGETS: W2V_CASES(W2V_UPDATE) break;
#undef W2V_UPDATE
#define W2V_UPDATE(c) update(c, BOTH | IN_PLACE, s, s->targets + j, e, dh, 0, 0, asked)
        case BOTH | IN_PLACE: W2V_CASES(W2V_UPDATE) break;
#undef W2V_UPDATE
#define W2V_UPDATE(c) update(c, BOTH, s, s->targets + j, e, dh, j == 0, finish && j + W2V_TILE >= s->m, asked)
        default: W2V_CASES(W2V_UPDATE)
#undef W2V_UPDATE
        }
        e += tile_room(s->n);
    }
}

static void W2V_NAME(step)(const w2v_step *s)
{
    const int n = s->n, m = s->m, dim = s->dim;
    float *e = s->scratch, *dh = s->dh; /* e: tile after tile */
    const int apart = m <= W2V_TILE || s->targets_distinct || distinct(m, s->targets);
    const int in_place = !dh && m <= W2V_TILE && s->inputs_distinct;
    const int finish = !dh && !in_place && s->inputs_distinct && apart; /* the last tile adds dh to h */
    if (!dh && !in_place)
        dh = e + room(n, m);

    int asked = 0;
    for (int j = 0, t = 0; j < m; j += W2V_TILE, t++) {
        const int M = m - j < W2V_TILE ? m - j : W2V_TILE;
#define W2V_DOTS(c) dots(c, s, s->targets + j, s->sign + j, e + t * tile_room(n), &asked)
        W2V_CASES(W2V_DOTS)
    }
    if (n == 1 && s->dh && m <= W2V_TILE) {
        const int M = m;
#define W2V_UPDATE(c) update_one(c, s, e, asked)
        W2V_CASES(W2V_UPDATE)
#undef W2V_UPDATE
    } else if (apart) {
        W2V_NAME(update_tiles)(s, in_place ? BOTH | IN_PLACE : BOTH, e, dh, finish, asked);
    } else {
        W2V_NAME(update_tiles)(s, INPUTS, e, dh, finish, asked);
        W2V_NAME(update_tiles)(s, TARGETS, e, dh, 0, s->n_prefetch);
    }
    if (!s->dh && !in_place && !finish)
        for (int i = 0; i < n; i++)
            for (int c = 0; c < dim; c += W2V_LANES)
                store(s->inputs[i] + c, load(s->inputs[i] + c) + load(dh + (ptrdiff_t)i * dim + c));
}

#include "step_rows.h"
#include "merge_body.h"

#undef PARTS
#undef PAIRS
#undef W2V_CASES
#undef W2V_MORE_CASES
#undef W2V_DOTS
#undef W2V_UPDATE
#undef scores
#undef dots
#undef errors
#undef fold
#undef signs
#undef update
#undef update_one
#undef ask_rest
#undef repeated
#undef vf
#undef vi
#undef load
#undef store
#undef vu
#undef bits
#undef floats
#undef select
#undef higher
#undef lower
#undef splat
#undef vexp
#undef reduce
#undef reduce_row
