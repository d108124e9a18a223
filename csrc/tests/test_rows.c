/* sources: */
/* The table of rows: slots in the order of asking, whatever collides; and nothing is touched outside. */
#include "check.h"
#include "rows.h"

/* A table in memory of exactly its size, so that a sanitizer sees a step outside. */
static w2v_rows table_for(uint32_t most)
{
    w2v_rows t = {NULL, NULL, 0, 0};
    uint32_t places = w2v_rows_places(most);
    CHECK(places >= 2 * most && (places & (places - 1)) == 0);
    t.places = malloc(places * sizeof *t.places);
    t.rows = malloc((most + !most) * sizeof *t.rows);
    CHECK(t.places && t.rows);
    memset(t.places, 0x5a, places * sizeof *t.places);
    w2v_rows_clear(&t, places);
    return t;
}

static void drop(w2v_rows *t)
{
    free(t->places);
    free(t->rows);
}

CASE(slots_count_up_in_the_order_of_asking)
{
    const int32_t asked[] = {7, 3, 7, 0, INT32_MAX, 3, 5, 0}, slots[] = {0, 1, 0, 2, 3, 1, 4, 2};
    w2v_rows t = table_for(5);
    for (int i = 0; i < 8; i++)
        CHECK_EQUAL(w2v_rows_slot(&t, asked[i]), slots[i]);
    CHECK_EQUAL(t.count, 5);
    for (int i = 0; i < 8; i++)
        CHECK_EQUAL(t.rows[slots[i]], asked[i]);
    drop(&t);
}

/* Multiples of the number of places share their lowest bits, and neighbours run into each other. */
CASE(full_tables_of_rows_that_collide)
{
    const int32_t strides[] = {1, 16, 512, 4096, 1 << 20};
    for (int s = 0; s < 5; s++) {
        w2v_rows t = table_for(256);
        for (int again = 0; again < 2; again++)
            for (int32_t i = 0; i < 256; i++)
                CHECK_EQUAL(w2v_rows_slot(&t, i * strides[s]), i);
        CHECK_EQUAL(t.count, 256);
        drop(&t);
    }
}

CASE(a_cleared_table_knows_nothing)
{
    w2v_rows t = table_for(40);
    for (int32_t i = 0; i < 40; i++)
        w2v_rows_slot(&t, 3 * i);
    w2v_rows_clear(&t, w2v_rows_places(9)); /* fewer places of the same memory */
    CHECK_EQUAL(t.count, 0);
    for (int32_t i = 8; i >= 0; i--)
        CHECK_EQUAL(w2v_rows_slot(&t, 3 * i), 8 - i);
    drop(&t);
}

CASE(a_table_for_no_rows)
{
    w2v_rows t = table_for(0);
    CHECK_EQUAL(t.count, 0);
    drop(&t);
}
