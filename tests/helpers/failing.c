/* Lets the n-th call of a function of the C library fail: loaded by LD_PRELOAD, used by failing.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NONE, OPEN, WRITE, FSYNC, RENAME, MALLOC, MMAP };

static volatile int armed = NONE, failing_code, all_later;
static volatile long nth, calls;

/* From here on the nth call of this kind fails with this errno, and with `later` all after it. */
void faults_arm(int kind, long n, int code, int later)
{
    calls = 0;
    nth = n;
    failing_code = code;
    all_later = later;
    armed = kind;
}

/* No call fails any more; returns how many there were. */
long faults_disarm(void)
{
    armed = NONE;
    return calls;
}

static int fails(int kind)
{
    if (armed != kind)
        return 0;
    long n = __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
    if (n != nth && !(all_later && n > nth && nth > 0))
        return 0;
    errno = failing_code;
    return 1;
}

/* Declares `real` as the C library's function of this name. */
#define REAL(type, name, ...)                                     \
    static type (*real)(__VA_ARGS__);                             \
    if (!real)                                                    \
        real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

#define OPENS(name)                                               \
    int name(const char *path, int flags, ...)                    \
    {                                                             \
        REAL(int, name, const char *, int, ...);                  \
        va_list rest;                                             \
        va_start(rest, flags);                                    \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                             \
        return fails(OPEN) ? -1 : real(path, flags, mode);        \
    }
OPENS(open)
OPENS(open64)

#define OPENS_AT(name)                                            \
    int name(int folder, const char *path, int flags, ...)        \
    {                                                             \
        REAL(int, name, int, const char *, int, ...);             \
        va_list rest;                                             \
        va_start(rest, flags);                                    \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                             \
        return fails(OPEN) ? -1 : real(folder, path, flags, mode); \
    }
OPENS_AT(openat)
OPENS_AT(openat64)

#define CALL(type, failed, kind, name, parameters, arguments, ...) \
    type name parameters                                          \
    {                                                             \
        REAL(type, name, __VA_ARGS__);                            \
        return fails(kind) ? failed : real arguments;             \
    }
CALL(int, -1, OPEN, mkdir, (const char *path, mode_t mode), (path, mode), const char *, mode_t)
CALL(ssize_t, -1, WRITE, write, (int file, const void *data, size_t size), (file, data, size),
     int, const void *, size_t)
CALL(ssize_t, -1, WRITE, writev, (int file, const struct iovec *parts, int n), (file, parts, n),
     int, const struct iovec *, int)
CALL(ssize_t, -1, WRITE, pwrite64, (int file, const void *data, size_t size, off64_t at),
     (file, data, size, at), int, const void *, size_t, off64_t)
CALL(int, -1, FSYNC, fsync, (int file), (file), int)
CALL(int, -1, FSYNC, fdatasync, (int file), (file), int)
CALL(int, -1, RENAME, rename, (const char *from, const char *to), (from, to), const char *,
     const char *)
CALL(int, -1, RENAME, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to),
     int, const char *, int, const char *)
CALL(int, -1, RENAME, renameat2,
     (int a, const char *from, int b, const char *to, unsigned flags), (a, from, b, to, flags),
     int, const char *, int, const char *, unsigned)
CALL(int, -1, RENAME, link, (const char *from, const char *to), (from, to), const char *,
     const char *)
CALL(void *, MAP_FAILED, MMAP, mmap,
     (void *place, size_t size, int protection, int flags, int file, off_t at),
     (place, size, protection, flags, file, at), void *, size_t, int, int, int, off_t)
CALL(void *, MAP_FAILED, MMAP, mmap64,
     (void *place, size_t size, int protection, int flags, int file, off64_t at),
     (place, size, protection, flags, file, at), void *, size_t, int, int, int, off64_t)

/* dlsym itself allocates, so these are found by the names that glibc gives them as well. */
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t size)
{
    return fails(MALLOC) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails(MALLOC) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    return fails(MALLOC) ? NULL : __libc_realloc(old, size);
}

int posix_memalign(void **result, size_t alignment, size_t size)
{
    if (fails(MALLOC))
        return ENOMEM;
    *result = __libc_memalign(alignment, size);
    return *result ? 0 : ENOMEM;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(MALLOC) ? NULL : __libc_memalign(alignment, size);
}
