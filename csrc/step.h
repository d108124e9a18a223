/* The block step: n input rows against m target rows, all values taken from before the step.
 *
 *     score = H O^T        e = lr (label - sigmoid(score))        dH = e O        dO = e^T H
 *
 * dO is added to the target rows one by one, so that a row that occurs twice receives both updates (D11).
 * dH is added to the input rows in the same way, or written to `dh` where the inputs are not rows of a
 * matrix, as with the mean of CBOW. Gathering rows, drawing negatives, learning-rate schedules and memory are left
 * to the caller.
 *
 * The code is one template, step_body.h, compiled once per instruction set: step_avx512.c, step_avx2.c and
 * step_generic.c. w2v_step_sets lists the results. */
#ifndef W2V_STEP_H
#define W2V_STEP_H

#include <stddef.h>
#include "merge.h"
#include "loss.h"
#include "prefetch.h"

/* Rows are padded with zeros to a multiple of this many floats, which is one cache line. */
#define W2V_PAD 16

typedef struct {
    int n, m;             /* number of inputs and of targets */
    int dim;              /* floats of a row that are in use, a multiple of the set's `lanes` */
    float lr;             /* learning rate */
    float **inputs;       /* n rows (dim) */
    float **targets;      /* m rows (dim) */
    int inputs_distinct;  /* 1: no row occurs twice among the inputs; 0: it may */
    int targets_distinct; /* 1: no row occurs twice among the targets; 0: it may */
    const float *sign;    /* (m): +1 for label 1, -1 for label 0. W2V_PAD more floats are read and must
                             be finite; their values have no effect. */
    float *dh;            /* (n, dim) receives dH; or NULL: dH is added to the input rows */
    float *scratch;       /* w2v_step_scratch(n, m, dim) floats, fastest when 64-byte aligned */
    float **prefetch;     /* n_prefetch rows (dim) of the next step, prefetched during this one */
    int n_prefetch;
    w2v_loss *loss;       /* -log sigmoid(sign * score) of every pair is added */
} w2v_step;

/* Rows, scratch and all other arrays may have any address that is a multiple of sizeof(float). */
typedef void (*w2v_step_fn)(const w2v_step *);

/* *peak = max x[i]; x[i] = exp(x[i] - *peak) for i < n, n > 0. Returns the sum of the new x. */
typedef double (*w2v_exp_fn)(float *x, ptrdiff_t n, float *peak);

/* out (dim) = the mean of n rows. */
typedef void (*w2v_mean_fn)(float *const *rows, int n, int dim, float *out);

/* rows[i] += scale * delta (dim) for each i < n in turn. */
typedef void (*w2v_scatter_fn)(float *const *rows, int n, int dim, const float *delta, float scale);

/* Rows (dim) that the next operation uses. They are prefetched during this one. */
typedef struct {
    float *const *rows;
    int n;
} w2v_ahead;

/* out (dim) = the sum of weights[i] * rows[i] over n > 0 rows. */
typedef void (*w2v_compose_fn)(float *const *rows, const float *weights, int n, int dim, float *out,
                               const w2v_ahead *ahead);

/* row (dim) += scale * the sum of n > 0 changes. */
typedef void (*w2v_add_fn)(float *row, float *const *changes, int n, int dim, float scale,
                           const w2v_ahead *ahead);

/* One instruction set. */
typedef struct {
    const char *name;
    int lanes;              /* floats in a vector; a divisor of W2V_PAD */
    int (*runs_here)(void); /* whether this processor has it */
    w2v_step_fn step;
    w2v_mean_fn mean;
    w2v_scatter_fn scatter;
    w2v_compose_fn compose;
    w2v_add_fn add;
    w2v_exp_fn exp_row;
    w2v_merge_fn merge;
} w2v_step_set;

extern const w2v_step_set w2v_step_avx512, w2v_step_avx2; /* on x86-64 with GCC or Clang */
extern const w2v_step_set w2v_step_generic;               /* runs on every processor */

extern const w2v_step_set *const w2v_step_sets[]; /* best first, ends with NULL */

size_t w2v_step_scratch(int n, int m, int dim);

/* Prefetches the cache line at p, which will be read. */
static inline void w2v_prefetch_line(const void *p)
{
    W2V_PREFETCH(p, 0);
    W2V_HAS_EFFECT();
}

/* Prefetches a whole row that will be changed. */
static inline void w2v_prefetch_row(const float *row, int dim)
{
    for (int c = 0; c < dim; c += W2V_PAD)
        W2V_PREFETCH(row + c, 1);
    W2V_HAS_EFFECT();
}

#endif
