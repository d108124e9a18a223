/* sources: alias.c */
/* The alias table: its probabilities, and invalid weights. */
#include "check.h"
#include "alias.h"

#include <math.h>

/* Builds a table in arrays of exactly the stated size, so that the sanitizers detect every access outside
 * them. */
static int build(const double *weights, int32_t n, w2v_slot **slots)
{
    size_t size = n > 0 ? (size_t)n : 1;
    double *work = malloc(size * sizeof *work);
    int32_t *order = malloc(size * sizeof *order);
    *slots = malloc(size * sizeof **slots);
    CHECK(work && order && *slots);
    int status = w2v_alias_build(*slots, weights, n, work, order);
    free(work);
    free(order);
    return status;
}

/* Compares the probability that the table gives each word with its weight, to 2^-31. */
static void check_probabilities(const double *weights, int32_t n)
{
    w2v_slot *slots;
    double sum = 0.0, *p = calloc((size_t)n, sizeof *p);
    CHECK(p != NULL);
    CHECK_EQUAL(build(weights, n, &slots), 0);
    for (int32_t i = 0; i < n; i++) {
        CHECK(slots[i].alias >= 0 && slots[i].alias < n);
        double keep = slots[i].threshold / 4294967296.0;
        p[i] += keep / n;
        p[slots[i].alias] += (1.0 - keep) / n;
        sum += weights[i];
    }
    for (int32_t i = 0; i < n; i++)
        CHECK(fabs(p[i] - weights[i] / sum) <= ldexp(1.0, -31));
    free(slots);
    free(p);
}

CASE(one_word)
{
    const double weight = 3.5;
    w2v_slot *slots;
    check_probabilities(&weight, 1);
    CHECK_EQUAL(build(&weight, 1, &slots), 0);
    CHECK_EQUAL(w2v_alias_draw(slots, 1, 0), 0);
    CHECK_EQUAL(w2v_alias_draw(slots, 1, UINT64_MAX), 0);
    free(slots);
}

CASE(few_words)
{
    check_probabilities((const double[]){1, 1}, 2);
    check_probabilities((const double[]){1, 1e9}, 2);
    check_probabilities((const double[]){0.2, 0.3, 0.5}, 3);
    check_probabilities((const double[]){1e-300, 2e-300, 5e-300, 0}, 4);
}

CASE(many_words)
{
    enum { N = 5000 };
    static double weights[N];
    uint64_t state = w2v_seed(3, 3);
    for (int32_t i = 0; i < N; i++)
        weights[i] = pow(1e6 / (i + 1.0), 0.75);
    check_probabilities(weights, N);
    for (int32_t i = 0; i < N; i++)
        weights[i] = 1.0;
    check_probabilities(weights, N);
    for (int32_t i = 0; i < N; i++)
        weights[i] = (double)(w2v_next(&state) >> 11) * (i % 3);
    check_probabilities(weights, N);
}

CASE(words_of_weight_0_are_never_drawn)
{
    const double weights[] = {0, 4, 0, 1, 0};
    w2v_slot *slots;
    uint64_t state = w2v_seed(9, 1);
    CHECK_EQUAL(build(weights, 5, &slots), 0);
    for (int i = 0; i < 100000; i++) {
        int32_t word = w2v_alias_draw(slots, 5, w2v_next(&state));
        CHECK(word == 1 || word == 3);
    }
    free(slots);
}

CASE(equal_weights_use_no_alias)
{
    double weights[13];
    w2v_slot *slots;
    uint64_t state = w2v_seed(1, 2);
    for (int i = 0; i < 13; i++)
        weights[i] = 7.0;
    CHECK_EQUAL(build(weights, 13, &slots), 0);
    for (int i = 0; i < 10000; i++) {
        uint64_t draw = w2v_next(&state);
        CHECK_EQUAL(w2v_alias_draw(slots, 13, draw), w2v_below(draw, 13));
    }
    free(slots);
}

CASE(invalid_weights)
{
    w2v_slot *slots;
    const double bad[][3] = {{1, -1, 1},       {0, 0, 0},         {1, NAN, 1},
                             {1, INFINITY, 1}, {-INFINITY, 1, 1}, {1e308, 1e308, 1e308}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_EQUAL(build(bad[i], 3, &slots), -1);
        free(slots);
    }
}
