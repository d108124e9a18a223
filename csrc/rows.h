/* A table of rows: numbers the distinct rows it is asked for, 0, 1, 2 … in the order of their first asking.
 *
 * Open addressing with linear probing over a power of two of places, at least twice as many as there can
 * be rows. The caller owns the memory and keeps the bound; nothing is allocated, removed or grown here. */
#ifndef W2V_ROWS_H
#define W2V_ROWS_H

#include <stdint.h>
#include <string.h>

typedef struct {
    int32_t row, slot; /* slot + 1; 0 marks a free place */
} w2v_place;

typedef struct {
    w2v_place *places; /* (mask + 1) */
    int32_t *rows;     /* row of each slot */
    int32_t count;     /* slots in use */
    uint32_t mask;
} w2v_rows;

/* How many places a table for so many rows needs: a power of two. */
static inline uint32_t w2v_rows_places(uint32_t most)
{
    uint32_t places = 16;
    while (places < 2 * most)
        places *= 2;
    return places;
}

/* Empties a table of so many places. */
static inline void w2v_rows_clear(w2v_rows *t, uint32_t places)
{
    memset(t->places, 0, places * sizeof *t->places);
    t->mask = places - 1;
    t->count = 0;
}

/* The slot of a row; a new one where it has none. */
static inline int32_t w2v_rows_slot(w2v_rows *t, int32_t row)
{
    uint32_t at = (uint32_t)row * UINT32_C(2654435769);
    w2v_place *place;
    for (at ^= at >> 15;; at++) {
        place = t->places + (at & t->mask);
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
