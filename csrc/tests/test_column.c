/* sources: text.c text_table.c column.c values.c */
/* Columns of Arrow: ids, counts, first occurrences and ends of rows. Buffers have their exact size, so that the
 * sanitizers detect every read outside them. */
#include "check.h"
#include "column.h"

enum { ROOM = 64, VALUES = 6 };

/* "ccc", "a", "", "longer than 8", "a", "ccc", with a gap before the first value. */
static const int32_t STARTS[] = {0, 2, 5, 6, 6, 19, 20, 23};
static const char BYTES[] = "xxcccalonger than 8accc";
static const int32_t ROWS[] = {0, 2, 2, 6};

static void *copied(const void *from, size_t size)
{
    void *to = malloc(size);
    memcpy(to, from, size);
    return to;
}

static w2v_values strings(void)
{
    w2v_values v = {.kind = W2V_VALUES_STRINGS, .width = 4, .from = 1, .n = VALUES};
    unsigned char *bytes = copied(BYTES, sizeof BYTES - 1);
    v.data = bytes;
    v.end = bytes + sizeof BYTES - 1;
    v.offsets = copied(STARTS, sizeof STARTS);
    return v;
}

typedef struct {
    w2v_text_table table;
    int32_t ids[ROOM], ends[ROOM + 1];
    int64_t n, n_ends, bad;
} result;

/* Feeds all rows, `room` ids at a time. */
static int feed(result *out, w2v_column_run run, int64_t room)
{
    int32_t ids[ROOM], ends[ROOM + 1];
    int status = W2V_TEXT_OK;
    CHECK_EQUAL(w2v_text_open(&out->table, 1), W2V_TEXT_OK);
    out->n = out->n_ends = 0;
    run.limit = INT32_MAX;
    run.ids = ids, run.ends = ends, run.room = room;
    while (!status && run.row < run.end) {
        run.n_ids = run.n_ends = 0;
        status = w2v_column_feed(&out->table, &run);
        for (int64_t e = 0; e < run.n_ends; e++)
            out->ends[out->n_ends++] = (int32_t)(out->n + ends[e]);
        for (int64_t i = 0; i < run.n_ids; i++)
            out->ids[out->n++] = ids[i];
    }
    out->bad = run.bad;
    return status;
}

/* n rows; offsets: the first value of each, and the end of the last one. */
static w2v_rows rows_of(const void *offsets, int64_t n)
{
    w2v_rows rows = {.kind = W2V_ROWS_OFFSETS, .width = 4, .n = n, .offsets = offsets};
    return rows;
}

static w2v_column_run run_of(w2v_values values)
{
    w2v_column_run run = {.values = values, .end = 3, .first = 100};
    run.rows = rows_of(copied(ROWS, sizeof ROWS), 3);
    return run;
}

static void release(w2v_column_run *run, result *r)
{
    free((void *)run->rows.offsets);
    free((void *)run->values.offsets);
    free((void *)run->values.data);
    w2v_text_close(&r->table);
}

static void check_ids(const result *r, const int32_t *ids, int64_t n)
{
    CHECK_EQUAL(r->n, n);
    for (int64_t i = 0; i < n; i++)
        CHECK_EQUAL(r->ids[i], ids[i]);
    CHECK_EQUAL(r->ends[r->n_ends - 1], n);
}

CASE(strings_in_rows)
{
    static const int32_t ids[] = {0, 1, 2, 3, 1, 0};
    for (int64_t room = 1; room < 9; room++) {
        result r;
        w2v_column_run run = run_of(strings());
        int64_t length;
        CHECK_EQUAL(feed(&r, run, room), W2V_TEXT_OK);
        check_ids(&r, ids, VALUES);
        CHECK_EQUAL(r.table.n, 4);
        CHECK_EQUAL(r.table.entries[0].count, 2);
        CHECK_EQUAL(r.table.first[3], 103);
        CHECK(!memcmp(w2v_text_word(&r.table, 3, &length), "longer than 8", 13));
        CHECK_EQUAL(length, 13);
        CHECK_EQUAL(r.ends[0], 2);
        release(&run, &r);
    }
}

CASE(integers_of_each_width)
{
    for (int width = 1; width <= 8; width *= 2) {
        static const int64_t numbers[VALUES] = {-7, 3, -7, 100, 3, 0};
        static const int32_t ids[] = {0, 1, 0, 2, 1, 3};
        w2v_values v = {.kind = W2V_VALUES_INTEGERS, .width = width, .is_signed = 1, .n = VALUES};
        unsigned char *data = malloc((size_t)(VALUES * width));
        uint64_t found;
        int64_t length;
        result r;
        for (int i = 0; i < VALUES; i++) {
            int8_t b = (int8_t)numbers[i];
            int16_t s = (int16_t)numbers[i];
            int32_t w = (int32_t)numbers[i];
            const void *from = width == 1   ? (void *)&b
                               : width == 2 ? (void *)&s
                               : width == 4 ? (void *)&w
                                            : (void *)&numbers[i];
            memcpy(data + i * width, from, (size_t)width);
        }
        v.data = data;
        w2v_column_run run = run_of(v);
        CHECK_EQUAL(w2v_values_integer(&v, 0, &found), W2V_VALUES_OK);
        CHECK_EQUAL(found, -7);
        CHECK_EQUAL(feed(&r, run, ROOM), W2V_TEXT_OK);
        check_ids(&r, ids, VALUES);
        CHECK_EQUAL(w2v_text_word(&r.table, 0, &length)[0], 0xf9);
        CHECK_EQUAL(length, 8);
        release(&run, &r);
    }
}

CASE(codes_are_the_ids)
{
    static const uint16_t codes[VALUES] = {3, 1, 3, 0, 0, 3};
    static const int32_t ids[] = {3, 1, 3, 0, 0, 3};
    w2v_values c = {.kind = W2V_VALUES_INTEGERS, .width = 2, .n = VALUES};
    c.data = copied(codes, sizeof codes);
    for (int64_t room = 1; room < 9; room++) {
        int32_t counts[VALUES] = {0};
        uint64_t firsts[VALUES];
        int32_t map[VALUES] = {-1, -1, -1, -1, -1, -1};
        result r;
        w2v_column_run run = run_of(strings());
        run.codes = &c;
        run.counts = counts;
        run.firsts = firsts;
        CHECK_EQUAL(feed(&r, run, room), W2V_TEXT_OK);
        check_ids(&r, ids, VALUES);
        CHECK_EQUAL(r.table.n, 0);
        CHECK_EQUAL(w2v_column_count_codes(&r.table, &run.values, counts, firsts, map), 0);
        CHECK_EQUAL(r.table.n, 3);
        CHECK_EQUAL(map[2], -1);
        CHECK_EQUAL(r.table.entries[map[3]].count, 3);
        CHECK_EQUAL(r.table.first[map[3]], 100);
        CHECK_EQUAL(r.table.first[map[0]], 103);
        CHECK_EQUAL(counts[3], 0);
        release(&run, &r);
    }
    free((void *)c.data);
}

CASE(missing_values)
{
    static const unsigned char valid[] = {0x77}; /* not bits 3 and 7 */
    result r;
    w2v_column_run run = run_of(strings());
    run.values.valid = valid;
    CHECK_EQUAL(feed(&r, run, ROOM), W2V_VALUES_NULL);
    CHECK_EQUAL(r.bad, 2);
    CHECK_EQUAL(r.n, 2);
    release(&run, &r);
    run = run_of(strings());
    run.rows.valid = valid;
    run.rows.from = 0;
    CHECK_EQUAL(feed(&r, run, ROOM), W2V_TEXT_OK);
    release(&run, &r);
    static const unsigned char second[] = {5};
    run = run_of(strings());
    run.rows.valid = second;
    CHECK_EQUAL(feed(&r, run, ROOM), W2V_VALUES_NULL);
    CHECK_EQUAL(r.bad, 1);
    release(&run, &r);
}

CASE(rows_outside_of_the_values)
{
    static const int32_t wrong[][4] = {{0, 2, 2, 7}, {0, 2, 1, 6}, {-1, 2, 2, 6}};
    for (int i = 0; i < 3; i++) {
        result r;
        w2v_column_run run = run_of(strings());
        memcpy((void *)run.rows.offsets, wrong[i], sizeof wrong[i]);
        CHECK_EQUAL(feed(&r, run, ROOM), W2V_VALUES_DAMAGED);
        CHECK_EQUAL(r.bad, 2 - i);
        release(&run, &r);
    }
}

static int view(w2v_values *v, int32_t length, int32_t buffer, int32_t start, const unsigned char **p,
                int64_t *n)
{
    int32_t words[4] = {length, 0, buffer, start};
    memcpy((void *)v->data, words, sizeof words);
    return w2v_values_string(v, 0, p, n);
}

CASE(views_and_their_buffers)
{
    const unsigned char *buffers[] = {copied("thirteen bytes", 14), copied("x", 1)}, *p;
    static const int64_t sizes[] = {14, 1};
    w2v_values v = {.kind = W2V_VALUES_VIEWS, .width = 16, .n = 1, .n_buffers = 2, .sizes = sizes};
    int64_t n;
    v.data = calloc(1, 16);
    v.buffers = buffers;
    CHECK_EQUAL(view(&v, 13, 0, 1, &p, &n), W2V_VALUES_OK);
    CHECK(n == 13 && !memcmp(p, "hirteen bytes", 13));
    CHECK_EQUAL(view(&v, 12, 99, 99, &p, &n), W2V_VALUES_OK);
    CHECK(p == v.data + 4);
    CHECK_EQUAL(view(&v, 13, 0, 2, &p, &n), W2V_VALUES_DAMAGED);
    CHECK_EQUAL(view(&v, 13, 0, -1, &p, &n), W2V_VALUES_DAMAGED);
    CHECK_EQUAL(view(&v, 13, 2, 0, &p, &n), W2V_VALUES_DAMAGED);
    CHECK_EQUAL(view(&v, 13, -1, 0, &p, &n), W2V_VALUES_DAMAGED);
    CHECK_EQUAL(view(&v, -1, 0, 0, &p, &n), W2V_VALUES_DAMAGED);
    CHECK_EQUAL(view(&v, INT32_MAX, 0, INT32_MAX, &p, &n), W2V_VALUES_DAMAGED);
    free((void *)buffers[0]);
    free((void *)buffers[1]);
    free((void *)v.data);
}

/* Strings of every length, whose bytes end with the buffer. */
static void check_lengths(int is_view)
{
    for (int n = 0; n < 40; n++) {
        static const int32_t ids[] = {0, 1, 0};
        int32_t offsets[] = {0, n, 2 * n, 3 * n}, ends[] = {0, 1, 2, 3};
        int64_t size = 3 * n, length;
        unsigned char *bytes = malloc((size_t)size + !size), *views = calloc(3, 16);
        const unsigned char *buffers[] = {bytes};
        w2v_values v = {.kind = is_view ? W2V_VALUES_VIEWS : W2V_VALUES_STRINGS, .width = 4, .n = 3};
        result r;
        memset(bytes, 'x', (size_t)size);
        if (n)
            bytes[2 * n - 1] = 'y';
        for (int i = 0; i < 3; i++) {
            int32_t head[4] = {n, 0, 0, i * n};
            memcpy(views + 16 * i, head, sizeof head);
            memset(views + 16 * i + 4, 0xee, n > 12 ? 0 : 12); /* which need not be zeros */
            memcpy(views + 16 * i + 4, n > 12 ? (unsigned char *)(head + 1) : bytes + i * n, n > 12 ? 12 : (size_t)n);
        }
        v.data = is_view ? views : bytes;
        v.offsets = (unsigned char *)offsets;
        v.end = bytes + size;
        v.buffers = buffers;
        v.sizes = &size;
        v.n_buffers = 1;
        w2v_column_run run = {.values = v, .end = 3, .rows = rows_of(ends, 3)};
        CHECK_EQUAL(feed(&r, run, ROOM), W2V_TEXT_OK);
        CHECK_EQUAL(r.n, 3);
        for (int i = 0; i < 3; i++)
            CHECK_EQUAL(r.ids[i], n ? ids[i] : 0);
        const unsigned char *word = w2v_text_word(&r.table, r.ids[1], &length);
        CHECK(length == n && !memcmp(word, bytes + n, (size_t)n));
        w2v_text_close(&r.table);
        free(bytes);
        free(views);
    }
}

CASE(strings_of_every_length)
{
    check_lengths(0);
}

CASE(views_of_every_length)
{
    check_lengths(1);
}

/* A NUL is an error, also where the key of the string is that of another one. */
CASE(strings_with_nul)
{
    static const char *const texts[] = {"a\0", "a\0b", "\0", "123456789\0"};
    static const int lengths[] = {2, 3, 1, 10};
    for (int i = 0; i < 4; i++) {
        int32_t offsets[] = {0, lengths[i] - 1, 2 * lengths[i] - 1}, ends[] = {0, 1, 2};
        char bytes[64];
        result r;
        memcpy(bytes, "aaaaaaaaaaaaaaaa", 16);
        if (lengths[i] == 2 || lengths[i] == 10)
            memcpy(bytes, texts[i], (size_t)lengths[i] - 1);
        memcpy(bytes + lengths[i] - 1, texts[i], (size_t)lengths[i]);
        w2v_values v = {.kind = W2V_VALUES_STRINGS, .width = 4, .n = 2};
        v.data = (unsigned char *)bytes;
        v.end = v.data + offsets[2];
        v.offsets = (unsigned char *)offsets;
        w2v_column_run run = {.values = v, .end = 2, .rows = rows_of(ends, 2)};
        CHECK_EQUAL(feed(&r, run, ROOM), W2V_TEXT_NUL);
        CHECK_EQUAL(r.bad, 1);
        w2v_text_close(&r.table);
    }
}

CASE(joined_strings)
{
    w2v_values v = strings();
    unsigned char *out = malloc(20);
    int64_t at = 0, n, needed;
    CHECK_EQUAL(w2v_values_join(&v, NULL, &at, 6, '\n', out, 20, &n, &needed), W2V_VALUES_OK);
    CHECK_EQUAL(at, 3);
    CHECK(n == 7 && !memcmp(out, "ccc\na\n\n", 7));
    CHECK_EQUAL(w2v_values_join(&v, NULL, &at, 6, 0, out, 5, &n, &needed), W2V_VALUES_OK);
    CHECK(at == 3 && n == 0 && needed == 14);
    CHECK_EQUAL(w2v_values_join(&v, NULL, &at, 6, 0, out, 20, &n, &needed), W2V_VALUES_OK);
    CHECK(at == 6 && n == 20 && !memcmp(out + 13, "\0a\0ccc", 7));
    free(out);
    free((void *)v.data);
    free((void *)v.offsets);
}
