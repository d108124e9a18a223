/* sources: step.c step_avx512.c step_avx2.c step_generic.c loss.c */
/* The block step of every instruction set that runs on this processor, compared with a plain loop in double.
 * All arrays have exactly the stated size, so that the sanitizers detect every access outside them.
 *
 * With -DSTEP_SET=w2v_step_name the cases run on that instruction set alone. */
#include <fenv.h>

#include "check.h"
#include "step.h"

#include <math.h>

enum { V = 9, MAX_ROWS = 30 };

#if defined(STEP_SET)
extern const w2v_step_set STEP_SET;
static const w2v_step_set *const sets[] = {&STEP_SET, NULL};
#else
#define sets w2v_step_sets
#endif

#define EACH_SET(set)                                                               \
    for (const w2v_step_set *const *each = sets, *set; (set = *each) != NULL; each++) \
        if (set->runs_here())

static uint32_t random_state = 12345;

/* Uniform in (-1, 1). */
static float draw(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (float)(random_state >> 8) / 8388608.0f - 1.0f;
}

/* n floats, 64-byte aligned but for `offset` floats; free_floats(p, offset) frees them. */
static float *new_floats(size_t n, size_t offset)
{
    void *p = NULL;
    CHECK(posix_memalign(&p, 64, (n + offset) * sizeof(float) + (n + offset == 0)) == 0);
    return (float *)p + offset;
}

static void free_floats(float *p, size_t offset)
{
    free(p - offset);
}

static float *floats(size_t n)
{
    return new_floats(n, 0);
}

static double sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

static int near(double a, double b, double by)
{
    return fabs(a - b) <= by;
}

/* V input rows and V output rows, n inputs and m targets among them, and the expected results. */
typedef struct {
    int n, m, dim, input[MAX_ROWS], target[MAX_ROWS];
    float *in[V], *out[V], *sign;
    double *new_in, *new_out, *dh, loss;
} problem;

/* Rows of random numbers in (-size, size); inputs and targets are taken from the first `rows` rows, so that
 * they repeat where there are more of them. */
static problem new_problem(int n, int m, int dim, int rows, float size)
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
            p.in[v][c] = size * draw();
            p.out[v][c] = size * draw();
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

/* Computes the expected results. */
static void solve(problem *p, float lr)
{
    const int dim = p->dim;
    for (int i = 0; i < p->n; i++)
        for (int j = 0; j < p->m; j++) {
            const float *h = p->in[p->input[i]], *o = p->out[p->target[j]];
            double score = 0.0;
            for (int c = 0; c < dim; c++)
                score += (double)h[c] * o[c];
            double margin = p->sign[j] * score, e = lr * p->sign[j] * sigmoid(-margin);
            p->loss += margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin;
            for (int c = 0; c < dim; c++) {
                p->dh[i * dim + c] += e * o[c];
                p->new_in[p->input[i] * dim + c] += e * o[c];
                p->new_out[p->target[j] * dim + c] += e * h[c];
            }
        }
}

static void free_problem(problem *p)
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

static int all_different(float *const *rows, int n)
{
    for (int i = 1; i < n; i++)
        for (int k = 0; k < i; k++)
            if (rows[i] == rows[k])
                return 0;
    return 1;
}

/* declare: whether the step is told which rows are distinct. The scratch memory begins `offset` floats
 * after a 64-byte boundary. */
static void run(const w2v_step_set *set, problem *p, float lr, float *dh, int declare, size_t offset,
                w2v_loss *loss)
{
    float **inputs = malloc((size_t)p->n * sizeof *inputs);
    float **targets = malloc((size_t)p->m * sizeof *targets);
    float *scratch = new_floats(w2v_step_scratch(p->n, p->m, p->dim), offset);
    CHECK(inputs && targets);
    for (int i = 0; i < p->n; i++)
        inputs[i] = p->in[p->input[i]];
    for (int j = 0; j < p->m; j++)
        targets[j] = p->out[p->target[j]];
    w2v_step s = {
        .n = p->n,
        .m = p->m,
        .dim = p->dim,
        .lr = lr,
        .inputs = inputs,
        .targets = targets,
        .inputs_distinct = declare && all_different(inputs, p->n),
        .targets_distinct = declare && all_different(targets, p->m),
        .sign = p->sign,
        .dh = dh,
        .scratch = scratch,
        .prefetch = targets,
        .n_prefetch = p->m,
        .loss = loss,
    };
    set->step(&s);
    free(inputs);
    free(targets);
    free_floats(scratch, offset);
}

/* with_dh: the step writes dH to an array and leaves the inputs alone. */
static void check_step(const w2v_step_set *set, int n, int m, int dim, int rows, int with_dh,
                       size_t offset)
{
    const float lr = 0.25f;
    problem p = new_problem(n, m, dim, rows, 0.5f);
    float *dh = with_dh ? floats((size_t)n * (size_t)dim) : NULL;
    w2v_loss loss;
    solve(&p, lr);
    w2v_loss_clear(&loss);
    run(set, &p, lr, dh, m % 3 != 0, offset, &loss);
    w2v_loss_reduce(&loss);
    CHECK(near(loss.sum, p.loss, 2e-6 * p.loss + 2e-5 * n * m));
    for (int v = 0; v < V; v++)
        for (int c = 0; c < dim; c++) {
            CHECK(near(p.out[v][c], p.new_out[v * dim + c], 2e-5));
            CHECK(with_dh || near(p.in[v][c], p.new_in[v * dim + c], 2e-5));
        }
    for (int k = 0; with_dh && k < n * dim; k++)
        CHECK(near(dh[k], p.dh[k], 2e-5));
    free_problem(&p);
    free(dh);
}

CASE(the_last_set_runs_everywhere)
{
    const w2v_step_set *const *each = w2v_step_sets;
    CHECK(*each != NULL);
    while (each[1])
        each++;
    CHECK(!strcmp((*each)->name, "generic") && (*each)->runs_here());
    for (each = w2v_step_sets; *each; each++) {
        const w2v_step_set *set = *each;
        CHECK(set->step && set->mean && set->scatter && set->compose && set->add && set->exp_row && set->merge);
    }
}

CASE(step_over_shapes)
{
    EACH_SET(set)
        for (int n = 1; n <= 11; n++)
            for (int m = 1; m <= 27; m++)
                check_step(set, n, m, 16 * (1 + (n + m) % 3), V, (n + m) % 2, 0);
}

/* Unused lanes must not compute subnormal numbers, which are slow on some processors. */
CASE(unused_lanes_do_not_underflow)
{
    EACH_SET(set)
        for (int n = 1; n <= 3; n++)
            for (int m = 1; m <= 9; m++) {
                problem p = new_problem(n, m, 16, V, 0.5f);
                w2v_loss loss;
                w2v_loss_clear(&loss);
                feclearexcept(FE_ALL_EXCEPT);
                run(set, &p, 1e-6f, NULL, 1, 0, &loss);
                CHECK(!fetestexcept(FE_UNDERFLOW));
                free_problem(&p);
            }
}

CASE(step_with_repeated_rows)
{
    EACH_SET(set)
        for (int rows = 1; rows <= 4; rows++)
            for (int m = 1; m <= 27; m += 2)
                check_step(set, 1 + m % 10, m, 32, rows, m % 4 == 1, 0);
}

CASE(step_over_long_rows)
{
    EACH_SET(set)
        for (int dim = 16; dim <= 416; dim += 16)
            check_step(set, 1 + dim / 16 % 10, 6, dim, V, 0, 0);
}

CASE(rows_that_end_with_the_last_vector)
{
    EACH_SET(set)
        for (int vectors = 1; vectors <= 30; vectors++)
            for (int with_dh = 0; with_dh < 2; with_dh++)
                check_step(set, 1 + vectors % 7, 1 + vectors % 14, vectors * set->lanes, V, with_dh, 0);
}

CASE(scratch_at_any_multiple_of_4_bytes)
{
    EACH_SET(set)
        for (size_t offset = 1; offset < 16; offset++)
            for (int m = 5; m <= 15; m += 5)
                check_step(set, 5, m, 48, V, 0, offset);
}

/* Many steps with one running loss and half of the pairs saturated: nothing is lost or counted twice
 * where a step ends between two normalizations. A saturated pair is off by at most 0.0025. */
CASE(loss_over_many_steps)
{
    EACH_SET(set)
        for (int n = 1; n <= 10; n++) {
            w2v_loss loss;
            double expected = 0.0;
            int pairs = 0;
            w2v_loss_clear(&loss);
            for (int m = 1; m <= 20; m++) {
                problem p = new_problem(n, m, 16, V, 2.5f);
                solve(&p, 0.0f);
                run(set, &p, 0.0f, NULL, 1, 0, &loss);
                expected += p.loss;
                pairs += n * m;
                free_problem(&p);
            }
            w2v_loss_reduce(&loss);
            CHECK(near(loss.sum, expected, 0.0026 * pairs));
            CHECK(expected > 2.0 * pairs);
        }
}

CASE(mean_and_scatter)
{
    EACH_SET(set)
        for (int n = 1; n <= 7; n++)
            for (int dim = 16; dim <= 80; dim += 16) {
                problem p = new_problem(n, 1, dim, n > 4 ? 2 : V, 1.0f);
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
                    delta[c] = draw();
                    for (int i = 0; i < n; i++) /* a repeated row receives both */
                        p.new_in[p.input[i] * dim + c] += 0.5 * delta[c];
                }
                set->scatter(rows, n, dim, delta, 0.5f);
                for (int v = 0; v < V; v++)
                    for (int c = 0; c < dim; c++)
                        CHECK(near(p.in[v][c], p.new_in[v * dim + c], 1e-6));
                free(rows);
                free(out);
                free(delta);
                free_problem(&p);
            }
}

CASE(compose_and_add)
{
    EACH_SET(set)
        for (int n = 1; n <= 7; n++)
            for (int dim = 16; dim <= 400; dim += 16) {
                problem p = new_problem(n, 1, dim, n > 4 ? 2 : V, 1.0f);
                float **rows = malloc((size_t)n * sizeof *rows), weights[7];
                float *out = floats((size_t)dim), *row = floats((size_t)dim), *old = floats((size_t)dim);
                w2v_ahead none = {NULL, 0}, more = {p.in, n == 3 ? 1 : V};
                CHECK(rows != NULL);
                for (int i = 0; i < n; i++) {
                    rows[i] = p.in[p.input[i]];
                    weights[i] = draw();
                }
                for (int c = 0; c < dim; c++)
                    row[c] = old[c] = draw();
                set->compose(rows, weights, n, dim, out, n % 2 ? &more : &none);
                set->add(row, rows, n, dim, 0.5f, n % 2 ? &more : &none);
                for (int c = 0; c < dim; c++) {
                    double mean = 0.0, sum = 0.0;
                    for (int i = 0; i < n; i++) {
                        mean += (double)weights[i] * rows[i][c];
                        sum += rows[i][c];
                    }
                    CHECK(near(out[c], mean, 2e-6));
                    CHECK(near(row[c], old[c] + 0.5 * sum, 2e-6));
                }
                free(rows);
                free(out);
                free(row);
                free(old);
                free_problem(&p);
            }
}

CASE(exp_row_of_any_length)
{
    EACH_SET(set)
        for (int n = 1; n <= 70; n++) {
            float *x = malloc((size_t)n * sizeof *x), *y = malloc((size_t)n * sizeof *y);
            float peak = 0.0f, max = -INFINITY;
            double sum = 0.0;
            CHECK(x && y);
            for (int i = 0; i < n; i++) {
                x[i] = y[i] = 30.0f * draw() + 100.0f;
                max = x[i] > max ? x[i] : max;
            }
            double total = set->exp_row(x, n, &peak);
            CHECK(peak == max);
            for (int i = 0; i < n; i++) {
                double exact = exp((double)y[i] - max);
                CHECK(near(x[i], exact, 4e-7 * exact));
                sum += exact;
            }
            CHECK(near(total, sum, 4e-7 * sum));
            free(x);
            free(y);
        }
}
