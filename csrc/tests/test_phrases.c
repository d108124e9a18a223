/* sources: phrases.c */
/* Pairs of adjacent ids: the table, counting and joining, with connectors and unknown ids. */
#include "check.h"
#include "phrases.h"

static void free_phrases(w2v_phrases *p)
{
    w2v_pair_close(&p->prefixes);
    w2v_pair_close(&p->pairs);
}

static int64_t value(const w2v_pair_table *table, int32_t left, int32_t right)
{
    const int64_t *found = w2v_pair_get(table, left, right);
    return found ? *found : -1;
}

CASE(table)
{
    w2v_pair_table table = {.secret = w2v_secret_of(1)};
    CHECK(!w2v_pair_get(&table, 0, 0));
    for (int32_t i = 0; i < 3000; i++)
        *w2v_pair_put(&table, i % 50, i) = i;
    CHECK_EQUAL(table.n, 3000);
    for (int32_t i = 0; i < 3000; i++)
        CHECK_EQUAL(value(&table, i % 50, i), i);
    CHECK(!w2v_pair_get(&table, 1, 2));
    *w2v_pair_put(&table, INT32_MAX, INT32_MAX) = 7;
    CHECK_EQUAL(value(&table, INT32_MAX, INT32_MAX), 7);
    w2v_pair_close(&table);
}

CASE(pruning_removes_the_smallest_values)
{
    w2v_pair_table table = {.secret = w2v_secret_of(1)};
    for (int32_t i = 0; i < 700; i++)
        *w2v_pair_put(&table, i % 50, i) = 1 + i % 7;
    CHECK_EQUAL(w2v_pair_prune(&table, 700), 0);
    CHECK_EQUAL(w2v_pair_prune(&table, 550), 2); /* 100 pairs have each value */
    CHECK_EQUAL(table.n, 500);
    for (int32_t i = 0; i < 700; i++)
        CHECK_EQUAL(value(&table, i % 50, i), i % 7 < 2 ? -1 : 1 + i % 7);
    CHECK_EQUAL(w2v_pair_prune(&table, 0), 7);
    CHECK_EQUAL(table.n, 0);
    *w2v_pair_put(&table, 3, 4) = 5;
    CHECK_EQUAL(value(&table, 3, 4), 5);
    w2v_pair_close(&table);
}

CASE(counting_with_a_limit)
{
    const uint8_t connector[40] = {0};
    int32_t ids[160]; /* 0 1, 0 1 and another pair, 40 times */
    const int64_t offsets[2] = {0, 160};
    for (int32_t i = 0; i < 40; i++) {
        ids[4 * i] = ids[4 * i + 2] = i ? 0 : -1;
        ids[4 * i + 1] = 1;
        ids[4 * i + 3] = i;
    }
    w2v_phrases p = {.words = 40, .connector = connector, .max_pairs = 4};
    CHECK_EQUAL(w2v_phrases_count(&p, ids, offsets, 1), W2V_PHRASES_OK);
    CHECK(p.pairs.n <= 4);
    CHECK(p.pruned >= 1);
    CHECK_EQUAL(value(&p.pairs, 0, 1), 40); /* once as the other pair */
    free_phrases(&p);
}

CASE(counts_stay_within_sentences)
{
    const uint8_t connector[5] = {0};
    const int32_t ids[7] = {4, 2, 4, 2, 3, -1, 2};
    const int64_t offsets[4] = {0, 3, 3, 7};
    w2v_phrases p = {.words = 5, .connector = connector};
    CHECK_EQUAL(w2v_phrases_count(&p, ids, offsets, 3), W2V_PHRASES_OK);
    CHECK_EQUAL(p.pairs.n, 3);
    CHECK_EQUAL(value(&p.pairs, 4, 2), 1);
    CHECK_EQUAL(value(&p.pairs, 2, 4), 1);
    CHECK_EQUAL(value(&p.pairs, 2, 3), 1);
    free_phrases(&p);
}

CASE(connectors_only_occur_inside)
{
    const uint8_t connector[5] = {0, 1, 0, 1, 0};
    const int32_t ids[10] = {1, 4, 1, 3, 2, 1, 4, 1, 3, 2};
    const int64_t offsets[2] = {0, 10};
    w2v_phrases p = {.words = 5, .connector = connector};
    CHECK_EQUAL(w2v_phrases_count(&p, ids, offsets, 1), W2V_PHRASES_OK);
    CHECK_EQUAL(p.prefixes.n, 3); /* 4 1, 4 1 3, 2 1 */
    CHECK_EQUAL(value(&p.prefixes, 4, 1), 0);
    CHECK_EQUAL(value(&p.prefixes, 5, 3), 1);
    CHECK_EQUAL(value(&p.pairs, 6, 2), 2);
    CHECK_EQUAL(value(&p.pairs, 7, 4), 1);
    int32_t out[10];
    int64_t starts[10], ends[2];
    free_phrases(&p);
    *w2v_pair_put(&p.prefixes, 4, 1) = 0;
    *w2v_pair_put(&p.prefixes, 5, 3) = 1;
    *w2v_pair_put(&p.pairs, 6, 2) = 9;
    w2v_phrases_join(&p, ids, offsets, 1, out, starts, ends);
    const int32_t expected[4] = {1, 9, 1, 9};
    const int64_t places[4] = {0, 1, 5, 6};
    CHECK_EQUAL(ends[1], 4);
    for (int i = 0; i < 4; i++) {
        CHECK_EQUAL(out[i], expected[i]);
        CHECK_EQUAL(starts[i], places[i]);
    }
    free_phrases(&p);
}

CASE(joins_from_left_to_right_without_overlap)
{
    const uint8_t connector[4] = {0};
    const int32_t ids[9] = {2, 2, 2, 3, -1, 3, 2, 2, 2};
    const int64_t offsets[4] = {0, 4, 4, 9};
    w2v_phrases p = {.words = 4, .connector = connector};
    *w2v_pair_put(&p.pairs, 2, 2) = 4;
    *w2v_pair_put(&p.pairs, 2, 3) = 5;
    int32_t out[9];
    int64_t starts[9], ends[4];
    w2v_phrases_join(&p, ids, offsets, 3, out, starts, ends);
    const int32_t expected[6] = {4, 5, -1, 3, 4, 2};
    CHECK_EQUAL(ends[1], 2);
    CHECK_EQUAL(ends[2], 2);
    CHECK_EQUAL(ends[3], 6);
    for (int i = 0; i < 6; i++)
        CHECK_EQUAL(out[i], expected[i]);
    CHECK_EQUAL(starts[5], 8);
    free_phrases(&p);
}
