/* sources: step.c step_avx512.c step_avx2.c step_generic.c loss.c */
/* The merge of two replicas in every instruction set that runs on this processor. */
#include "check.h"
#include "step.h"

#include <math.h>

enum { DIM = 48 };

/* Merges two changes in one instruction set. Base and the other replica must stay as they are. */
static void merge_with(const w2v_step_set *set, const float *replica_change,
                       const float *other_change, float c, float *merged)
{
    float *rows[3]; /* of exactly DIM floats, so that the sanitizers detect every access outside them */
    for (int r = 0; r < 3; r++) {
        rows[r] = malloc(DIM * sizeof(float));
        CHECK(rows[r] != NULL);
    }
    float *base = rows[0], *replica = rows[1], *other = rows[2];
    for (int i = 0; i < DIM; i++) {
        base[i] = (float)(i % 5) - 2.0f;
        replica[i] = base[i] + replica_change[i];
        other[i] = base[i] + other_change[i];
    }
    set->merge(base, replica, other, DIM, c);
    for (int i = 0; i < DIM; i++) {
        CHECK(base[i] == (float)(i % 5) - 2.0f && other[i] == base[i] + other_change[i]);
        merged[i] = replica[i] - base[i];
    }
    for (int r = 0; r < 3; r++)
        free(rows[r]);
}

/* Merges two changes in all instruction sets, whose results must agree up to rounding. */
static void merge_in_all(const float *replica_change, const float *other_change, float c,
                         float *merged)
{
    float again[DIM];
    int sets = 0;
    for (const w2v_step_set *const *each = w2v_step_sets; *each; each++) {
        if (!(*each)->runs_here())
            continue;
        merge_with(*each, replica_change, other_change, c, sets++ ? again : merged);
        for (int i = 0; i < DIM && sets > 1; i++)
            CHECK(fabsf(again[i] - merged[i]) < 1e-6f);
    }
    CHECK(sets > 0);
}

CASE(equal_changes_count_once)
{
    float a[DIM], out[DIM];
    for (int i = 0; i < DIM; i++)
        a[i] = (float)(i % 3) - 1.0f;
    merge_in_all(a, a, 1.0f, out);
    for (int i = 0; i < DIM; i++)
        CHECK(fabsf(out[i] - a[i]) < 1e-6f);
    merge_in_all(a, a, 0.0f, out);
    for (int i = 0; i < DIM; i++)
        CHECK(fabsf(out[i] - 2.0f * a[i]) < 1e-6f);
}

CASE(orthogonal_changes_add)
{
    float a[DIM] = {0}, b[DIM] = {0}, out[DIM];
    a[1] = 2.0f;
    b[30] = -3.0f;
    merge_in_all(a, b, 1.0f, out);
    for (int i = 0; i < DIM; i++)
        CHECK(fabsf(out[i] - (a[i] + b[i])) < 1e-6f);
}

CASE(a_zero_change_leaves_the_other)
{
    float none[DIM] = {0}, b[DIM], out[DIM];
    for (int i = 0; i < DIM; i++)
        b[i] = 0.25f * (float)(i % 7);
    merge_in_all(none, b, 1.0f, out);
    for (int i = 0; i < DIM; i++)
        CHECK(fabsf(out[i] - b[i]) < 1e-6f);
    merge_in_all(b, none, 1.0f, out);
    for (int i = 0; i < DIM; i++)
        CHECK(fabsf(out[i] - b[i]) < 1e-6f);
    merge_in_all(none, none, 1.0f, out);
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
    for (int tenths = 0; tenths <= 10; tenths += 5) {
        double c = tenths / 10.0;
        merge_in_all(a, b, (float)c, out);
        for (int i = 0; i < DIM; i++) {
            double expected = (1 - c * ab / (2 * aa)) * a[i] + (1 - c * ab / (2 * bb)) * b[i];
            CHECK(fabs(out[i] - expected) < 1e-5);
        }
    }
}
