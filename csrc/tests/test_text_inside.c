/* The cases that need the internals of text.c: failing allocations and colliding hashes. */
#include "check.h"

static int64_t allocations_left;

static void *failing_calloc(size_t n, size_t size)
{
    return allocations_left-- > 0 ? calloc(n, size) : NULL;
}

static void *failing_realloc(void *old, size_t size)
{
    return allocations_left-- > 0 ? realloc(old, size) : NULL;
}

#define calloc failing_calloc
#define realloc failing_realloc
#include "../text.c"

enum { SEED = 7 };

/* 3,000 words in blocks of 1,001 bytes, which make slots, arrays, arena and the carried word grow. */
static int read_all(void)
{
    static char text[60000];
    static int32_t ids[4096], ends[4097];
    int64_t n = 0;
    w2v_text_table t;
    w2v_text_run run = {0};
    for (int i = 0; i < 3000; i++)
        n += snprintf(text + n, 32, "%s%d ", i % 2 ? "" : "internation", i);
    int status = w2v_text_open(&t, SEED);
    run.ids = ids, run.ends = ends, run.room = 4096, run.limit = INT32_MAX;
    for (int64_t from = 0; from < n && !status; from += 1001) {
        run.data = (unsigned char *)text + from;
        run.size = run.end = n - from < 1001 ? n - from : 1001;
        run.at = run.n_ids = run.n_ends = 0;
        run.more = 1;
        status = w2v_text_feed(&t, &run);
    }
    CHECK(status || t.n == 3000);
    w2v_text_run_close(&run);
    w2v_text_close(&t);
    return status;
}

CASE(every_allocation_may_fail)
{
    int failures = 0;
    for (int64_t k = 0;; k++) {
        allocations_left = k;
        int status = read_all();
        if (!status)
            break;
        CHECK_EQUAL(status, W2V_TEXT_NO_MEMORY);
        failures++;
    }
    CHECK(failures > 10);
}

/* The bytes of x, lowest first. */
static void put(unsigned char *p, uint64_t x)
{
    for (int i = 0; i < 8; i++)
        p[i] = (unsigned char)(x >> (8 * i));
}

/* Two words of 16 bytes; the end of the second one is chosen so that their keys are equal. */
CASE(words_with_equal_keys_get_different_ids)
{
    unsigned char one[16] = "internationalise", two[16] = "extraordinarily!";
    int status;
    w2v_text_table t;
    const w2v_secret secret = w2v_secret_of(SEED);
    put(two + 8, w2v_bytes_load8(one + 8) ^ w2v_secret_mix(&secret, 16 ^ w2v_bytes_load8(one)) ^
                     w2v_secret_mix(&secret, 16 ^ w2v_bytes_load8(two)));
    CHECK(w2v_word_key(&secret, one, 16) == w2v_word_key(&secret, two, 16));
    allocations_left = 100;
    CHECK_EQUAL(w2v_text_open(&t, SEED), W2V_TEXT_OK);
    CHECK_EQUAL(w2v_text_add(&t, one, 16, 1, 0, &status), 0);
    CHECK_EQUAL(w2v_text_add(&t, two, 16, 1, 1, &status), 1);
    CHECK_EQUAL(w2v_text_add(&t, one, 16, 1, 2, &status), 0);
    CHECK_EQUAL(w2v_text_add(&t, two, 16, 1, 3, &status), 1);
    w2v_text_close(&t);
}

/* A word of 8 bytes that equals the key of a longer word. */
CASE(a_short_word_that_equals_the_hash_of_a_long_one)
{
    unsigned char shorter[8];
    const unsigned char *longer = (const unsigned char *)"internationalise";
    int status;
    w2v_text_table t;
    const w2v_secret secret = w2v_secret_of(SEED);
    put(shorter, w2v_word_key(&secret, longer, 16));
    for (int shorter_first = 0; shorter_first < 2; shorter_first++) {
        allocations_left = 100;
        CHECK_EQUAL(w2v_text_open(&t, SEED), W2V_TEXT_OK);
        CHECK_EQUAL(w2v_text_add(&t, shorter_first ? shorter : longer, shorter_first ? 8 : 16, 1, 0, &status), 0);
        CHECK_EQUAL(w2v_text_add(&t, shorter_first ? longer : shorter, shorter_first ? 16 : 8, 1, 1, &status), 1);
        CHECK_EQUAL(w2v_text_add(&t, shorter_first ? shorter : longer, shorter_first ? 8 : 16, 1, 2, &status), 0);
        w2v_text_close(&t);
    }
}
