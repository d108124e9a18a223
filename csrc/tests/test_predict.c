/* sources: predict.c */
/* Scores of labels, and the k best of them. */
#include "check.h"
#include "predict.h"

CASE(scores_are_sums_of_products_in_order)
{
    enum { LABELS = 3, LINES = 19, DIM = 5 };
    float outputs[LABELS * DIM], hidden[DIM * LINES], scores[LABELS * LINES];
    for (int i = 0; i < LABELS * DIM; i++)
        outputs[i] = (float)(i % 7) - 2.5f;
    for (int i = 0; i < DIM * LINES; i++)
        hidden[i] = 0.1f * (float)(i % 11);
    w2v_label_scores(outputs, LABELS, hidden, LINES, DIM, scores);
    for (int label = 0; label < LABELS; label++)
        for (int line = 0; line < LINES; line++) {
            double sum = 0;
            for (int k = 0; k < DIM; k++)
                sum += (double)outputs[label * DIM + k] * hidden[k * LINES + line];
            const double error = scores[label * LINES + line] - sum;
            CHECK(error < 1e-5 && error > -1e-5);
        }
}

CASE(the_best_come_first)
{
    float score[50];
    w2v_scored best[51];
    for (int i = 0; i < 50; i++)
        score[i] = (float)((i * 37) % 50);
    for (size_t k = 1; k <= 50; k++) {
        CHECK_EQUAL(w2v_k_best(score, score, -1, NULL, 50, k, best), k);
        for (size_t i = 0; i < k; i++) {
            CHECK(best[i].score == (float)(49 - i));
            CHECK(score[best[i].label] == best[i].score);
        }
    }
}

CASE(a_threshold_leaves_labels_out)
{
    const float score[] = {1, 5, 3}, value[] = {0.1f, 0.2f, 0.9f};
    const int32_t backwards[] = {2, 1, 0};
    w2v_scored best[4];
    CHECK_EQUAL(w2v_k_best(score, value, 0.15f, backwards, 3, 3, best), 2);
    CHECK(best[0].label == 1 && best[1].label == 2);
    CHECK_EQUAL(w2v_k_best(score, value, 2, NULL, 3, 3, best), 0);
    CHECK_EQUAL(w2v_k_best(score, value, 0, NULL, 0, 3, best), 0);
}
