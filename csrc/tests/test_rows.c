/* sources: */
/* The table of rows: slots in the order of the first look-up, with and without collisions. */
#include "check.h"
#include "rows.h"

/* A table in memory of exactly its size, so that the sanitizers detect every access outside it. */
static w2v_rows table_for(uint32_t max_rows)
{
    w2v_rows t = {NULL, NULL, 0, 0};
    uint32_t places = w2v_rows_places(max_rows);
    CHECK(places >= 2 * max_rows && (places & (places - 1)) == 0);
    t.places = malloc(places * sizeof *t.places);
    t.rows = malloc((max_rows + !max_rows) * sizeof *t.rows);
    CHECK(t.places && t.rows);
    memset(t.places, 0x5a, places * sizeof *t.places);
    w2v_rows_clear(&t, places);
    return t;
}

static void free_table(w2v_rows *t)
{
    free(t->places);
    free(t->rows);
}

CASE(slots_count_up_in_the_order_of_look_ups)
{
    const int32_t looked_up[] = {7, 3, 7, 0, INT32_MAX, 3, 5, 0}, slots[] = {0, 1, 0, 2, 3, 1, 4, 2};
    w2v_rows t = table_for(5);
    for (int i = 0; i < 8; i++)
        CHECK_EQUAL(w2v_rows_slot(&t, looked_up[i]), slots[i]);
    CHECK_EQUAL(t.count, 5);
    for (int i = 0; i < 8; i++)
        CHECK_EQUAL(t.rows[slots[i]], looked_up[i]);
    free_table(&t);
}

/* Multiples of the number of places share their lowest bits; adjacent rows probe each other's places. */
CASE(full_tables_of_colliding_rows)
{
    const int32_t strides[] = {1, 16, 512, 4096, 1 << 20};
    for (int s = 0; s < 5; s++) {
        w2v_rows t = table_for(256);
        for (int again = 0; again < 2; again++)
            for (int32_t i = 0; i < 256; i++)
                CHECK_EQUAL(w2v_rows_slot(&t, i * strides[s]), i);
        CHECK_EQUAL(t.count, 256);
        free_table(&t);
    }
}

CASE(a_cleared_table_is_empty)
{
    w2v_rows t = table_for(40);
    for (int32_t i = 0; i < 40; i++)
        w2v_rows_slot(&t, 3 * i);
    w2v_rows_clear(&t, w2v_rows_places(9)); /* fewer places of the same memory */
    CHECK_EQUAL(t.count, 0);
    for (int32_t i = 8; i >= 0; i--)
        CHECK_EQUAL(w2v_rows_slot(&t, 3 * i), 8 - i);
    free_table(&t);
}

CASE(a_table_for_no_rows)
{
    w2v_rows t = table_for(0);
    CHECK_EQUAL(t.count, 0);
    free_table(&t);
}

CASE(too_many_rows_for_a_table)
{
    CHECK_EQUAL(w2v_rows_places(W2V_ROWS_MAX), UINT32_C(1) << 31);
    CHECK_EQUAL(w2v_rows_places(W2V_ROWS_MAX + 1), 0);
    CHECK_EQUAL(w2v_rows_places(INT64_MAX), 0);
}
