/* A hash table that numbers the distinct rows it is given 0, 1, 2, … in the order of their first look-up.
 *
 * Open addressing with linear probing; the number of places is a power of two and at least twice the number of
 * rows. The caller owns the memory and makes sure that there are not more rows than the table was sized
 * for. */
#ifndef W2V_ROWS_H
#define W2V_ROWS_H

#include <stdint.h>
#include <string.h>

#define W2V_ROWS_MAX (INT64_C(1) << 30)

typedef struct {
    int32_t row, slot; /* slot + 1; 0 marks a free place */
} w2v_place;

typedef struct {
    w2v_place *places; /* (mask + 1) */
    int32_t *rows;     /* (count) the row of each slot */
    int32_t count;     /* slots in use */
    uint32_t mask;
} w2v_rows;

/* The number of places that a table for max_rows rows needs, or 0 if there are more than W2V_ROWS_MAX. */
static inline uint32_t w2v_rows_places(int64_t max_rows)
{
    uint32_t places = 16;
    if (max_rows > W2V_ROWS_MAX)
        return 0;
    while (places < 2 * (uint32_t)max_rows)
        places *= 2;
    return places;
}

/* Empties a table and gives it another number of places. */
static inline void w2v_rows_clear(w2v_rows *t, uint32_t places)
{
    memset(t->places, 0, places * sizeof *t->places);
    t->mask = places - 1;
    t->count = 0;
}

/* The slot of a row, which gets a new one if it has none. */
static inline int32_t w2v_rows_slot(w2v_rows *t, int32_t row)
{
    uint32_t i = (uint32_t)row * UINT32_C(2654435769);
    w2v_place *place;
    for (i ^= i >> 15;; i++) {
        place = t->places + (i & t->mask);
        if (!place->slot)
            break;
        if (place->row == row)
            return place->slot - 1;
    }
    place->row = row;
    place->slot = t->count + 1;
    t->rows[t->count] = row;
    return t->count++;
}

#endif
