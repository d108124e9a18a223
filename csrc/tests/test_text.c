/* sources: text.c text_table.c */
/* Words, ids, counts and ends of sentences. Buffers have their exact size, so that the sanitizers detect
 * every read outside them. */
#include "check.h"
#include "text.h"
#include "utf8.h"

enum { ROOM = 512 };

typedef struct {
    w2v_text_table table;
    int32_t ids[ROOM], ends[ROOM + 1];
    int64_t n, n_ends, bad;
} result;

/* Feeds text in blocks of `block` bytes, which are separate buffers (more = 1) or ranges of one buffer (more =
 * 0), for `room` ids at a time. */
static int feed(result *out, const char *text, int64_t size, int64_t block, int more, int64_t room)
{
    int32_t ids[ROOM], ends[ROOM + 1];
    w2v_text_run run = {0};
    int status = W2V_TEXT_OK;
    CHECK_EQUAL(w2v_text_open(&out->table, 1), W2V_TEXT_OK);
    out->n = out->n_ends = 0;
    run.limit = INT32_MAX;
    run.ids = ids, run.ends = ends, run.room = room;
    for (int64_t from = 0; from <= size && !status; from += block) {
        int64_t n = size - from < block ? size - from : block;
        unsigned char *copy = malloc((size_t)(more ? n : size) + !(more ? n : size));
        memcpy(copy, text + (more ? from : 0), (size_t)(more ? n : size));
        run.data = copy;
        run.size = more ? n : size;
        run.at = more ? 0 : from;
        run.end = run.at + n;
        run.more = more && from + block <= size;
        run.base = more ? (uint64_t)from : 0;
        if (!more && from && !memchr(" \t\n\r\v\f", text[from - 1], 6))
            run.at = w2v_text_word_end(copy, from, size);
        do {
            run.n_ids = run.n_ends = 0;
            status = w2v_text_feed(&out->table, &run);
            for (int64_t e = 0; e < run.n_ends; e++)
                out->ends[out->n_ends++] = (int32_t)(out->n + ends[e]);
            for (int64_t i = 0; i < run.n_ids; i++)
                out->ids[out->n++] = ids[i];
        } while (!status && run.at < run.end);
        out->bad = run.bad + (more ? from : 0);
        free(copy);
    }
    w2v_text_run_close(&run);
    return status;
}

static int whole(result *out, const char *text, int64_t size)
{
    return feed(out, text, size, size + 1, 0, ROOM);
}

static int is_word(const result *r, int64_t id, const char *word)
{
    int64_t n;
    const unsigned char *bytes = w2v_text_word(&r->table, id, &n);
    return n == (int64_t)strlen(word) && !memcmp(bytes, word, (size_t)n);
}

static void check_ids(const result *r, const int32_t *ids, int64_t n)
{
    CHECK_EQUAL(r->n, n);
    for (int64_t i = 0; i < n; i++)
        CHECK_EQUAL(r->ids[i], ids[i]);
}

#define IDS(r, ...)                                                           \
    do {                                                                      \
        static const int32_t expected[] = {__VA_ARGS__};                      \
        check_ids(r, expected, (int64_t)(sizeof expected / sizeof *expected)); \
    } while (0)

CASE(ids_follow_first_occurrence)
{
    result r;
    CHECK_EQUAL(whole(&r, "the cat the dog cat the", 23), W2V_TEXT_OK);
    IDS(&r, 0, 1, 0, 2, 1, 0);
    CHECK_EQUAL(r.table.n, 3);
    CHECK(is_word(&r, 0, "the") && is_word(&r, 1, "cat") && is_word(&r, 2, "dog"));
    CHECK_EQUAL(r.table.entries[0].count, 3);
    CHECK_EQUAL(r.table.entries[2].count, 1);
    CHECK_EQUAL(r.table.first[1], 4);
    CHECK_EQUAL(r.table.first[2], 12);
    w2v_text_close(&r.table);
}

CASE(empty_text_has_no_words)
{
    result r;
    CHECK_EQUAL(whole(&r, "", 0), W2V_TEXT_OK);
    CHECK_EQUAL(r.n, 0);
    CHECK_EQUAL(r.n_ends, 0);
    w2v_text_close(&r.table);
}

CASE(white_space_has_no_words)
{
    result r;
    CHECK_EQUAL(whole(&r, " \t\n \r\n\v\f   \n", 12), W2V_TEXT_OK);
    CHECK_EQUAL(r.n, 0);
    w2v_text_close(&r.table);
}

CASE(each_separator_separates)
{
    result r;
    CHECK_EQUAL(whole(&r, "a b\tc\nd\re\vf\fg", 13), W2V_TEXT_OK);
    IDS(&r, 0, 1, 2, 3, 4, 5, 6);
    CHECK_EQUAL(r.n_ends, 1);
    CHECK_EQUAL(r.ends[0], 3);
    w2v_text_close(&r.table);
}

CASE(other_control_and_high_bytes_belong_to_words)
{
    result r;
    const char *text = "a\x01z a\x1fz \x08 \x1c\x1d a\x7f \xc2\x85 \xc2\xa0 \xe3\x80\x80";
    CHECK_EQUAL(whole(&r, text, (int64_t)strlen(text)), W2V_TEXT_OK);
    IDS(&r, 0, 1, 2, 3, 4, 5, 6, 7);
    w2v_text_close(&r.table);
}

CASE(one_end_per_sentence)
{
    result r;
    CHECK_EQUAL(whole(&r, "a b\r\n\r\n\nc\n", 10), W2V_TEXT_OK);
    CHECK_EQUAL(r.n_ends, 2);
    CHECK_EQUAL(r.ends[0], 2);
    CHECK_EQUAL(r.ends[1], 3);
    w2v_text_close(&r.table);
}

CASE(words_of_every_length)
{
    for (int n = 1; n < 60; n++) {
        char text[200];
        result r;
        memset(text, 'x', sizeof text);
        text[n] = ' '; /* x^n, x^n and x^n y, which differ outside the bytes of a key from n = 8 on */
        text[2 * n + 1] = ' ';
        text[3 * n + 2] = 'y';
        CHECK_EQUAL(whole(&r, text, 3 * n + 3), W2V_TEXT_OK);
        IDS(&r, 0, 0, 1);
        int64_t length;
        w2v_text_word(&r.table, 0, &length);
        CHECK_EQUAL(length, n);
        w2v_text_word(&r.table, 1, &length);
        CHECK_EQUAL(length, n + 1);
        w2v_text_close(&r.table);
    }
}

CASE(words_that_differ_in_one_byte)
{
    for (int n = 1; n < 40; n++)
        for (int k = 0; k < n; k++) {
            char text[100];
            result r;
            memset(text, 'q', sizeof text);
            text[n] = '\t';
            text[n + 1 + k] = 'r';
            CHECK_EQUAL(whole(&r, text, 2 * n + 1), W2V_TEXT_OK);
            IDS(&r, 0, 1);
            w2v_text_close(&r.table);
        }
}

/* The words of a text, found byte by byte, must be the words that the ids lead to. */
static void check_words(const result *r, const char *text, int64_t size)
{
    int64_t at = 0, n = 0;
    while (at < size) {
        int64_t start = at, length;
        while (at < size && !memchr(" \t\n\r\v\f", text[at], 6))
            at++;
        if (at > start) {
            CHECK(n < r->n);
            const unsigned char *word = w2v_text_word(&r->table, r->ids[n++], &length);
            CHECK(length == at - start && !memcmp(word, text + start, (size_t)length));
        }
        at++;
    }
    CHECK_EQUAL(n, r->n);
}

CASE(words_across_the_64_bytes_that_are_searched_at_a_time)
{
    for (int before = 0; before < 70; before++)
        for (int length = 1; length < 150; length += length < 20 ? 1 : 13) {
            char text[300];
            result r;
            for (int i = 0; i < (int)sizeof text; i++)
                text[i] = i >= before && i < before + length ? 'w' : i % 3 ? (char)('a' + i % 20) : ' ';
            CHECK_EQUAL(whole(&r, text, before + length + 60), W2V_TEXT_OK);
            check_words(&r, text, before + length + 60);
            w2v_text_close(&r.table);
            CHECK_EQUAL(whole(&r, text, before + length), W2V_TEXT_OK); /* up to the end of the buffer */
            check_words(&r, text, before + length);
            w2v_text_close(&r.table);
        }
}

CASE(random_texts)
{
    static const char bytes[] = "ab\x01\x08\x0e\x1f\x21\x7f \t\n\r\v\f";
    uint64_t state = 1;
    for (int round = 0; round < 3000; round++) {
        char text[400];
        result r;
        int size = round % 400, choices = round % 2 ? 9 : (int)sizeof bytes - 1;
        for (int i = 0; i < size; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            text[i] = bytes[(state >> 33) % (uint64_t)choices];
        }
        CHECK_EQUAL(feed(&r, text, size, round % 3 ? 1 + round % 97 : size + 1, 1, 1 + round % ROOM), W2V_TEXT_OK);
        check_words(&r, text, size);
        w2v_text_close(&r.table);
    }
}

CASE(the_longest_word)
{
    int64_t n = W2V_TEXT_LONGEST;
    char *text = malloc((size_t)n * 2 + 1);
    result r;
    memset(text, 'w', (size_t)n * 2 + 1);
    text[n] = ' ';
    CHECK_EQUAL(feed(&r, text, 2 * n + 1, 70001, 1, ROOM), W2V_TEXT_OK);
    IDS(&r, 0, 0);
    int64_t length;
    w2v_text_word(&r.table, 0, &length);
    CHECK_EQUAL(length, n);
    w2v_text_close(&r.table);
    free(text);
}

CASE(a_word_longer_than_the_longest)
{
    int64_t n = W2V_TEXT_LONGEST + 1;
    char *text = malloc((size_t)n + 3);
    result r;
    memset(text, 'w', (size_t)n + 3);
    text[1] = ' ';
    for (int64_t block = 70001; block < 3 * n; block *= 20) { /* carried over, and in one block */
        CHECK_EQUAL(feed(&r, text, n + 2, block, 1, ROOM), W2V_TEXT_LONG);
        CHECK_EQUAL(r.table.n, 1);
        w2v_text_close(&r.table);
    }
    text[n + 2] = ' ';
    CHECK_EQUAL(feed(&r, text, n + 3, n + 3, 1, ROOM), W2V_TEXT_LONG);
    w2v_text_close(&r.table);
    free(text);
}

CASE(a_hundred_thousand_words)
{
    enum { N = 100000 };
    w2v_text_table t;
    int status;
    CHECK_EQUAL(w2v_text_open(&t, 1), W2V_TEXT_OK);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < N; i++) {
            char word[32];
            int n = snprintf(word, sizeof word, i % 3 ? "w%d" : "a longer word %d", i);
            CHECK_EQUAL(w2v_text_add(&t, (unsigned char *)word, n, i, (uint64_t)i, &status), i);
        }
    CHECK_EQUAL(t.n, N);
    CHECK_EQUAL(t.entries[N - 1].count, 2 * (N - 1));
    w2v_text_close(&t);
}

CASE(room_can_be_reserved)
{
    w2v_text_table t;
    int status;
    CHECK_EQUAL(w2v_text_open(&t, 1), W2V_TEXT_OK);
    CHECK_EQUAL(w2v_text_add(&t, (const unsigned char *)"first", 5, 1, 0, &status), 0);
    CHECK_EQUAL(w2v_text_reserve(&t, 5000), W2V_TEXT_OK);
    const void *entries = t.entries, *buckets = t.buckets;
    for (int i = 1; i < 5000; i++) {
        char word[16];
        CHECK_EQUAL(w2v_text_add(&t, (unsigned char *)word, snprintf(word, sizeof word, "%d", i), 1, 0, &status), i);
    }
    CHECK(t.entries == entries && t.buckets == buckets);
    CHECK_EQUAL(w2v_text_add(&t, (const unsigned char *)"first", 5, 1, 0, &status), 0);
    CHECK_EQUAL(w2v_text_reserve(&t, 10), W2V_TEXT_OK);
    w2v_text_close(&t);
}

static const char MIXED[] =
    "the   quick\tbrown fox\r\njumps\n\nover the extraordinarily lazy dog\n \n12345678 123456789 1234567"
    "\nthe quick fox na\xc3\xafve \xe4\xb8\xad\xe6\x96\x87 \xf0\x9f\x90\x88 internationalisation the  \nend";

static void same_as_whole(int64_t block, int more, int64_t room)
{
    result a, b;
    int64_t size = (int64_t)sizeof MIXED - 1;
    CHECK_EQUAL(whole(&a, MIXED, size), W2V_TEXT_OK);
    CHECK_EQUAL(feed(&b, MIXED, size, block, more, room), W2V_TEXT_OK);
    check_ids(&b, a.ids, a.n);
    CHECK_EQUAL(b.table.n, a.table.n);
    for (int64_t id = 0; id < a.table.n; id++)
        CHECK_EQUAL(b.table.entries[id].count, a.table.entries[id].count);
    /* Splitting the text may repeat an end, but adds and loses none. */
    int64_t j = 0;
    for (int64_t i = 0; i < b.n_ends; i++) {
        if (j < a.n_ends && b.ends[i] == a.ends[j])
            j++;
        else
            CHECK(j && b.ends[i] == a.ends[j - 1]);
    }
    CHECK_EQUAL(j, a.n_ends);
    w2v_text_close(&a.table);
    w2v_text_close(&b.table);
}

CASE(blocks_of_every_size)
{
    for (int64_t block = 1; block < (int64_t)sizeof MIXED + 1; block++)
        same_as_whole(block, 1, ROOM);
}

CASE(ranges_of_every_size)
{
    for (int64_t block = 1; block < (int64_t)sizeof MIXED + 1; block++)
        same_as_whole(block, 0, ROOM);
}

CASE(little_room_for_ids)
{
    for (int64_t room = 1; room < 12; room++) {
        same_as_whole(1000, 0, room);
        same_as_whole(1000, 1, room);
        same_as_whole(13, 1, room);
    }
}

CASE(first_occurrences_do_not_depend_on_room)
{
    result a, b;
    CHECK_EQUAL(whole(&a, MIXED, (int64_t)sizeof MIXED - 1), W2V_TEXT_OK);
    CHECK_EQUAL(feed(&b, MIXED, (int64_t)sizeof MIXED - 1, 17, 0, 2), W2V_TEXT_OK);
    for (int64_t id = 0; id < a.table.n; id++)
        CHECK_EQUAL(a.table.first[id], b.table.first[id]);
    w2v_text_close(&a.table);
    w2v_text_close(&b.table);
}

CASE(position_of_a_nul)
{
    for (int64_t at = 0; at < 40; at++)
        for (int more = 0; more < 2; more++) {
            char text[40];
            result r;
            memset(text, 'n', sizeof text);
            text[11] = text[20] = ' ';
            text[at] = '\0';
            CHECK_EQUAL(feed(&r, text, 40, 7, more, ROOM), W2V_TEXT_NUL);
            CHECK_EQUAL(r.bad, at);
            w2v_text_close(&r.table);
        }
}

CASE(position_of_invalid_utf8)
{
    for (int64_t at = 0; at < 40; at++)
        for (int64_t block = 1; block < 42; block += 5)
            for (int more = 0; more < 2; more++) {
                char text[40];
                result r;
                memset(text, 'u', sizeof text);
                text[11] = text[20] = at == 11 || at == 20 ? 'u' : ' ';
                text[at] = '\xff';
                CHECK_EQUAL(feed(&r, text, 40, block, more, ROOM), W2V_TEXT_NOT_UTF8);
                CHECK_EQUAL(r.bad, at);
                w2v_text_close(&r.table);
            }
}

CASE(the_first_error_is_reported)
{
    result r;
    CHECK_EQUAL(whole(&r, "a \xc3( b \0 c", 10), W2V_TEXT_NOT_UTF8);
    CHECK_EQUAL(r.bad, 2);
    w2v_text_close(&r.table);
    CHECK_EQUAL(whole(&r, "a \0 b \xc3( c", 10), W2V_TEXT_NUL);
    CHECK_EQUAL(r.bad, 2);
    w2v_text_close(&r.table);
}

static int64_t fault(const char *bytes)
{
    int64_t n = (int64_t)strlen(bytes);
    unsigned char *copy = malloc((size_t)n);
    memcpy(copy, bytes, (size_t)n);
    int64_t at = w2v_utf8_fault(copy, n);
    free(copy);
    return at;
}

CASE(utf8_every_code_point)
{
    for (uint32_t c = 1; c < 0x110000; c++) {
        char s[5] = {0};
        if (c < 0x80)
            s[0] = (char)c;
        else if (c < 0x800)
            s[0] = (char)(0xc0 | c >> 6), s[1] = (char)(0x80 | (c & 63));
        else if (c < 0x10000)
            s[0] = (char)(0xe0 | c >> 12), s[1] = (char)(0x80 | (c >> 6 & 63)),
            s[2] = (char)(0x80 | (c & 63));
        else
            s[0] = (char)(0xf0 | c >> 18), s[1] = (char)(0x80 | (c >> 12 & 63)),
            s[2] = (char)(0x80 | (c >> 6 & 63)), s[3] = (char)(0x80 | (c & 63));
        CHECK_EQUAL(fault(s), c >= 0xd800 && c < 0xe000 ? 0 : -1);
    }
}

CASE(utf8_malformed)
{
    static const char *const bad[] = {
        "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x80\x80", "\xe0\x9f\xbf",
        "\xe1\x80", "\xe1\x80\x41", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
        "\xf1\x80\x80", "\xf1\x80\x41\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe", "\xff",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char later[16] = "ok\xc3\xa9";
        CHECK_EQUAL(fault(bad[i]), 0);
        strcat(later, bad[i]);
        CHECK_EQUAL(fault(later), 4);
    }
}

CASE(stops_at_the_limit_and_continues)
{
    char text[4000];
    int64_t n = 0;
    int32_t ids[2000], ends[2001];
    for (int i = 0; i < 500; i++)
        n += snprintf(text + n, 16, "%d ", i);
    w2v_text_table t;
    w2v_text_run run = {0};
    CHECK_EQUAL(w2v_text_open(&t, 1), W2V_TEXT_OK);
    run.data = (unsigned char *)text, run.size = run.end = n;
    run.ids = ids, run.ends = ends, run.room = 2000, run.limit = 100;
    CHECK_EQUAL(w2v_text_feed(&t, &run), W2V_TEXT_OK);
    CHECK(t.n >= 100 && t.n <= 228 && run.at < run.end);
    CHECK_EQUAL(run.n_ids, t.n);
    run.limit = 1000;
    CHECK_EQUAL(w2v_text_feed(&t, &run), W2V_TEXT_OK);
    CHECK_EQUAL(run.at, run.end);
    CHECK_EQUAL(t.n, 500);
    w2v_text_close(&t);
}

CASE(too_many_words)
{
    w2v_text_table t;
    int status;
    CHECK_EQUAL(w2v_text_open(&t, 1), W2V_TEXT_OK);
    t.max_words = 2;
    CHECK_EQUAL(w2v_text_add(&t, (const unsigned char *)"x", 1, 1, 0, &status), 0);
    CHECK_EQUAL(w2v_text_add(&t, (const unsigned char *)"y", 1, 1, 0, &status), 1);
    CHECK_EQUAL(w2v_text_add(&t, (const unsigned char *)"z", 1, 1, 0, &status), -1);
    CHECK_EQUAL(status, W2V_TEXT_TOO_MANY);
    CHECK_EQUAL(w2v_text_add(&t, (const unsigned char *)"x", 1, 1, 0, &status), 0);
    CHECK_EQUAL(status, W2V_TEXT_OK);
    w2v_text_close(&t);
}

CASE(merge_sums_counts_and_keeps_the_first_occurrence)
{
    result a, b;
    int32_t map[3];
    CHECK_EQUAL(whole(&a, "       one two", 14), W2V_TEXT_OK);
    CHECK_EQUAL(whole(&b, "two internationally two one", 27), W2V_TEXT_OK);
    CHECK_EQUAL(w2v_text_merge(&a.table, &b.table, map), W2V_TEXT_OK);
    CHECK(map[0] == 1 && map[1] == 2 && map[2] == 0);
    CHECK_EQUAL(a.table.entries[1].count, 3);
    CHECK_EQUAL(a.table.first[1], 0);
    CHECK_EQUAL(a.table.first[0], 7);
    CHECK(is_word(&a, 2, "internationally"));
    w2v_text_close(&a.table);
    w2v_text_close(&b.table);
}

CASE(a_pruned_table_works)
{
    result r;
    int32_t map[5];
    int status;
    const char *text = "rare often internationalisation rare2 often internationalisation extraordinary";
    CHECK_EQUAL(whole(&r, text, (int64_t)strlen(text)), W2V_TEXT_OK);
    CHECK_EQUAL(w2v_text_prune(&r.table, 1, NULL, map), W2V_TEXT_OK);
    CHECK(map[0] == -1 && map[1] == 0 && map[2] == 1 && map[3] == -1 && map[4] == -1);
    CHECK_EQUAL(r.table.n, 2);
    CHECK(is_word(&r, 0, "often") && is_word(&r, 1, "internationalisation"));
    CHECK_EQUAL(w2v_text_add(&r.table, (const unsigned char *)"internationalisation", 20, 1, 0, &status), 1);
    CHECK_EQUAL(w2v_text_add(&r.table, (const unsigned char *)"rare", 4, 1, 99, &status), 2);
    CHECK_EQUAL(r.table.entries[1].count, 3);
    CHECK_EQUAL(r.table.entries[2].count, 1);
    w2v_text_close(&r.table);
}

CASE(prune_spares_the_words_to_keep)
{
    result r;
    int32_t map[4];
    const uint8_t keep[] = {0, 0, 1, 0};
    const char *text = "rare often extraordinarily often rare2";
    CHECK_EQUAL(whole(&r, text, (int64_t)strlen(text)), W2V_TEXT_OK);
    CHECK_EQUAL(w2v_text_prune(&r.table, 1, keep, map), W2V_TEXT_OK);
    CHECK(map[0] == -1 && map[1] == 0 && map[2] == 1 && map[3] == -1);
    CHECK(r.table.n == 2 && is_word(&r, 1, "extraordinarily"));
    w2v_text_close(&r.table);
}

CASE(remap_drops_ids_and_closes_sentences)
{
    const int32_t ids[] = {3, 0, 1, 1, 2, 3, 0}, map[] = {-1, 4, 0, -1}, ends[] = {2, 2, 4, 7};
    int32_t ids_out[4];
    int64_t offsets[6] = {0};
    w2v_text_output out = {ids_out, offsets, 0, 0};
    CHECK_EQUAL(w2v_text_remap(ids, 7, ends, 4, map, &out), 3);
    CHECK(ids_out[0] == 4 && ids_out[1] == 4 && ids_out[2] == 0);
    CHECK_EQUAL(out.sentences, 2); /* the first sentence has no word left */
    CHECK(offsets[1] == 2 && offsets[2] == 3);
}

CASE(remap_in_place_and_in_several_calls)
{
    int32_t first[] = {0, 1, 2}, second[] = {2, 0, 1};
    const int32_t map[] = {1, -1, 0}, ends[] = {1};
    int64_t offsets[4] = {0};
    w2v_text_output out = {first, offsets, 0, 0};
    CHECK_EQUAL(w2v_text_remap(first, 3, ends, 0, map, &out), 2);
    CHECK_EQUAL(out.sentences, 0);
    out.ids = second;
    CHECK_EQUAL(w2v_text_remap(second, 3, ends, 1, map, &out), 2);
    CHECK(first[0] == 1 && first[1] == 0 && second[0] == 0 && second[1] == 1);
    CHECK_EQUAL(out.sentences, 1);
    CHECK_EQUAL(offsets[1], 3);
    CHECK_EQUAL(out.words, 4);
}
