/* The cases that need the internals of text.c and text_table.c: failing allocations and colliding hashes. They use the
 * code for processors without SSE2. */
#undef __SSE2__
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
#include "../text_table.c"

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

static uint64_t inverse(uint64_t odd)
{
    uint64_t x = odd;
    for (int i = 0; i < 6; i++)
        x *= 2 - odd * x;
    return x;
}

/* The number that w2v_secret_mix makes y of. */
static uint64_t unmixed(const w2v_secret *secret, uint64_t y)
{
    y *= inverse(secret->second);
    return ((y ^ y >> 32) * inverse(secret->first)) ^ secret->start;
}

static int are_equal(w2v_word_key a, w2v_word_key b)
{
    return a.low == b.low && a.high == b.high;
}

/* Two words of 24 bytes; the middle of the second one is chosen so that their keys are equal. */
CASE(words_with_equal_keys_get_different_ids)
{
    unsigned char one[25] = "internationalisation....", two[25] = "extraordinarily!    ....";
    int status;
    w2v_text_table t;
    const w2v_secret secret = w2v_secret_of(SEED);
    uint64_t before = w2v_secret_mix(&secret, 24 ^ w2v_bytes_load8(two));
    memcpy(two + 16, one + 16, 8);
    put(two + 8, unmixed(&secret, w2v_word_key_of(&secret, one, 24).low ^ before >> 29) ^ before);
    CHECK(are_equal(w2v_word_key_of(&secret, one, 24), w2v_word_key_of(&secret, two, 24)));
    allocations_left = 100;
    CHECK_EQUAL(w2v_text_open(&t, SEED), W2V_TEXT_OK);
    CHECK_EQUAL(w2v_text_add(&t, one, 24, 1, 0, &status), 0);
    CHECK_EQUAL(w2v_text_add(&t, two, 24, 1, 1, &status), 1);
    CHECK_EQUAL(w2v_text_add(&t, one, 24, 1, 2, &status), 0);
    CHECK_EQUAL(w2v_text_add(&t, two, 24, 1, 3, &status), 1);
    w2v_text_close(&t);
}

/* A word of 16 bytes that equals the key of a longer word. */
CASE(a_short_word_that_equals_the_key_of_a_long_one)
{
    unsigned char shorter[16];
    const unsigned char *longer = (const unsigned char *)"internationalisation";
    int status;
    w2v_text_table t;
    const w2v_secret secret = w2v_secret_of(SEED);
    w2v_word_key key = w2v_word_key_of(&secret, longer, 20);
    put(shorter, key.low);
    put(shorter + 8, key.high);
    CHECK(are_equal(key, w2v_word_key_of(&secret, shorter, 16)));
    for (int shorter_first = 0; shorter_first < 2; shorter_first++) {
        allocations_left = 100;
        CHECK_EQUAL(w2v_text_open(&t, SEED), W2V_TEXT_OK);
        CHECK_EQUAL(w2v_text_add(&t, shorter_first ? shorter : longer, shorter_first ? 16 : 20, 1, 0, &status), 0);
        CHECK_EQUAL(w2v_text_add(&t, shorter_first ? longer : shorter, shorter_first ? 20 : 16, 1, 1, &status), 1);
        CHECK_EQUAL(w2v_text_add(&t, shorter_first ? shorter : longer, shorter_first ? 16 : 20, 1, 2, &status), 0);
        w2v_text_close(&t);
    }
}

/* Words whose hashes have equal tags and fill a bucket and the ones after it, up to the first one of the table. */
CASE(full_buckets)
{
    w2v_text_table t;
    w2v_text_token words[2 * W2V_TEXT_BUCKET + 1];
    enum { N = sizeof words / sizeof *words };
    unsigned char bytes[N];
    int32_t ids[N];
    int status;
    allocations_left = 100;
    CHECK_EQUAL(w2v_text_open(&t, SEED), W2V_TEXT_OK);
    for (int i = 0; i < N; i++) {
        bytes[i] = (unsigned char)('a' + i);
        words[i].bytes = bytes + i;
        words[i].length = 1;
        words[i].key = w2v_word_key_of(&t.secret, bytes + i, 1);
        words[i].hash = UINT64_MAX;
        CHECK_EQUAL(w2v_text_insert(&t, words + i, 0, &status), i);
    }
    CHECK(t.buckets[buckets_of(&t) - 1].ids[7] == 7 && t.buckets[0].ids[7] == 15 && t.buckets[1].ids[0] == 16);
    w2v_text_guess(&t, words, N, ids);
    CHECK_EQUAL(w2v_text_count(&t, words, 0, N, ids), N);
    for (int i = 0; i < N; i++)
        CHECK_EQUAL(ids[i], i);
    words[0].length = 2; /* the key of another word */
    CHECK_EQUAL(w2v_text_count(&t, words, 0, 1, ids), 0);
    w2v_text_close(&t);
}
