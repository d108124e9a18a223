/* sources: split.c */
/* Splitting: words, options, boundaries and errors. tests/test_tokenizer.py has a reference. */
#include "check.h"
#include "split.h"

/* Splits a text in an allocation of its exact size, so that sanitizers see every read past its end. */
static int split(w2v_splitter splitter, const char *text, int64_t size, char *found, int64_t *bad)
{
    unsigned char *data = malloc(size ? (size_t)size : 1), *out = malloc((size_t)w2v_split_room(size));
    int64_t n = 0;
    memcpy(data, text, (size_t)size);
    int status = w2v_split(&splitter, data, size, out, &n, bad);
    CHECK(n <= 2 * size);
    for (int64_t i = 0, at = 0; !status; i++) { /* runs of spaces as one, none at the ends */
        int end = i == n;
        if (end || out[i] != ' ' || (at && found[at - 1] != ' '))
            found[at++] = end ? '\0' : (char)out[i];
        if (end)
            break;
    }
    free(data);
    free(out);
    return status;
}

static void check(w2v_splitter splitter, const char *text, const char *expected)
{
    char found[256];
    int64_t bad;
    CHECK_EQUAL(split(splitter, text, (int64_t)strlen(text), found, &bad), W2V_SPLIT_OK);
    size_t n = strlen(found);
    if (n && found[n - 1] == ' ')
        found[n - 1] = '\0';
    if (strcmp(found, expected))
        fprintf(stderr, "\"%s\" for \"%s\"\n", found, text);
    CHECK(!strcmp(found, expected));
}

CASE(words)
{
    w2v_splitter plain = {W2V_SPLIT_WORDS, 0, 0, 1, 0}, lower = {W2V_SPLIT_WORDS, 1, 1, 0, 0};
    check(plain, "The cat's 3.14, e.g. x_1 __ 'quoted'", "The cat's 3.14 e.g x_1 quoted");
    check(plain, "\xe6\x97\xa5\xe6\x9c\xac caf\xc3\xa9.", "\xe6\x97\xa5 \xe6\x9c\xac caf\xc3\xa9");
    check(plain, "a\nb", "a\nb");
    check(lower, "A\nCAF\xc3\x89 \xce\x91\xce\xa3", "a cafe \xce\xb1\xcf\x82");
    check(plain, "", "");
}

CASE(characters_and_whitespace)
{
    w2v_splitter characters = {W2V_SPLIT_CHARACTERS, 0, 0, 0, 0};
    w2v_splitter whitespace = {W2V_SPLIT_WHITESPACE, 1, 0, 0, 0};
    check(characters, "a\xcc\x81" "b \xe6\x97\xa5!", "a\xcc\x81 b \xe6\x97\xa5 !");
    check(whitespace, "A-B  C\xc3\x89.", "a-b c\xc3\xa9.");
}

/* Whether the words of all lines are the same; there may be more spaces between them. */
static int same_lines(const char *found, const char *expected)
{
    while (*found || *expected) {
        int spaces = 0;
        while (*found == ' ')
            found++, spaces = 1;
        if (*expected == ' ') {
            if (!spaces)
                return 0;
            expected++;
            continue;
        }
        if (*found != *expected)
            return 0;
        if (*found)
            found++, expected++;
    }
    return 1;
}

CASE(documents_end_at_nul)
{
    w2v_splitter documents = {W2V_SPLIT_WORDS, 0, 0, 0, 1};
    char found[64];
    int64_t bad;
    CHECK_EQUAL(split(documents, "a\nb\0c", 5, found, &bad), W2V_SPLIT_OK);
    CHECK(same_lines(found, "a b\nc"));
    w2v_splitter plain = {W2V_SPLIT_WHITESPACE, 1, 0, 1, 1};
    CHECK_EQUAL(split(plain, "One two\0\0THREE\nfour five\0", 25, found, &bad), W2V_SPLIT_OK);
    CHECK(same_lines(found, "one two\n\nthree\nfour five\n"));
    CHECK_EQUAL(split(plain, "a b c d e f g\0_\0h i j k l m n", 29, found, &bad), W2V_SPLIT_OK);
    CHECK(same_lines(found, "a b c d e f g\n_\nh i j k l m n"));
}

CASE(errors_have_their_byte)
{
    w2v_splitter plain = {W2V_SPLIT_WORDS, 0, 0, 1, 0};
    const char *texts[] = {"ab \xff", "ab \xc3", "ab \xed\xa0\x80", "ab \xe6\x97", "ab \xf4\x90\x80\x80"};
    char found[64];
    int64_t bad;
    for (int i = 0; i < 5; i++) {
        CHECK_EQUAL(split(plain, texts[i], (int64_t)strlen(texts[i]), found, &bad),
                    W2V_SPLIT_NOT_UTF8);
        CHECK_EQUAL(bad, 3);
    }
    CHECK_EQUAL(split(plain, "ab \0c", 5, found, &bad), W2V_SPLIT_NUL);
    CHECK_EQUAL(bad, 3);
}

CASE(boundaries)
{
    w2v_splitter plain = {W2V_SPLIT_WORDS, 0, 0, 1, 0};
    const unsigned char *text = (const unsigned char *)"ab cd.e-f\xe6\x97\xa5g";
    CHECK_EQUAL(w2v_split_boundary(&plain, text, 0, 13), 2);
    CHECK_EQUAL(w2v_split_boundary(&plain, text, 3, 13), 3); /* after white space */
    CHECK_EQUAL(w2v_split_boundary(&plain, text, 4, 13), 7);
    CHECK_EQUAL(w2v_split_boundary(&plain, text, 8, 13), 9);
    CHECK_EQUAL(w2v_split_boundary(&plain, text, 10, 13), 13);
    CHECK_EQUAL(w2v_split_boundary_before(&plain, text, 0, 12, 13), 9);
    CHECK_EQUAL(w2v_split_boundary_before(&plain, text, 3, 6, 13), 3);
}
