/* Prefetching of cache lines. */
#ifndef W2V_PREFETCH_H
#define W2V_PREFETCH_H

/* W2V_PREFETCH prefetches the cache line at p; written: 1 if it will be changed.
 *
 * GCC assumes that a function which only prefetches has no effect, and removes the calls of it. Such a
 * function therefore contains W2V_HAS_EFFECT. */
#if defined(__GNUC__)
#define W2V_PREFETCH(p, written) __builtin_prefetch(p, written)
#define W2V_HAS_EFFECT() __asm__ __volatile__("")
#else
#define W2V_PREFETCH(p, written) (void)(p)
#define W2V_HAS_EFFECT() (void)0
#endif

#endif
