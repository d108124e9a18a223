/* Memory speeds of the machine: random rows read, changed and written back; memory read in order; a cache
   line passed from core to core. Compiled by limits.py when it runs, not part of the package. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

static uint64_t next(uint64_t *state) {
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

static size_t draw(uint64_t *state, size_t rows) { return (size_t)(((next(state) >> 32) * rows) >> 32); }

/* Adds a constant to `count` random rows of a (rows, stride) table; `ahead` rows are prefetched (0: none). */
void update_rows(float *table, size_t rows, size_t stride, size_t size, size_t count, size_t ahead) {
    enum { RING = 64 };
    size_t ring[RING];
    uint64_t state = 88172645463325252u;
    for (size_t i = 0; i < RING; i++) ring[i] = draw(&state, rows);
    for (size_t i = 0; i < count; i++) {
        float *row = table + ring[i % RING] * stride;
        if (ahead) {
            const char *later = (const char *)(table + ring[(i + ahead) % RING] * stride);
            for (size_t at = 0; at < size * sizeof(float); at += 64) __builtin_prefetch(later + at, 1);
        }
        for (size_t k = 0; k < size; k++) row[k] += 1e-9f;
        ring[i % RING] = draw(&state, rows);
    }
}

/* Sum of n floats, in 16 running sums so that no chain of additions bounds it. */
float read_in_order(const float *array, size_t n) {
    float sums[16] = {0}, total = 0;
    for (size_t i = 0; i + 16 <= n; i += 16)
        for (size_t k = 0; k < 16; k++) sums[k] += array[i + k];
    for (size_t k = 0; k < 16; k++) total += sums[k];
    return total;
}

typedef struct {
    _Alignas(128) int turn; /* which thread may write, 0 or 1 */
    int cores[2], times;
} pingpong;

static void play(pingpong *b, int mine) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(b->cores[mine], &set);
    sched_setaffinity(0, sizeof set, &set); /* of this thread only */
    for (int i = 0; i < b->times; i++) {
        while (__atomic_load_n(&b->turn, __ATOMIC_ACQUIRE) != mine) {}
        __atomic_store_n(&b->turn, 1 - mine, __ATOMIC_RELEASE);
    }
}

static void *first(void *b) { return play(b, 0), NULL; }
static void *second(void *b) { return play(b, 1), NULL; }

/* Mean nanoseconds for a cache line to go from one core to another. */
double line_ns(int one, int other, int times) {
    pingpong b = {.cores = {one, other}, .times = times};
    struct timespec begin, end;
    pthread_t threads[2];
    clock_gettime(CLOCK_MONOTONIC, &begin);
    pthread_create(&threads[0], NULL, first, &b);
    pthread_create(&threads[1], NULL, second, &b);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return ((end.tv_sec - begin.tv_sec) * 1e9 + (end.tv_nsec - begin.tv_nsec)) / (2.0 * times);
}
