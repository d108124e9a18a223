/* sources: loss.c sigmoid.c */
/* The sum of log losses: normalization, reduction, and saturated pairs. */
#include "check.h"
#include "loss.h"
#include "sigmoid.h"

#include <math.h>

static float table[W2V_SIGMOID_CELLS];

static int near(double a, double b, double by)
{
    return fabs(a - b) <= by;
}

CASE(losses_add_up_over_many_reductions)
{
    w2v_loss loss;
    double expected = 0.0;
    w2v_sigmoid_fill(table);
    w2v_loss_clear(&loss);
    for (int i = 0; i < 3 * W2V_LOSS_NORMALIZATIONS * W2V_LOSS_FACTORS + 5; i++) {
        float margin = (float)((i * 37) % 119 - 59) / 10.0f;
        float p = w2v_sigmoid(table, margin);
        w2v_loss_pair(&loss, margin, p);
        expected -= log(p);
    }
    CHECK(loss.sum > 0.9 * expected); /* reduced on the way */
    w2v_loss_reduce(&loss);
    CHECK(near(loss.sum, expected, 1e-3));
    CHECK_EQUAL(loss.factors, 0);
}

CASE(least_sigmoid_matches_the_reach)
{
    CHECK(W2V_SIGMOID_LEAST == (float)(1.0 / (1.0 + exp(W2V_SIGMOID_REACH))));
}

/* A product in [1, 2) after a normalization, times W2V_LOSS_FACTORS of the smallest factor. */
CASE(the_smallest_factors_do_not_underflow)
{
    w2v_loss loss;
    w2v_loss_clear(&loss);
    for (int lane = 0; lane < W2V_LOSS_LANES; lane++)
        for (int i = 0; i < W2V_LOSS_FACTORS; i++)
            loss.product[lane] *= W2V_SIGMOID_LEAST;
    CHECK(isnormal(loss.product[0]));
    w2v_loss_reduce(&loss);
    CHECK(near(loss.sum, W2V_LOSS_LANES * W2V_LOSS_FACTORS * -log(W2V_SIGMOID_LEAST), 1e-3));
    for (int lane = 0; lane < W2V_LOSS_LANES; lane++)
        CHECK(loss.product[lane] == 1.0f && loss.excess[lane] == 0.0f);
}

CASE(reduction_takes_every_lane_once)
{
    w2v_loss loss;
    double expected = 0.0;
    w2v_loss_clear(&loss);
    for (int lane = 0; lane < W2V_LOSS_LANES; lane++) {
        loss.product[lane] = 1.0f / (float)(lane + 2);
        loss.excess[lane] = (float)lane;
        expected += log(lane + 2.0) + lane;
    }
    w2v_loss_reduce(&loss);
    CHECK(near(loss.sum, expected, 1e-4));
    w2v_loss_reduce(&loss);
    CHECK(near(loss.sum, expected, 1e-4));
}

CASE(a_saturated_pair_adds_its_margin_or_nothing)
{
    w2v_loss loss;
    w2v_loss_clear(&loss);
    w2v_loss_pair(&loss, 50.0f, 1.0f);
    w2v_loss_pair(&loss, 6.0f, 1.0f);
    CHECK(loss.sum == 0.0);
    w2v_loss_pair(&loss, -6.0f, 0.0f);
    CHECK(loss.sum == 6.0);
    w2v_loss_pair(&loss, -50.0f, 0.0f);
    CHECK(loss.sum == 56.0);
    w2v_loss_pair(&loss, NAN, 0.0f);
    CHECK(isnan(loss.sum)); /* so that a diverging run is noticed */
}
