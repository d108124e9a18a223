/* A counter that one thread advances and other threads read. */
#ifndef W2V_COUNTER_H
#define W2V_COUNTER_H

#include <stdint.h>

static inline int64_t w2v_counter_read(const int64_t *counter)
{
#if defined(__GNUC__)
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
#else
    return *(const volatile int64_t *)counter;
#endif
}

/* For the only thread that changes the counter. */
static inline void w2v_counter_add(int64_t *counter, int64_t n)
{
#if defined(__GNUC__)
    __atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
#else
    *(volatile int64_t *)counter += n;
#endif
}

#endif
