/* sources: sigmoid.c */
/* The sigmoid table of the pair kernel. */
#include "check.h"
#include "sigmoid.h"

#include <math.h>

static float table[W2V_SIGMOID_CELLS];

static double sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

static int near(double a, double b, double by)
{
    return fabs(a - b) <= by;
}

CASE(the_stated_error_bounds_hold)
{
    w2v_sigmoid_fill(table);
    for (int i = -60000; i <= 60000; i++) {
        double x = i / 10000.0;
        CHECK(near(w2v_sigmoid(table, (float)x), sigmoid((float)x), 0.0015) || fabs(x) > 5.999);
    }
    for (int i = 0; i < 1000; i++) {
        float x = 6.0f + (float)i;
        CHECK(near(w2v_sigmoid(table, x), sigmoid(x), 0.0025));
        CHECK(near(w2v_sigmoid(table, -x), sigmoid(-x), 0.0025));
    }
}

CASE(sigmoid_of_0_is_one_half)
{
    w2v_sigmoid_fill(table);
    CHECK(near(w2v_sigmoid(table, 0.0f), 0.5, 0.0015)); /* not 0.494 */
    for (int i = 0; i < W2V_SIGMOID_CELLS; i++)
        CHECK(near(table[i] + table[W2V_SIGMOID_CELLS - 1 - i], 1.0, 1e-6));
}

/* The table has exactly its size, so that the sanitizers detect a read outside it. */
CASE(no_score_reads_outside_the_table)
{
    float *exact = malloc(sizeof table), below = nextafterf(6.0f, 0.0f);
    CHECK(exact != NULL);
    w2v_sigmoid_fill(exact);
    CHECK(w2v_sigmoid(exact, below) == exact[W2V_SIGMOID_CELLS - 1]);
    CHECK(w2v_sigmoid(exact, -below) == exact[0]);
    CHECK(w2v_sigmoid(exact, 6.0f) == 1.0f);
    CHECK(w2v_sigmoid(exact, -6.0f) == 0.0f);
    CHECK(w2v_sigmoid(exact, INFINITY) == 1.0f);
    CHECK(w2v_sigmoid(exact, -INFINITY) == 0.0f);
    CHECK(w2v_sigmoid(exact, NAN) == 0.0f);
    CHECK(w2v_sigmoid(exact, -NAN) == 0.0f);
    free(exact);
}
