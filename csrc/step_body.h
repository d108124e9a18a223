/* The block step of one instruction set: a template that step_avx512.c, step_avx2.c and step_generic.c
 * include after they have defined
 *
 *     W2V_LANES   floats in a vector: 16, 8, 4, or 1 for compilers without vector extensions
 *     W2V_TILE    targets processed at once, at most
 *     W2V_HELD    targets of which a register can hold the row's vector and its change, at most W2V_TILE
 *
 * It defines the static functions step, mean, scatter, exp_row and merge.
 *
 * A step has two phases. The first computes the errors e = lr (label - sigmoid(score)) of all inputs and
 * targets and stores them in the scratch memory, tile by tile. The second adds e O to the inputs and
 * e^T H to the targets, tile by tile. Functions that take a tile's size as `const int` are inlined with a
 * literal there, so that the compiler unrolls their loops over targets and keeps arrays in registers. */

#include "step_layout.h"
#include "step_vectors.h"

#define ROW_VECTORS ((W2V_ROW + W2V_LANES - 1) / W2V_LANES) /* vectors that one input's errors fill */
#define PAIR_VECTORS (2 * W2V_ROW / W2V_LANES)              /* vectors that two inputs' errors fill */

/* The number of probabilities that one or two inputs multiply into one lane of the loss. A lane without a
 * target multiplies by 1, which is not counted. */
#define ROW_FACTORS ((W2V_TILE + W2V_LANES - 1) / W2V_LANES)
#define PAIR_FACTORS (W2V_LANES > W2V_ROW ? ROW_FACTORS : 2 * ROW_FACTORS)

_Static_assert(W2V_TILE >= W2V_LEAST_TILE, "the scratch memory is too small for smaller tiles");
_Static_assert(W2V_TILE <= W2V_ROW, "a row has an element for every target of a tile");
_Static_assert(W2V_HELD <= W2V_TILE && W2V_TILE < 2 * W2V_HELD, "some targets are held");
_Static_assert(W2V_PAD % W2V_LANES == 0, "a padded row is a whole number of vectors");
_Static_assert(2 * W2V_ROW % W2V_LANES == 0, "two rows of errors are a whole number of vectors");
_Static_assert(W2V_LANES <= 2 * W2V_ROW, "a vector holds the errors of at most two inputs");
_Static_assert(W2V_LANES <= W2V_LOSS_LANES, "every lane has its product in the loss");
_Static_assert(PAIR_FACTORS <= W2V_LOSS_FACTORS, "two inputs' factors must not underflow the product");

/* ---- first phase: errors ------------------------------------------------------------------------ */

/* Saturates lanes without a target or an input, so that they add neither error nor loss. Two of these
 * may add up: exp(-60) times a small learning rate is still a normal float, and subnormal ones would
 * cost some processors a hundred cycles each. */
#define UNUSED (-30.0f)
static const float lane_bias[3 * W2V_ROW] = {
    0,      0,      0,      0,      0,      0,      0,      0,
    UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED,
    UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED,
};

/* The constants that turn the scores of two inputs into errors. */
typedef struct {
    v_float sign[PAIR_VECTORS];
    v_float signed_lr[PAIR_VECTORS]; /* sign * learning rate */
    v_float bias[PAIR_VECTORS];      /* 0, or UNUSED */
} labels;

/* Vector v of the W2V_ROW floats at `row` written twice in succession. */
W2V_INLINE v_float repeated_row(const float *row, int v)
{
#if W2V_LANES == 16
    (void)v;
    v_float x = v_load(row);
    return W2V_SHUFFLE(x, x, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7);
#else
    return v_load(row + v * W2V_LANES % W2V_ROW);
#endif
}

/* Writes the scores of n inputs (1 or 2) and m targets to a row of `scores` for each input. Prefetches two
 * more rows on the way. */
W2V_INLINE void compute_scores(const int n, const int m, float *const *inputs, float *const *targets,
                               int dim, float *const *prefetch, float *scores)
{
    const float *input0 = inputs[0], *input1 = inputs[n - 1];
    v_float sum[2 * W2V_ROW];
    const int part = n == 2 && m > W2V_HELD ? (m + 1) / 2 : m; /* targets whose sums fit into registers */
    W2V_UNROLL
    for (int j = 0; j < 2 * W2V_ROW; j++)
        sum[j] = v_splat(0.0f);
    W2V_UNROLL
    for (int first = 0; first < m; first += part)
        for (int c = 0; c < dim; c += W2V_LANES) {
            v_float x0 = v_load(input0 + c), x1 = v_load(input1 + c);
            if (c % W2V_PAD == 0) {
                W2V_PREFETCH(prefetch[first > 0] + c, 1);
                if (part == m)
                    W2V_PREFETCH(prefetch[1] + c, 1);
            }
            W2V_UNROLL
            for (int k = 0; k < part; k++) {
                const int j = first + k;
                if (j == m) /* the second part of an odd number */
                    continue;
                v_float y = v_load(targets[j] + c);
                W2V_IN_REGISTER(y);
                sum[j] += x0 * y;
                if (n == 2)
                    sum[W2V_ROW + j] += x1 * y;
            }
        }
    const int vectors = n == 2 ? PAIR_VECTORS : ROW_VECTORS;
    W2V_UNROLL
    for (int v = 0; v < vectors; v++) {
        const v_float *part = sum + v * W2V_LANES;
        v_store(scores + v * W2V_LANES, n == 2 ? v_sums(part) : v_row_sums(part));
    }
}

/* Replaces scores by errors, lr sign sigmoid(-sign score). Returns the product times all probabilities
 * sigmoid(sign score). A probability below W2V_SIGMOID_LEAST is replaced by W2V_SIGMOID_LEAST, and the
 * remaining loss is added to *excess. */
W2V_INLINE v_float scores_to_errors(const int vectors, const labels *l, v_float product,
                                    v_float *excess, float *scores)
{
    W2V_UNROLL
    for (int v = 0; v < vectors; v++) {
        v_float wrong = l->bias[v] - v_load(scores + v * W2V_LANES) * l->sign[v];
        v_float t = v_exp(wrong);
        v_float p = 1.0f / (1.0f + t); /* sigmoid(-wrong) */
        v_store(scores + v * W2V_LANES, (l->signed_lr[v] * t) * p);
        product *= v_max(p, v_splat(W2V_SIGMOID_LEAST));
        *excess += v_max(wrong - W2V_SIGMOID_REACH, v_splat(0.0f));
    }
    return product;
}

/* normalize() of loss.c for products in a register. */
W2V_INLINE v_float normalized(v_float product, w2v_loss *loss)
{
    v_int bits = v_bits(product), exponent;
    memcpy(&exponent, loss->exponent, sizeof exponent);
    exponent += (bits >> 23) - 127;
    memcpy(loss->exponent, &exponent, sizeof exponent);
    loss->factors = 0;
    loss->normalizations++;
    return v_from_bits((bits & 0x7fffff) | 0x3f800000);
}

/* Writes the errors of all inputs and one tile of m targets, whose signs are at `sign`.
 *
 * All scores are computed before the first sigmoid: one sigmoid is a long dependency chain, and those of
 * several inputs overlap. With each pair of inputs, two rows of the next step are prefetched, spread over
 * the sums; issued in one burst they would exhaust the line-fill buffers and stall. *prefetched counts
 * these rows. */
W2V_INLINE void compute_errors(const int m, const w2v_step *s, float *const *targets,
                               const float *sign, float *errors, int *prefetched)
{
    w2v_loss *loss = s->loss;
    int i = 0;
    for (; i + 1 < s->n; i += 2) {
        float *const *prefetch = s->inputs + i;
        if (*prefetched + 1 < s->n_prefetch) {
            prefetch = s->prefetch + *prefetched;
            *prefetched += 2;
        }
        compute_scores(2, m, s->inputs + i, targets, s->dim, prefetch, errors + i * W2V_ROW);
    }
    if (i < s->n) {
        float *prefetch[2] = {s->inputs[i], s->inputs[i]};
        if (*prefetched < s->n_prefetch)
            prefetch[0] = s->prefetch[(*prefetched)++];
        compute_scores(1, m, s->inputs + i, targets, s->dim, prefetch, errors + i * W2V_ROW);
    }

    labels l;
    for (int v = 0; v < PAIR_VECTORS; v++) {
        l.sign[v] = repeated_row(sign, v);
        l.signed_lr[v] = l.sign[v] * s->lr;
        l.bias[v] = repeated_row(lane_bias + W2V_ROW - m, v);
    }
    v_float product = v_load(loss->product), excess = v_load(loss->excess);
    for (i = 0; i + 1 < s->n; i += 2) {
        product = scores_to_errors(PAIR_VECTORS, &l, product, &excess, errors + i * W2V_ROW);
        loss->factors += PAIR_FACTORS;
        if (loss->factors > W2V_LOSS_FACTORS - PAIR_FACTORS)
            product = normalized(product, loss);
    }
    if (i < s->n) {
#if W2V_LANES > W2V_ROW
        l.bias[0] += v_load(lane_bias); /* the upper lanes have no input */
#endif
        product = scores_to_errors(ROW_VECTORS, &l, product, &excess, errors + i * W2V_ROW);
        loss->factors += ROW_FACTORS;
    }
    if (loss->factors > W2V_LOSS_FACTORS - PAIR_FACTORS)
        product = normalized(product, loss);
    v_store(loss->product, product);
    v_store(loss->excess, excess);
    if (loss->normalizations >= W2V_LOSS_NORMALIZATIONS)
        w2v_loss_reduce(loss);
}

/* ---- second phase: updates ---------------------------------------------------------------------- */

/* What one pass over a tile updates. */
enum pass {
    INPUTS_AND_TARGETS, /* dH goes straight to the inputs */
    BUFFER_AND_TARGETS, /* dH goes to a buffer */
    BUFFER,             /* dH goes to a buffer, the targets stay as they are */
    TARGETS,            /* the inputs stay as they are */
};

typedef struct {
    const w2v_step *s;
    float *const *targets; /* of this tile */
    const float *errors;   /* (n, W2V_ROW) */
    float *buffer;         /* (n, dim) for dH, where the pass has one */
    int first;             /* the first tile writes the buffer, the others add to it */
    int finish;            /* the buffer is complete with this tile and is added to the inputs */
    int prefetched;        /* rows of the next step that are prefetched already */
} tile;

/* Prefetches column c of those rows of the next step that compute_errors has not prefetched. */
W2V_INLINE void prefetch_rest(const w2v_step *s, int prefetched, int c)
{
    if (c % W2V_PAD == 0)
        for (int k = prefetched; k < s->n_prefetch; k++)
            W2V_PREFETCH(s->prefetch[k] + c, 1);
}

/* One pass over one tile of m targets. It proceeds by vectors of columns: all old values are read before a
 * target is written. Targets are written one by one, so that a tile may contain a row twice. */
W2V_INLINE void update_tile(const int m, const enum pass pass, const tile *t)
{
    const int n = t->s->n, dim = t->s->dim;
    const int held = m <= W2V_HELD ? m : 2 * W2V_HELD - m; /* the other targets are loaded for each input */
    float *const *inputs = t->s->inputs;
    float *target[W2V_ROW]; /* kept in registers: the array itself might be changed by a store */
    W2V_UNROLL
    for (int j = 0; j < m; j++)
        target[j] = t->targets[j];
    for (int c = 0; c < dim; c += W2V_LANES) {
        v_float y[W2V_ROW], dy[W2V_ROW];
        prefetch_rest(t->s, t->prefetched, c);
        W2V_UNROLL
        for (int j = 0; j < m; j++) {
            if (j < held)
                y[j] = v_load(target[j] + c);
            dy[j] = v_splat(0.0f);
        }
        const float *e = t->errors;
        for (int i = 0; i < n; i++, e += W2V_ROW) {
            v_float x = v_load(inputs[i] + c), dx = v_splat(0.0f);
            W2V_UNROLL
            for (int j = 0; j < m; j++) {
                v_float error = v_splat(e[j]);
                W2V_IN_REGISTER(error);
                if (pass != TARGETS)
                    dx += error * (j < held ? y[j] : v_load(target[j] + c));
                if (pass != BUFFER)
                    dy[j] += error * x;
            }
            if (pass == TARGETS)
                continue;
            if (pass == INPUTS_AND_TARGETS) {
                v_store(inputs[i] + c, x + dx);
                continue;
            }
            float *buffer = t->buffer + (ptrdiff_t)i * dim + c;
            if (t->first)
                v_store(buffer, dx);
            else if (t->finish)
                v_store(inputs[i] + c, v_load(buffer) + (x + dx));
            else
                v_store(buffer, v_load(buffer) + dx);
        }
        if (pass != BUFFER) {
            W2V_UNROLL
            for (int j = 0; j < m; j++)
                v_store(target[j] + c, v_load(target[j] + c) + dy[j]);
        }
    }
}

/* The same for a single input whose dH goes to s->dh, as in CBOW, which needs no loop over inputs. */
W2V_INLINE void update_single(const int m, const w2v_step *s, const float *errors, int prefetched)
{
    const float *input = s->inputs[0];
    float *dh = s->dh, *target[W2V_ROW];
    v_float error[W2V_ROW];
    W2V_UNROLL
    for (int j = 0; j < m; j++) {
        target[j] = s->targets[j];
        error[j] = v_splat(errors[j]);
        W2V_IN_REGISTER(error[j]);
    }
    for (int c = 0; c < s->dim; c += W2V_LANES) {
        v_float x = v_load(input + c), dx = v_splat(0.0f);
        prefetch_rest(s, prefetched, c);
        W2V_UNROLL
        for (int j = 0; j < m; j++)
            dx += error[j] * v_load(target[j] + c);
        W2V_UNROLL
        for (int j = 0; j < m; j++) /* loaded again, since a target may occur twice */
            v_store(target[j] + c, v_load(target[j] + c) + error[j] * x);
        v_store(dh + c, dx);
    }
}

/* call(m) with a literal m, for m = 1 to W2V_TILE. */
#if W2V_TILE > 6
#define W2V_MORE_CASES(call) case 7: call(7); break; case 8: call(8); break;
#else
#define W2V_MORE_CASES(call)
#endif
#define W2V_WITH_LITERAL(m, call)                                               \
    switch (m) {                                                                \
    case 1: call(1); break; case 2: call(2); break; case 3: call(3); break;     \
    case 4: call(4); break; case 5: call(5); break; case 6: call(6); break;     \
    W2V_MORE_CASES(call)                                                        \
    }

/* Two tiles of about the same size take less time than a full and a small one. */
static int tile_size(const w2v_step *s, int first_target)
{
    const int rest = s->m - first_target;
    return rest <= W2V_TILE ? rest : rest <= 2 * W2V_TILE ? (rest + 1) / 2 : W2V_TILE;
}

/* One pass over all tiles. finish: the last one adds the buffer to the inputs. */
W2V_INLINE void update_tiles(const w2v_step *s, const enum pass pass, float *buffer, int finish,
                             int prefetched)
{
    tile t = {s, s->targets, s->scratch, buffer, 1, 0, prefetched};
    for (int j = 0, size; j < s->m; j += size) {
        size = tile_size(s, j);
        t.targets = s->targets + j;
        t.first = j == 0;
        t.finish = finish && j + size == s->m;
#define UPDATE_TILE(m) update_tile(m, pass, &t)
        W2V_WITH_LITERAL(size, UPDATE_TILE)
        t.errors += w2v_tile_errors(s->n);
        t.prefetched = s->n_prefetch;
    }
}

/* Each pass is a separate function, because `step` is 2 % slower if they are inlined. */
#define W2V_DEFINE_PASS(name, pass)                                                                 \
    static W2V_NOINLINE void name(const w2v_step *s, float *buffer, int finish, int prefetched)     \
    {                                                                                               \
        update_tiles(s, pass, buffer, finish, prefetched);                                          \
    }
W2V_DEFINE_PASS(update_inputs_and_targets, INPUTS_AND_TARGETS)
W2V_DEFINE_PASS(update_buffer_and_targets, BUFFER_AND_TARGETS)
W2V_DEFINE_PASS(update_buffer, BUFFER)
W2V_DEFINE_PASS(update_targets, TARGETS)

static int all_distinct(int n, float *const *rows)
{
    for (int i = 1; i < n; i++)
        for (int k = 0; k < i; k++)
            if (rows[i] == rows[k])
                return 0;
    return 1;
}

/* All values must be those from before the step, although rows may occur twice and every tile needs the old
 * inputs. The passes that achieve this with the least work:
 *
 *  dh given   m <= W2V_TILE   inputs      targets     passes
 *                             distinct    distinct
 *  n = 1      yes             -           -           update_single
 *  -          no              -           no          BUFFER over all tiles, then TARGETS over all tiles
 *  no         yes             yes         -           INPUTS_AND_TARGETS
 *  no         no              yes         yes         BUFFER_AND_TARGETS, the last tile adds the buffer
 *  otherwise                                          BUFFER_AND_TARGETS
 *
 * The buffer is dh where it is given. Otherwise it is a part of the scratch memory, and is added to the inputs
 * row by row at the end, unless the last tile has done so. */
static void step(const w2v_step *s)
{
    const int n = s->n, m = s->m, dim = s->dim, one_tile = m <= W2V_TILE;
    const int targets_distinct = one_tile || s->targets_distinct || all_distinct(m, s->targets);
    const int in_place = !s->dh && one_tile && s->inputs_distinct;
    const int finish = !s->dh && !one_tile && s->inputs_distinct && targets_distinct;
    float *buffer = s->dh ? s->dh : s->scratch + w2v_step_errors(n, m), *errors = s->scratch;
    int prefetched = 0;

    for (int j = 0, size; j < m; j += size, errors += w2v_tile_errors(n)) {
        size = tile_size(s, j);
#define COMPUTE_ERRORS(m) compute_errors(m, s, s->targets + j, s->sign + j, errors, &prefetched)
        W2V_WITH_LITERAL(size, COMPUTE_ERRORS)
    }

    if (s->dh && n == 1 && one_tile) {
#define UPDATE_SINGLE(m) update_single(m, s, s->scratch, prefetched)
        W2V_WITH_LITERAL(m, UPDATE_SINGLE)
    } else if (!targets_distinct) {
        update_buffer(s, buffer, 0, prefetched);
        update_targets(s, NULL, 0, s->n_prefetch);
    } else if (in_place) {
        update_inputs_and_targets(s, NULL, 0, prefetched);
    } else {
        update_buffer_and_targets(s, buffer, finish, prefetched);
    }

    if (!s->dh && !in_place && !finish)
        for (int i = 0; i < n; i++)
            for (int c = 0; c < dim; c += W2V_LANES)
                v_store(s->inputs[i] + c,
                        v_load(s->inputs[i] + c) + v_load(buffer + (ptrdiff_t)i * dim + c));
}

#include "step_rows.h"
#include "merge_body.h"
