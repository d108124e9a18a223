/* sources: ngrams.c */
/* N-grams of words, their rows, and means of rows. */
#include "check.h"
#include "ngrams.h"

typedef struct {
    size_t count;
    uint32_t begin[64], end[64], hash[64];
} seen;

static void keep(void *context, const w2v_ngram *ngram)
{
    seen *s = context;
    CHECK(s->count < 64);
    s->begin[s->count] = ngram->begin;
    s->end[s->count] = ngram->end;
    s->hash[s->count++] = ngram->hash;
}

static seen of(const char *word, int min_n, int max_n)
{
    seen s = {0};
    const size_t n = w2v_ngrams((const unsigned char *)word, strlen(word), min_n, max_n, keep, &s);
    CHECK_EQUAL(n, s.count);
    CHECK_EQUAL(w2v_ngrams((const unsigned char *)word, strlen(word), min_n, max_n, NULL, NULL), n);
    return s;
}

CASE(brackets_alone_are_not_ngrams)
{
    const seen s = of("ab", 1, 1);
    CHECK_EQUAL(s.count, 2);
    CHECK_EQUAL(s.begin[0], 1);
    CHECK_EQUAL(s.end[1], 3);
    CHECK_EQUAL(of("", 1, 6).count, 1); /* "<>" */
    CHECK_EQUAL(of("ab", 6, 9).count, 0);
}

CASE(characters_are_whole)
{
    /* "<", e with an acute accent (two bytes), ">" */
    const seen s = of("\xc3\xa9", 2, 3);
    const uint32_t ends[] = {3, 4, 4};
    CHECK_EQUAL(s.count, 3);
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(s.end[i], ends[i]);
    CHECK_EQUAL(s.hash[2], w2v_ngram_hash((const unsigned char *)"\xc3\xa9>", 3));
}

CASE(a_stray_continuation_byte_belongs_to_the_bracket)
{
    const seen s = of("\x80x", 2, 2);
    CHECK_EQUAL(s.count, 2);
    CHECK_EQUAL(s.begin[0], 0);
    CHECK_EQUAL(s.end[0], 3);
}

CASE(bytes_above_127_are_sign_extended)
{
    const unsigned char byte = 0xc3;
    CHECK_EQUAL(w2v_ngram_hash(&byte, 1),
                (uint32_t)((2166136261u ^ 0xffffffc3u) * 16777619u));
}

CASE(rows_of_pruned_buckets)
{
    const unsigned char word[] = "ab";
    int64_t all[8], some[8];
    w2v_ngram_rows table = {2, 3, 10, 100, NULL, NULL, 0};
    const size_t n = w2v_ngram_rows_of(&table, word, 2, all, 8);
    CHECK_EQUAL(n, 5);
    const int32_t key = (int32_t)(all[1] - 100), slot = 7;
    table.keys = &key;
    table.slots = &slot;
    table.n_keys = 1;
    CHECK_EQUAL(w2v_ngram_rows_of(&table, word, 2, some, 8), n);
    for (size_t i = 0; i < n; i++)
        CHECK_EQUAL(some[i], all[i] == all[1] ? 107 : -1);
    table.n_keys = 0;
    CHECK_EQUAL(w2v_ngram_rows_of(&table, word, 2, some, 8), n);
    CHECK_EQUAL(some[0], -1);
}

CASE(no_more_rows_than_there_is_room)
{
    int64_t rows[3] = {-7, -7, -7};
    const w2v_ngram_rows table = {1, 6, 1000, 0, NULL, NULL, 0};
    CHECK(w2v_ngram_rows_of(&table, (const unsigned char *)"abcdef", 6, rows, 2) > 2);
    CHECK(rows[0] >= 0 && rows[1] >= 0);
    CHECK_EQUAL(rows[2], -7);
    CHECK_EQUAL(w2v_ngram_rows_of(&table, (const unsigned char *)"</s>", 4, rows, 2), 0);
}

CASE(means_of_unaligned_rows)
{
    const float matrix[] = {1, 2, 3, 4, 5, 6};
    const int64_t rows[] = {0, -1, 2, 2};
    unsigned char *bytes = malloc(sizeof matrix + 1);
    float out[2];
    CHECK(bytes);
    memcpy(bytes + 1, matrix, sizeof matrix);
    w2v_mean_of_rows(bytes + 1, 2, rows, 4, 4, out);
    CHECK(out[0] == 11.0f / 4 && out[1] == 14.0f / 4);
    w2v_mean_of_rows(bytes + 1, 2, rows, 0, 0, out);
    CHECK(out[0] == 0 && out[1] == 0);
    free(bytes);
}

CASE(a_line_has_its_words_its_end_and_its_sequences)
{
    const unsigned char *words[] = {(const unsigned char *)"tea", (const unsigned char *)"</s>",
                                    (const unsigned char *)"__label__x"};
    const size_t lengths[] = {3, 4, 10};
    int32_t places[8], hashes[16];
    int64_t rows[16];
    w2v_words_table table = {words, lengths, 3, 2, places, 7};
    const w2v_ngram_rows none = {1, 0, 0, 2, NULL, NULL, 0};
    const w2v_ngram_rows pairs = {1, 1, 1000, 2, NULL, NULL, 0};
    const char *line = "__label__x tea\tunknown  __label__new tea";
    w2v_words_fill(&table);
    for (int32_t i = 0; i < 3; i++)
        CHECK_EQUAL(w2v_words_find(&table, words[i], lengths[i],
                                   w2v_ngram_hash(words[i], lengths[i])), i);
    /* tea, tea, </s>; three pairs of the four words tea, unknown, tea, </s> */
    const size_t n = w2v_line_rows(&table, &none, &pairs, 2, "__label__",
                                   (const unsigned char *)line, strlen(line), hashes, rows, 16);
    CHECK_EQUAL(n, 6);
    CHECK(rows[0] == 0 && rows[1] == 0 && rows[2] == 1);
    for (size_t i = 3; i < n; i++)
        CHECK(rows[i] >= 2 && rows[i] < 1002);
    CHECK_EQUAL(w2v_line_rows(&table, &none, &pairs, 2, "__label__", (const unsigned char *)"", 0,
                              hashes, rows, 16), 1);
}
