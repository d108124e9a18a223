/* sources: exact.c exact_tables.c exact_words.c exact_phrases.c */
/* The parts of word2vec.c and word2phrase.c: reading words, tables, phrases. tests/test_exact.py compares
 * whole training runs. */
#include "check.h"
#include "exact.h"
#include "exact_phrases.h"

#include <math.h>

/* A copy of exactly the text's size, so that the sanitizers detect every access outside it. */
static w2v_exact_text open_text(const char *text, int64_t longest, int tail)
{
    size_t size = strlen(text);
    unsigned char *copy = malloc(size ? size : 1);
    CHECK(copy);
    memcpy(copy, text, size);
    return (w2v_exact_text){copy, (int64_t)size, 0, longest, tail, NULL, 0, 0};
}

static void free_text(w2v_exact_text *text)
{
    w2v_exact_close_text(text);
    free((void *)text->data);
}

/* expected: all words, each in brackets. */
static void check_words(const char *text, int64_t longest, int tail, const char *expected)
{
    w2v_exact_text t = open_text(text, longest, tail);
    char all[400] = "";
    const unsigned char *word;
    int64_t length;
    while ((length = w2v_exact_next(&t, &word)) >= 0) {
        strcat(all, "[");
        strncat(all, (const char *)word, (size_t)length);
        strcat(all, "]");
    }
    CHECK_EQUAL(length, W2V_EXACT_END);
    if (strcmp(all, expected))
        fprintf(stderr, "%s\n", all);
    CHECK(strcmp(all, expected) == 0);
    free_text(&t);
}

CASE(words_end_at_separators)
{
    check_words("a  bc\td\n", 0, 0, "[a][bc][d][</s>]");
    check_words("\n\n x \n", 0, 0, "[</s>][</s>][x][</s>]");
    check_words("", 0, 1, "");
    check_words(" \t ", 0, 1, "");
    check_words("a\vb\f c\n", 0, 0, "[a\vb\f][c][</s>]");
}

CASE(carriage_returns_are_removed)
{
    check_words("ab\r\ncd\r ef\r\n", 0, 0, "[ab][</s>][cd][ef][</s>]");
    check_words("\r\ra\rb\rc \r\n", 0, 0, "[abc][</s>]");
}

CASE(an_unterminated_last_word_is_lost_or_kept)
{
    check_words("one two", 0, 0, "[one]");
    check_words("one two", 0, 1, "[one][two]");
    check_words("one two ", 0, 0, "[one][two]");
    check_words("one two\r", 0, 1, "[one][two]");
    check_words("one \r", 0, 1, "[one]");
}

CASE(long_words_are_cut)
{
    check_words("abcdef abcde abcd\n", 4, 0, "[abcd][abcd][abcd][</s>]");
    check_words("ab\rcd\ref\n", 4, 0, "[abcd][</s>]");
}

CASE(a_nul_ends_a_word)
{
    w2v_exact_text t = {(const unsigned char *)"ab\0c d\n", 7, 0, 0, 0, NULL, 0, 0};
    const unsigned char *word;
    CHECK_EQUAL(w2v_exact_next(&t, &word), 2);
    CHECK_EQUAL(w2v_exact_next(&t, &word), 1);
    CHECK(*word == 'd');
}

CASE(counts)
{
    w2v_exact_text t = open_text("b a b\na b </s> c\n", 0, 0);
    w2v_exact_words words = {.secret = w2v_secret_of(1)};
    int64_t read = 0;
    CHECK_EQUAL(w2v_exact_find(&words, (const unsigned char *)"a", 1), -1);
    CHECK_EQUAL(w2v_exact_add(&words, (const unsigned char *)"</s>", 4), 0);
    CHECK_EQUAL(w2v_exact_count(&words, &t, 100, &read), 9);
    CHECK_EQUAL(words.n, 4);
    CHECK_EQUAL(words.counts[0], 3);
    CHECK_EQUAL(words.counts[1], 3);
    CHECK_EQUAL(words.counts[2], 2);
    CHECK_EQUAL(words.counts[w2v_exact_find(&words, (const unsigned char *)"c", 1)], 1);
    free_text(&t);
    w2v_exact_close_words(&words);
}

CASE(the_table_grows_and_stops_when_full)
{
    w2v_exact_words words = {.secret = w2v_secret_of(1)};
    for (int i = 0; i < 20000; i++) {
        char word[32];
        int length = snprintf(word, sizeof word, "%d-and-a-long-end", i);
        CHECK_EQUAL(w2v_exact_add(&words, (const unsigned char *)word, length), i);
    }
    CHECK_EQUAL(w2v_exact_find(&words, (const unsigned char *)"19999-and-a-long-end", 20), 19999);
    CHECK_EQUAL(w2v_exact_find(&words, (const unsigned char *)"20000-and-a-long-end", 20), -1);
    w2v_exact_text t = open_text("x y z\n", 0, 0);
    int64_t read = 0;
    CHECK_EQUAL(w2v_exact_count(&words, &t, 20001, &read), W2V_EXACT_FULL);
    CHECK_EQUAL(read, 2);
    CHECK_EQUAL(w2v_exact_count(&words, &t, 30000, &read), 4);
    free_text(&t);
    w2v_exact_close_words(&words);
}

CASE(counting_pauses_and_continues)
{
    w2v_exact_words words = {.secret = w2v_secret_of(1)};
    w2v_exact_phrases p = {.min_count = 1};
    w2v_exact_text t = open_text("a b a b c\n", 0, 0), again = open_text("a b a b c\n", 0, 0);
    int64_t read = 0;
    t.pause = again.pause = 3;
    CHECK_EQUAL(w2v_exact_count(&words, &t, 100, &read), W2V_EXACT_PAUSED);
    CHECK_EQUAL(read, 2);
    CHECK_EQUAL(w2v_exact_phrase_count(&p, &again, 100), W2V_EXACT_PAUSED);
    t.pause = again.pause = 0;
    CHECK_EQUAL(w2v_exact_count(&words, &t, 100, &read), 6);
    CHECK_EQUAL(w2v_exact_phrase_count(&p, &again, 100), 5);
    free_text(&t);
    free_text(&again);
    w2v_exact_close_words(&words);
    w2v_exact_close_phrases(&p);
}

CASE(sigmoid_table)
{
    float table[W2V_EXACT_SIGMOIDS];
    w2v_exact_sigmoids(table);
    CHECK(fabs(table[0] - 1 / (1 + exp(6))) < 1e-7);
    CHECK(table[500] == 0.5f);
    for (int i = 1; i < W2V_EXACT_SIGMOIDS; i++)
        CHECK(table[i] > table[i - 1]);
}

/* Compares with the table itself, filled as in the original. */
CASE(noise_matches_the_table)
{
    enum { V = 300 };
    int64_t counts[V];
    for (int i = 0; i < V; i++) /* the last words are too rare for a slot */
        counts[i] = i == 0 ? 7 : i < 200 ? 90000000000 / (i * i) : 1;
    int32_t last[V], *guide = malloc(W2V_EXACT_GUIDE_SIZE * sizeof *guide);
    CHECK(guide);
    w2v_exact_noise(counts, V, last, guide);
    double total = 0, share;
    for (int i = 0; i < V; i++)
        total += pow((double)counts[i], 0.75);
    int word = 0;
    share = pow((double)counts[0], 0.75) / total;
    for (int32_t slot = 0; slot < W2V_EXACT_NOISE; slot++) {
        int edge = slot < 1000 || slot / (double)W2V_EXACT_NOISE > share || slot > W2V_EXACT_NOISE - 100000;
        if (edge || slot % 997 == 0)
            CHECK(w2v_exact_noise_word(last, guide, slot) == word);
        if (slot / (double)W2V_EXACT_NOISE > share) {
            word++;
            if (word < V)
                share += pow((double)counts[word], 0.75) / total;
        }
        if (word >= V)
            word = V - 1;
    }
    free(guide);
}

/* The check comes before any access to the arrays. */
CASE(too_many_words_for_a_tree)
{
    CHECK_EQUAL(w2v_exact_tree(NULL, W2V_EXACT_TREE_MAX_WORDS + 1, NULL, NULL, NULL), -1);
    CHECK(2 * W2V_EXACT_TREE_MAX_WORDS - 1 <= INT32_MAX);
}

CASE(tree_of_unsorted_counts)
{
    const int64_t counts[5] = {1, 9, 5, 3, 2}; /* the first is </s> */
    int32_t parent[10] = {0}, node[20];
    uint8_t bit[10] = {0}, code[20];
    int64_t weight[11], path[6];
    int64_t steps = w2v_exact_tree(counts, 5, parent, bit, weight);
    w2v_exact_paths(5, parent, bit, path, node, code);
    CHECK_EQUAL(path[5], steps);
    double kraft = 0;
    for (int w = 0; w < 5; w++) {
        CHECK_EQUAL(node[path[w]], 3);
        kraft += pow(2, -(double)(path[w + 1] - path[w]));
    }
    CHECK(kraft == 1);
    CHECK_EQUAL(path[1], 2); /* although it is rare, </s> is the last leaf to be merged */
}

CASE(classes_of_two_clusters)
{
    const float w[12] = {1, 0, 0, 1, 1, .1f, .1f, 1, .9f, 0, 0, .8f};
    float centres[4];
    int32_t sizes[2], classes[6];
    w2v_exact_classes(w, 6, 2, 2, centres, sizes, classes);
    for (int i = 0; i < 6; i++)
        CHECK_EQUAL(classes[i], i % 2);
}

CASE(phrases)
{
    /* "a b" four times: (4 - 1) / 5 / 5 * 14 = 1.68; the last line has no newline */
    w2v_exact_text t = open_text("a b x\na b y a b\nz a q b a b", 0, 1);
    w2v_exact_phrases p = {.min_count = 1, .threshold = 1.6f};
    CHECK_EQUAL(w2v_exact_add(&p.words, (const unsigned char *)"</s>", 4), 0);
    CHECK_EQUAL(w2v_exact_phrase_count(&p, &t, 1000), 14);
    char all[100] = "";
    t.at = 0;
    w2v_exact_phrase_begin(&p);
    int64_t status = 1;
    while (status == 1) {
        status = w2v_exact_phrase_write(&p, &t, 1);
        strncat(all, (const char *)p.out, (size_t)p.n_out);
    }
    CHECK_EQUAL(status, W2V_EXACT_END);
    CHECK(strcmp(all, " a_b x\n a_b y a_b\n z a q b a_b") == 0);
    w2v_exact_close_phrases(&p);
    free_text(&t);
}
