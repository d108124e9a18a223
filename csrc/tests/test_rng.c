/* sources: */
/* The generators: published values and ranges. */
#include "check.h"
#include "rng.h"

/* The first outputs of SplitMix64 seeded with 0, as published by its authors. */
CASE(hash_is_splitmix64)
{
    CHECK(w2v_hash(0, 1) == UINT64_C(0xe220a8397b1dcdaf));
    CHECK(w2v_hash(0, 2) == UINT64_C(0x6e789e6aa1b965f4));
    CHECK(w2v_hash(0, 3) == UINT64_C(0x06c45d188009454f));
}

CASE(next_is_xorshift64star)
{
    uint64_t state = 1;
    CHECK(w2v_next(&state) == UINT64_C(0x47e4ce4b896cdd1d));
    CHECK(state == UINT64_C(0x2000001));
}

CASE(hash_depends_on_key_and_position)
{
    CHECK(w2v_hash(5, 7) != w2v_hash(7, 5));
    CHECK(w2v_hash(5, UINT64_MAX) != w2v_hash(5, UINT64_MAX - 1));
    CHECK(w2v_hash(5, UINT64_C(1) << 32) != w2v_hash(5, 0));
}

CASE(seeds_are_never_zero_and_differ)
{
    enum { STREAMS = 400 };
    static uint64_t seen[2 * STREAMS];
    for (uint64_t i = 0; i < STREAMS; i++) {
        seen[2 * i] = w2v_seed(0, i);
        seen[2 * i + 1] = w2v_seed(i + 1, 0);
    }
    for (int i = 0; i < 2 * STREAMS; i++) {
        CHECK(seen[i] != 0);
        for (int k = 0; k < i; k++)
            CHECK(seen[i] != seen[k]);
    }
}

CASE(below_reaches_both_ends_of_its_range)
{
    static const uint32_t sizes[] = {1, 2, 3, 1000, 2147483647u, 4294967295u};
    for (int i = 0; i < 6; i++) {
        CHECK_EQUAL(w2v_below(0, sizes[i]), 0);
        CHECK_EQUAL(w2v_below(UINT64_MAX, sizes[i]), sizes[i] - 1);
    }
}

CASE(below_is_uniform)
{
    int count[7] = {0};
    uint64_t state = w2v_seed(11, 4);
    for (int i = 0; i < 70000; i++)
        count[w2v_below(w2v_next(&state), 7)]++;
    for (int i = 0; i < 7; i++) /* 4.3 standard deviations of 92.6 */
        CHECK(count[i] > 9600 && count[i] < 10400);
}
