/* sources: step.c loss.c */
/* The merge of replicas in every instruction set that runs here: Adasum's three plain cases, its formula; and
 * what it leaves alone. */
#include "check.h"
#include "step.h"

#include <math.h>

enum { DIM = 48 };

/* What `mine` has gained after a merge of two changes since `base`, in one instruction set. */
static void merge_in(const w2v_step_set *set, const float *mine_change, const float *other_change,
                     float *change)
{
    /* Each in memory of exactly its size, so that a sanitizer sees a step outside. */
    float *rows[3];
    for (int r = 0; r < 3; r++) {
        rows[r] = malloc(DIM * sizeof(float));
        CHECK(rows[r] != NULL);
    }
    float *base = rows[0], *mine = rows[1], *other = rows[2];
    for (int i = 0; i < DIM; i++) {
        base[i] = (float)(i % 5) - 2.0f;
        mine[i] = base[i] + mine_change[i];
        other[i] = base[i] + other_change[i];
    }
    set->merge(base, mine, other, DIM);
    for (int i = 0; i < DIM; i++) {
        CHECK(base[i] == (float)(i % 5) - 2.0f && other[i] == base[i] + other_change[i]);
        change[i] = mine[i] - base[i];
    }
    for (int r = 0; r < 3; r++)
        free(rows[r]);
}

/* The same in all of them, which agree but for rounding. */
static void merge(const float *mine_change, const float *other_change, float *change)
{
    float again[DIM];
    int sets = 0;
    for (const w2v_step_set *set = w2v_step_sets; set->name; set++) {
        if (!set->runs_here())
            continue;
        merge_in(set, mine_change, other_change, sets++ ? again : change);
        for (int i = 0; i < DIM && sets > 1; i++)
            CHECK(fabsf(again[i] - change[i]) < 1e-6f);
    }
    CHECK(sets > 0);
}

CASE(equal_changes_count_once)
{
    float a[DIM], out[DIM];
    for (int i = 0; i < DIM; i++)
        a[i] = (float)(i % 3) - 1.0f;
    merge(a, a, out);
    for (int i = 0; i < DIM; i++)
        CHECK(fabsf(out[i] - a[i]) < 1e-6f);
}

CASE(orthogonal_changes_add)
{
    float a[DIM] = {0}, b[DIM] = {0}, out[DIM];
    a[1] = 2.0f;
    b[30] = -3.0f;
    merge(a, b, out);
    for (int i = 0; i < DIM; i++)
        CHECK(fabsf(out[i] - (a[i] + b[i])) < 1e-6f);
}

CASE(no_change_of_one_leaves_the_other)
{
    float none[DIM] = {0}, b[DIM], out[DIM];
    for (int i = 0; i < DIM; i++)
        b[i] = 0.25f * (float)(i % 7);
    merge(none, b, out);
    for (int i = 0; i < DIM; i++)
        CHECK(fabsf(out[i] - b[i]) < 1e-6f);
    merge(b, none, out);
    for (int i = 0; i < DIM; i++)
        CHECK(fabsf(out[i] - b[i]) < 1e-6f);
    merge(none, none, out);
    for (int i = 0; i < DIM; i++)
        CHECK(out[i] == 0.0f);
}

CASE(formula)
{
    float a[DIM], b[DIM], out[DIM];
    double aa = 0, ab = 0, bb = 0;
    for (int i = 0; i < DIM; i++) {
        a[i] = 0.5f * (float)(i % 4) - 0.5f;
        b[i] = 0.25f * (float)(i % 6) + 0.25f;
        aa += a[i] * a[i];
        ab += a[i] * b[i];
        bb += b[i] * b[i];
    }
    merge(a, b, out);
    for (int i = 0; i < DIM; i++) {
        double wanted = (1 - ab / (2 * aa)) * a[i] + (1 - ab / (2 * bb)) * b[i];
        CHECK(fabs(out[i] - wanted) < 1e-5);
    }
}
