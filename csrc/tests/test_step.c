/* sources: step.c loss.c */
/* Every instruction set that runs here, in memory of exactly the stated size: a sanitizer sees each
 * step outside. The arithmetic is compared with a plain loop in double. */
#include <fenv.h>

#include "check.h"
#include "step.h"

#include <math.h>

enum { V = 9, MOST = 30 };

static uint32_t state = 12345;

/* In (-1, 1). */
static float noise(void)
{
    state = state * 1664525u + 1013904223u;
    return (float)(state >> 8) / 8388608.0f - 1.0f;
}

static float *floats(size_t n)
{
    void *p = NULL;
    CHECK(posix_memalign(&p, 64, n * sizeof(float) + (n == 0)) == 0);
    return p;
}

static double sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

static int near(double a, double b, double by)
{
    return fabs(a - b) <= by;
}

/* One problem: V rows on both sides, n inputs and m targets among them, row ids with repeats. */
typedef struct {
    int n, m, dim, input[MOST], target[MOST];
    float *in[V], *out[V], *sign;
    double *new_in, *new_out, *dh, loss; /* the right answer */
} problem;

static problem pose(int n, int m, int dim, int rows, float size)
{
    problem p = {.n = n, .m = m, .dim = dim};
    size_t all = (size_t)V * (size_t)dim;
    p.new_in = malloc(all * sizeof(double));
    p.new_out = malloc(all * sizeof(double));
    p.dh = calloc((size_t)n * (size_t)dim, sizeof(double));
    p.sign = calloc((size_t)m + W2V_PAD, sizeof(float));
    CHECK(p.new_in && p.new_out && p.dh && p.sign);
    for (int v = 0; v < V; v++) {
        p.in[v] = floats((size_t)dim);
        p.out[v] = floats((size_t)dim);
        for (int c = 0; c < dim; c++) {
            p.in[v][c] = size * noise();
            p.out[v][c] = size * noise();
            p.new_in[v * dim + c] = p.in[v][c];
            p.new_out[v * dim + c] = p.out[v][c];
        }
    }
    for (int i = 0; i < n; i++)
        p.input[i] = (i * 5 + 3) % rows;
    for (int j = 0; j < m; j++) {
        p.target[j] = (j * 7 + 1) % rows;
        p.sign[j] = j % 4 == 0 ? 1.0f : -1.0f;
    }
    return p;
}

static void solve(problem *p, float lr)
{
    const int dim = p->dim;
    for (int i = 0; i < p->n; i++)
        for (int j = 0; j < p->m; j++) {
            const float *h = p->in[p->input[i]], *o = p->out[p->target[j]];
            double score = 0.0;
            for (int c = 0; c < dim; c++)
                score += (double)h[c] * o[c];
            double right = p->sign[j] * score, e = lr * p->sign[j] * sigmoid(-right);
            p->loss += right > 0 ? log1p(exp(-right)) : log1p(exp(right)) - right;
            for (int c = 0; c < dim; c++) {
                p->dh[i * dim + c] += e * o[c];
                p->new_in[p->input[i] * dim + c] += e * o[c];
                p->new_out[p->target[j] * dim + c] += e * h[c];
            }
        }
}

static void drop(problem *p)
{
    for (int v = 0; v < V; v++) {
        free(p->in[v]);
        free(p->out[v]);
    }
    free(p->sign);
    free(p->new_in);
    free(p->new_out);
    free(p->dh);
}

static int no_two_equal(float *const *rows, int n)
{
    for (int i = 1; i < n; i++)
        for (int k = 0; k < i; k++)
            if (rows[i] == rows[k])
                return 0;
    return 1;
}

/* told: the step is told which rows are distinct, and need not look itself. */
static void run(const w2v_step_set *set, problem *p, float lr, float *dh, int told, w2v_loss *loss)
{
    float **h = malloc((size_t)p->n * sizeof *h), **o = malloc((size_t)p->m * sizeof *o);
    float *scratch = floats(w2v_step_scratch(p->n, p->m, p->dim));
    CHECK(h && o);
    for (int i = 0; i < p->n; i++)
        h[i] = p->in[p->input[i]];
    for (int j = 0; j < p->m; j++)
        o[j] = p->out[p->target[j]];
    w2v_step s = {.n = p->n, .m = p->m, .dim = p->dim, .lr = lr, .inputs = h, .targets = o, .sign = p->sign,
                  .inputs_distinct = told && no_two_equal(h, p->n), .targets_distinct = told && no_two_equal(o, p->m),
                  .dh = dh, .prefetch = o, .n_prefetch = p->m, .scratch = scratch, .loss = loss};
    set->step(&s);
    free(h);
    free(o);
    free(scratch);
}

static void check_step(const w2v_step_set *set, int n, int m, int dim, int rows, int keep)
{
    const float lr = 0.25f;
    problem p = pose(n, m, dim, rows, 0.5f);
    float *dh = keep ? floats((size_t)n * (size_t)dim) : NULL;
    w2v_loss loss;
    solve(&p, lr);
    w2v_loss_clear(&loss);
    run(set, &p, lr, dh, m % 3 != 0, &loss);
    w2v_loss_flush(&loss);
    CHECK(near(loss.sum, p.loss, 2e-6 * p.loss + 2e-5 * n * m));
    for (int v = 0; v < V; v++)
        for (int c = 0; c < dim; c++) {
            CHECK(near(p.out[v][c], p.new_out[v * dim + c], 2e-5));
            CHECK(keep || near(p.in[v][c], p.new_in[v * dim + c], 2e-5));
        }
    for (int k = 0; keep && k < n * dim; k++)
        CHECK(near(dh[k], p.dh[k], 2e-5));
    drop(&p);
    free(dh);
}

#define EACH_SET(set)                                             \
    for (const w2v_step_set *set = w2v_step_sets; set->name; set++) \
        if (set->runs_here())

CASE(the_last_set_runs_everywhere)
{
    const w2v_step_set *set = w2v_step_sets;
    CHECK(set->name != NULL);
    while (set[1].name)
        set++;
    CHECK(!strcmp(set->name, "generic") && set->runs_here());
    for (set = w2v_step_sets; set->name; set++)
        CHECK(set->step && set->mean && set->scatter && set->exp_row);
}

CASE(step_over_shapes)
{
    EACH_SET(set)
        for (int n = 1; n <= 11; n++)
            for (int m = 1; m <= 27; m++)
                check_step(set, n, m, 16 * (1 + (n + m) % 3), V, (n + m) % 2);
}

/* Lanes without a target, or without an input, compute numbers that nobody reads: let them be normal. */
CASE(no_lane_underflows)
{
    EACH_SET(set)
        for (int n = 1; n <= 3; n++)
            for (int m = 1; m <= 9; m++) {
                problem p = pose(n, m, 16, V, 0.5f);
                w2v_loss loss;
                w2v_loss_clear(&loss);
                feclearexcept(FE_ALL_EXCEPT);
                run(set, &p, 1e-6f, NULL, 1, &loss);
                CHECK(!fetestexcept(FE_UNDERFLOW));
                drop(&p);
            }
}

CASE(step_with_repeats)
{
    EACH_SET(set)
        for (int rows = 1; rows <= 4; rows++)
            for (int m = 1; m <= 27; m += 2)
                check_step(set, 1 + m % 10, m, 32, rows, m % 4 == 1);
}

CASE(step_over_long_rows)
{
    EACH_SET(set)
        for (int dim = 16; dim <= 416; dim += 16)
            check_step(set, 1 + dim / 16 % 10, 6, dim, V, 0);
}

/* Many steps with one running loss, half of the pairs saturated: nothing is lost or counted twice
 * where a step ends between two flushes. Beyond the reach of 6 each pair is off by at most 0.0025. */
CASE(loss_over_many_steps)
{
    EACH_SET(set)
        for (int n = 1; n <= 10; n++) {
            w2v_loss loss;
            double expected = 0.0;
            int pairs = 0;
            w2v_loss_clear(&loss);
            for (int m = 1; m <= 20; m++) {
                problem p = pose(n, m, 16, V, 2.5f);
                solve(&p, 0.0f);
                run(set, &p, 0.0f, NULL, 1, &loss);
                expected += p.loss;
                pairs += n * m;
                drop(&p);
            }
            w2v_loss_flush(&loss);
            CHECK(near(loss.sum, expected, 0.0026 * pairs));
            CHECK(expected > 2.0 * pairs);
        }
}

CASE(mean_and_scatter)
{
    EACH_SET(set)
        for (int n = 1; n <= 7; n++)
            for (int dim = 16; dim <= 80; dim += 16) {
                problem p = pose(n, 1, dim, n > 4 ? 2 : V, 1.0f);
                float **rows = malloc((size_t)n * sizeof *rows);
                float *out = floats((size_t)dim), *delta = floats((size_t)dim);
                CHECK(rows != NULL);
                for (int i = 0; i < n; i++)
                    rows[i] = p.in[p.input[i]];
                set->mean(rows, n, dim, out);
                for (int c = 0; c < dim; c++) {
                    double sum = 0.0;
                    for (int i = 0; i < n; i++)
                        sum += rows[i][c];
                    CHECK(near(out[c], sum / n, 1e-6));
                    delta[c] = noise();
                    for (int i = 0; i < n; i++) /* a row named twice receives both */
                        p.new_in[p.input[i] * dim + c] += 0.5 * delta[c];
                }
                set->scatter(rows, n, dim, delta, 0.5f);
                for (int v = 0; v < V; v++)
                    for (int c = 0; c < dim; c++)
                        CHECK(near(p.in[v][c], p.new_in[v * dim + c], 1e-6));
                free(rows);
                free(out);
                free(delta);
                drop(&p);
            }
}

CASE(exp_row_of_any_length)
{
    EACH_SET(set)
        for (int n = 1; n <= 70; n++) {
            float *x = malloc((size_t)n * sizeof *x), *y = malloc((size_t)n * sizeof *y);
            float peak = 0.0f, most = -INFINITY;
            double sum = 0.0;
            CHECK(x && y);
            for (int i = 0; i < n; i++) {
                x[i] = y[i] = 30.0f * noise() + 100.0f;
                most = x[i] > most ? x[i] : most;
            }
            double total = set->exp_row(x, n, &peak);
            CHECK(peak == most);
            for (int i = 0; i < n; i++) {
                double exact = exp((double)y[i] - most);
                CHECK(near(x[i], exact, 4e-7 * exact));
                sum += exact;
            }
            CHECK(near(total, sum, 4e-7 * sum));
            free(x);
            free(y);
        }
}
