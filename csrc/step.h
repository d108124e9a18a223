/* The block step: n input rows against m target rows, everything from the values before the step.
 *
 *     score = H O^T        e = lr * (label - sigmoid(score))        dH = e O        dO = e^T H
 *
 * dO is added to the target rows one by one, so a row that is named twice receives both updates (D11).
 * dH is added to the input rows, or left in `dh` for a caller whose inputs are no rows (CBOW's mean).
 * One text (step_body.h) is compiled once per instruction set; w2v_step_sets lists them best first.
 * The step refuses: gathering, drawing, learning-rate schedules, allocation. */
#ifndef W2V_STEP_H
#define W2V_STEP_H

#include <stddef.h>
#include "merge.h"
#include "loss.h"

/* Rows are padded with zeros to a multiple of this many floats: one cache line. */
#define W2V_PAD 16

typedef struct {
    int n, m;             /* inputs, targets */
    int dim;              /* floats in a row, a multiple of W2V_PAD */
    float lr;
    float **inputs;       /* n rows (dim) */
    float **targets;      /* m rows (dim) */
    int inputs_distinct;  /* 1: no row occurs twice among the inputs; 0: it may */
    int targets_distinct; /* 1: no row occurs twice among the targets; 0: it may */
    const float *sign;    /* (m): +1 for label 1, -1 for label 0; W2V_PAD more are read, their values unused */
    float *dh;            /* (n, dim) receives dH; or NULL: dH is added to the input rows */
    float *scratch;       /* w2v_step_scratch(n, m, dim) floats, 64-byte aligned */
    float **prefetch;     /* n_prefetch rows (dim) of the next step, prefetched during this one */
    int n_prefetch;
    w2v_loss *loss;       /* -log sigmoid(sign * score) of every pair is added */
} w2v_step;

typedef void (*w2v_step_fn)(const w2v_step *);

/* *peak = max x[i]; x[i] = exp(x[i] - *peak), i < n, n > 0; returns their sum. */
typedef double (*w2v_exp_fn)(float *x, ptrdiff_t n, float *peak);

/* out (dim) = the mean of n rows; rows[i] += scale * delta, one after the other. */
typedef void (*w2v_mean_fn)(float *const *rows, int n, int dim, float *out);
typedef void (*w2v_scatter_fn)(float *const *rows, int n, int dim, const float *delta, float scale);

typedef struct {
    const char *name;
    int (*runs_here)(void);
    w2v_step_fn step;
    w2v_mean_fn mean;
    w2v_scatter_fn scatter;
    w2v_exp_fn exp_row;
    w2v_merge_fn merge;
} w2v_step_set;

extern const w2v_step_set w2v_step_sets[]; /* best first; ends with a NULL name */

size_t w2v_step_scratch(int n, int m, int dim);

/* Asks for a cache line ahead of its use; written: 1 where it will be changed. */
#if defined(__GNUC__)
#define W2V_PREFETCH(p, written) __builtin_prefetch(p, written)
#else
#define W2V_PREFETCH(p, written) (void)(p)
#endif

static inline void w2v_prefetch_line(const void *place)
{
    W2V_PREFETCH(place, 0);
}

/* All of a row's. */
static inline void w2v_prefetch_row(const float *row, int dim)
{
    for (int c = 0; c < dim; c += W2V_PAD)
        W2V_PREFETCH(row + c, 1);
}

#endif
