/* sources: */
/* Separators in 64 bytes, with the processor's instructions and without. */
#include "check.h"
#include "separators.h"
#include "word.h"

static uint64_t expected(const unsigned char *p, int n)
{
    uint64_t found = 0;
    for (int i = 0; i < n; i++)
        found |= (uint64_t)(w2v_byte_kind[p[i]] != W2V_BYTE_WORD) << i;
    return found;
}

CASE(every_byte_in_every_place)
{
    for (int other = 0; other < 256; other++)
        for (int byte = 0; byte < 256; byte++)
            for (int i = 0; i < 64; i += other % 8 ? 13 : 1) {
                unsigned char p[64];
                memset(p, other, sizeof p);
                p[i] = (unsigned char)byte;
                CHECK(w2v_separators(p) == expected(p, 64));
                CHECK(w2v_separators_portable(p) == expected(p, 64));
            }
}

CASE(fewer_bytes)
{
    for (int n = 1; n < 64; n++) {
        unsigned char *p = malloc((size_t)n);
        for (int i = 0; i < n; i++)
            p[i] = (unsigned char)(i * 7 % 40);
        CHECK(w2v_separators_of(p, n) == expected(p, n));
        free(p);
    }
}
