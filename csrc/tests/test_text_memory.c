/* Every allocation of text.c fails once: a status comes back, nothing leaks, nothing is read that is gone. */
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

/* 3,000 words in blocks of 1,001 bytes: slots, arrays, arena and the carried word all grow. */
static int read_all(void)
{
    static char text[60000];
    static int32_t ids[4096], ends[4097];
    int64_t n = 0;
    text_table t;
    text_run run = {0};
    for (int i = 0; i < 3000; i++)
        n += snprintf(text + n, 32, "%s%d ", i % 2 ? "" : "internation", i);
    int status = text_open(&t);
    run.ids = ids, run.ends = ends, run.room = 4096, run.limit = INT32_MAX;
    for (int64_t from = 0; from < n && !status; from += 1001) {
        run.data = (unsigned char *)text + from;
        run.size = run.end = n - from < 1001 ? n - from : 1001;
        run.at = run.n_ids = run.n_ends = 0;
        run.more = 1;
        status = text_feed(&t, &run);
    }
    CHECK(status || t.n == 3000);
    text_run_close(&run);
    text_close(&t);
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
        CHECK_EQUAL(status, TEXT_NO_MEMORY);
        failures++;
    }
    CHECK(failures > 10);
}
