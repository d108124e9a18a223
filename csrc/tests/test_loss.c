/* sources: loss.c sigmoid.c */
/* The sum of losses: what is folded and flushed, and what saturated pairs lose. */
#include "check.h"
#include "loss.h"
#include "sigmoid.h"

#include <math.h>

static float table[W2V_SIGMOID_CELLS];

static int near(double a, double b, double by)
{
    return fabs(a - b) <= by;
}

CASE(losses_add_up_over_many_flushes)
{
    w2v_loss loss;
    double expected = 0.0;
    w2v_sigmoid_fill(table);
    w2v_loss_clear(&loss);
    for (int i = 0; i < 3 * W2V_LOSS_FOLDS * W2V_LOSS_FACTORS + 5; i++) {
        float right = (float)((i * 37) % 119 - 59) / 10.0f;
        float p = w2v_sigmoid(table, right);
        w2v_loss_pair(&loss, right, p);
        expected -= log(p);
    }
    CHECK(loss.sum > 0.9 * expected); /* flushed on the way */
    w2v_loss_flush(&loss);
    CHECK(near(loss.sum, expected, 1e-3));
    CHECK_EQUAL(loss.factors, 0);
}

CASE(twelve_of_the_least_factors_do_not_underflow)
{
    w2v_loss loss;
    const float least = 0.0024726232f;
    w2v_loss_clear(&loss);
    for (int lane = 0; lane < W2V_LOSS_LANES; lane++)
        for (int i = 0; i < W2V_LOSS_FACTORS; i++)
            loss.product[lane] *= least;
    w2v_loss_flush(&loss);
    CHECK(near(loss.sum, W2V_LOSS_LANES * W2V_LOSS_FACTORS * 6.00247568, 1e-3));
    for (int lane = 0; lane < W2V_LOSS_LANES; lane++)
        CHECK(loss.product[lane] == 1.0f && loss.beyond[lane] == 0.0f);
}

CASE(flush_takes_every_lane_once)
{
    w2v_loss loss;
    double expected = 0.0;
    w2v_loss_clear(&loss);
    for (int lane = 0; lane < W2V_LOSS_LANES; lane++) {
        loss.product[lane] = 1.0f / (float)(lane + 2);
        loss.beyond[lane] = (float)lane;
        expected += log(lane + 2.0) + lane;
    }
    w2v_loss_flush(&loss);
    CHECK(near(loss.sum, expected, 1e-4));
    w2v_loss_flush(&loss);
    CHECK(near(loss.sum, expected, 1e-4));
}

CASE(saturated_pairs_lose_their_score)
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
    CHECK(isnan(loss.sum)); /* a run that diverges is told so */
}
