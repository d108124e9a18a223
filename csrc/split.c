/* Splits raw text into words. Parts that are ASCII take the faster path of split_ascii.h. All other text is decoded
 * character by character. */
#include "split.h"

#include <stddef.h>

#include "split_ascii.h"
#include "unicode_tables.h"

enum { CLASS = 15, NO_CLASS = -1, SIGMA = 0x3a3, FINAL_SIGMA = 0x3c2, DOTTED_I = 0x130, DOT = 0x307 };

static inline int32_t record_of(uint32_t code)
{
    int block = w2v_char_blocks[code >> W2V_CHAR_SHIFT];
    int at = (block << W2V_CHAR_SHIFT) + (int)(code & ((1u << W2V_CHAR_SHIFT) - 1));
    return w2v_char_records[w2v_char_properties[at]];
}

char w2v_split_class(uint32_t code)
{
    static const char signs[] = "xsLHDK_AM:,.'\"";
    _Static_assert(sizeof signs == W2V_CHAR_CLASSES + 1, "each class has a sign");
    return signs[record_of(code) & CLASS];
}

int w2v_split_is_accent(uint32_t code)
{
    return (record_of(code) & W2V_CHAR_ACCENT) != 0;
}

/* The character without its accents. */
static inline uint32_t base_of(uint32_t code)
{
    int block = w2v_char_base_blocks[code >> W2V_CHAR_SHIFT];
    int at = (block << W2V_CHAR_SHIFT) + (int)(code & ((1u << W2V_CHAR_SHIFT) - 1));
    return w2v_char_bases[at] ? w2v_char_bases[at] : code;
}

/* The character at s, of n > 0 bytes. Returns its length, or 0 if it is not UTF-8. */
static inline int decode(const unsigned char *s, int64_t n, uint32_t *code)
{
    uint32_t c = s[0];
    if (c < 0x80) {
        *code = c;
        return 1;
    }
    if (c >= 0xc2 && c < 0xe0 && n >= 2 && (s[1] & 0xc0) == 0x80) {
        *code = (c & 0x1f) << 6 | (s[1] & 0x3f);
        return 2;
    }
    if ((c & 0xf0) == 0xe0 && n >= 3 && (s[1] & 0xc0) == 0x80 && (s[2] & 0xc0) == 0x80) {
        *code = (c & 0xf) << 12 | (uint32_t)(s[1] & 0x3f) << 6 | (s[2] & 0x3f);
        return *code >= 0x800 && (*code < 0xd800 || *code > 0xdfff) ? 3 : 0;
    }
    if ((c & 0xf8) == 0xf0 && n >= 4 && (s[1] & 0xc0) == 0x80 && (s[2] & 0xc0) == 0x80 &&
        (s[3] & 0xc0) == 0x80) {
        *code = (c & 7) << 18 | (uint32_t)(s[1] & 0x3f) << 12 | (uint32_t)(s[2] & 0x3f) << 6 |
                (s[3] & 0x3f);
        return *code >= 0x10000 && *code <= 0x10ffff ? 4 : 0;
    }
    return 0;
}

static inline unsigned char *encode(unsigned char *out, uint32_t code)
{
    if (code < 0x80) {
        *out++ = (unsigned char)code;
        return out;
    }
    if (code < 0x800) {
        *out++ = (unsigned char)(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *out++ = (unsigned char)(0xe0 | code >> 12);
        } else {
            *out++ = (unsigned char)(0xf0 | code >> 18);
            *out++ = (unsigned char)(0x80 | (code >> 12 & 0x3f));
        }
        *out++ = (unsigned char)(0x80 | (code >> 6 & 0x3f));
    }
    *out++ = (unsigned char)(0x80 | (code & 0x3f));
    return out;
}

/* The first byte of the character that ends before s[at]. */
static int64_t character_before(const unsigned char *s, int64_t at)
{
    int64_t start = at - 1;
    while (start > 0 && at - start < 4 && (s[start] & 0xc0) == 0x80)
        start--;
    return start;
}

/* ---- boundaries */

/* Whether no word and no rule crosses the position before this character. */
static int is_boundary(const w2v_splitter *splitter, const unsigned char *s, int64_t n)
{
    if (s[0] < 0x80) {
        if (w2v_ascii_is_blank(s[0]))
            return 1;
        if (splitter->kind == W2V_SPLIT_WHITESPACE)
            return 0;
    } else if (splitter->kind == W2V_SPLIT_WHITESPACE || (s[0] & 0xc0) == 0x80) {
        return 0;
    }
    uint32_t code;
    if (!decode(s, n, &code))
        return 0;
    int32_t record = record_of(code);
    if (record & (W2V_CHAR_CASED | W2V_CHAR_IGNORABLE))
        return 0;
    int kind = record & CLASS;
    return kind == W2V_CHAR_OTHER || kind == W2V_CHAR_SPACE || kind == W2V_CHAR_ALONE;
}

int64_t w2v_split_boundary(const w2v_splitter *splitter, const unsigned char *data, int64_t at,
                           int64_t size)
{
    if (at > 0 && at < size && w2v_ascii_is_blank(data[at - 1]))
        return at;
    while (at < size && !is_boundary(splitter, data + at, size - at))
        at++;
    return at < size ? at : size;
}

int64_t w2v_split_boundary_before(const w2v_splitter *splitter, const unsigned char *data,
                                  int64_t from, int64_t at, int64_t size)
{
    while (at > from && !w2v_ascii_is_blank(data[at - 1]) &&
           (at == size || !is_boundary(splitter, data + at, size - at)))
        at--;
    return at;
}

/* ---- all other text */

typedef struct {
    const w2v_splitter *splitter;
    const unsigned char *data;
    int64_t n;
    unsigned char *out;
} writer;

/* Whether a sigma at data[at] ends a word, as for str.lower: a cased character precedes it, none follows, and
 * those that ignore case do not count. */
static int is_final(const writer *w, int64_t at)
{
    uint32_t code;
    int64_t i = at;
    for (;;) {
        if (i == 0)
            return 0;
        int64_t start = character_before(w->data, i);
        if (!decode(w->data + start, i - start, &code))
            return 0;
        int32_t record = record_of(code);
        if (!(record & W2V_CHAR_IGNORABLE)) {
            if (!(record & W2V_CHAR_CASED))
                return 0;
            break;
        }
        i = start;
    }
    for (i = at + 2; i < w->n;) {
        int length = decode(w->data + i, w->n - i, &code);
        int32_t record = length ? record_of(code) : 0;
        if (!(record & W2V_CHAR_IGNORABLE))
            return !(record & W2V_CHAR_CASED);
        i += length;
    }
    return 1;
}

/* Writes a character of a word, in lower case and without accents if these options are set. */
static inline void put(writer *w, int64_t at, int length, uint32_t code, int32_t record)
{
    int lowercase = w->splitter->lowercase, strip = w->splitter->strip_accents;
    if (strip && record & W2V_CHAR_ACCENT)
        return;
    if (!(lowercase && record >> 8) && !strip) {
        for (int i = 0; i < length; i++)
            *w->out++ = w->data[at + i];
        return;
    }
    if (lowercase) {
        if (code == SIGMA && is_final(w, at)) {
            code = FINAL_SIGMA;
        } else if (code == DOTTED_I) {
            w->out = encode(w->out, 'i');
            code = DOT;
            if (strip)
                return;
        } else {
            code += (uint32_t)(record >> 8);
        }
    }
    w->out = encode(w->out, strip ? base_of(code) : code);
}

static inline int is_letter_class(int kind)
{
    return kind == W2V_CHAR_LETTER || kind == W2V_CHAR_HEBREW;
}

/* Whether two adjacent characters of these classes are in one word (WB5, WB8 to WB10, WB13 to WB13b). */
static inline int join(int last, int next)
{
    if (is_letter_class(last) || last == W2V_CHAR_DIGIT)
        return is_letter_class(next) || next == W2V_CHAR_DIGIT || next == W2V_CHAR_CONNECTOR;
    if (last == W2V_CHAR_KATAKANA)
        return next == W2V_CHAR_KATAKANA || next == W2V_CHAR_CONNECTOR;
    if (last == W2V_CHAR_CONNECTOR)
        return is_letter_class(next) || next == W2V_CHAR_DIGIT || next == W2V_CHAR_KATAKANA ||
               next == W2V_CHAR_CONNECTOR;
    return 0;
}

/* Whether two characters with a joiner between them are in one word (WB6, WB7, WB7b, WB7c, WB11, WB12). */
static inline int join_by(int last, int joiner, int next)
{
    if (joiner == W2V_CHAR_DOUBLE_QUOTE)
        return last == W2V_CHAR_HEBREW && next == W2V_CHAR_HEBREW;
    if (is_letter_class(last))
        return is_letter_class(next) && joiner != W2V_CHAR_MID_NUMBER;
    return last == W2V_CHAR_DIGIT && next == W2V_CHAR_DIGIT && joiner != W2V_CHAR_MID_LETTER;
}

/* The word that is being written. */
typedef struct {
    unsigned char *start; /* its first byte; NULL outside words */
    unsigned char *end;   /* where it ends if the joiner after it does not join */
    int last;             /* the class of its last character that is not a mark */
    int joiner;           /* the class of the joiner at its end, or NO_CLASS */
    int counts;           /* whether it has a letter or digit */
} word;

static void end_word(writer *w, word *it)
{
    if (!it->start)
        return;
    if (it->joiner != NO_CLASS)
        w->out = it->end;
    if (it->counts)
        *w->out++ = ' ';
    else
        w->out = it->start;
    it->start = NULL;
    it->joiner = NO_CLASS;
}

static void begin_word(writer *w, word *it)
{
    end_word(w, it);
    it->start = w->out;
    it->counts = 0;
}

/* One character of W2V_SPLIT_WORDS; the character itself is written here. */
static inline void add_to_words(writer *w, word *it, int64_t at, int length, uint32_t code,
                                int32_t record)
{
    int kind = record & CLASS;
    if (kind == W2V_CHAR_OTHER || kind == W2V_CHAR_SPACE) {
        end_word(w, it);
        return;
    }
    int keeps_quote = it->last == W2V_CHAR_HEBREW; /* WB7a */
    if (kind == W2V_CHAR_MARK) {
        if (it->start)
            put(w, at, length, code, record);
        if (it->joiner == W2V_CHAR_QUOTE && keeps_quote)
            it->end = w->out;
        return;
    }
    if (kind >= W2V_CHAR_MID_LETTER) {
        if (!it->start || it->joiner != NO_CLASS) {
            end_word(w, it);
            return;
        }
        it->end = w->out;
        it->joiner = kind;
        put(w, at, length, code, record);
        if (kind == W2V_CHAR_QUOTE && keeps_quote)
            it->end = w->out;
        return;
    }
    if (!it->start) {
        begin_word(w, it);
    } else if (it->joiner != NO_CLASS) {
        if (join_by(it->last, it->joiner, kind))
            it->joiner = NO_CLASS;
        else
            begin_word(w, it);
    } else if (!join(it->last, kind)) {
        begin_word(w, it);
    }
    it->counts |= kind != W2V_CHAR_CONNECTOR;
    it->last = kind;
    put(w, at, length, code, record);
}

/* One character of W2V_SPLIT_CHARACTERS. */
static inline void add_to_characters(writer *w, word *it, int64_t at, int length, uint32_t code,
                                     int32_t record)
{
    int kind = record & CLASS;
    if (kind == W2V_CHAR_SPACE) {
        end_word(w, it);
        return;
    }
    if (kind == W2V_CHAR_MARK) {
        if (it->start)
            put(w, at, length, code, record);
        return;
    }
    begin_word(w, it);
    it->counts = 1;
    put(w, at, length, code, record);
}

/* Splits text from *at on, up to the first ASCII white space that follows at least `least` bytes. */
static int split_characters(writer *w, int64_t *at, int64_t least, int64_t *bad)
{
    word it = {NULL, NULL, NO_CLASS, NO_CLASS, 0};
    int kind = w->splitter->kind;
    int64_t i = *at;
    while (i < w->n) {
        uint32_t code;
        unsigned char byte = w->data[i];
        if (w2v_ascii_is_blank(byte)) {
            end_word(w, &it);
            if (i >= *at + least)
                break;
            if (!byte && !w->splitter->documents) {
                *bad = i;
                return W2V_SPLIT_NUL;
            }
            if (!byte || (byte == '\n' && w->splitter->lines))
                *w->out++ = '\n';
            i++;
            continue;
        }
        int length = decode(w->data + i, w->n - i, &code);
        if (!length) {
            *bad = i;
            return W2V_SPLIT_NOT_UTF8;
        }
        int32_t record = record_of(code);
        if (kind == W2V_SPLIT_WORDS) {
            add_to_words(w, &it, i, length, code, record);
        } else if (kind == W2V_SPLIT_CHARACTERS) {
            add_to_characters(w, &it, i, length, code, record);
        } else {
            if (!it.start) {
                begin_word(w, &it);
                it.counts = 1;
            }
            put(w, i, length, code, record);
        }
        i += length;
    }
    end_word(w, &it);
    *at = i;
    return W2V_SPLIT_OK;
}

int w2v_split(const w2v_splitter *splitter, const unsigned char *data, int64_t n,
              unsigned char *out, int64_t *n_out, int64_t *bad)
{
    writer w = {splitter, data, n, out};
    unsigned char upper = splitter->lowercase ? 26 : 0, newline = splitter->lines ? '\n' : ' ';
    int64_t at = 0;
    while (at < n) {
        int64_t plain =
            splitter->kind == W2V_SPLIT_CHARACTERS
                ? 0
                : w2v_ascii_plain(data + at, n - at, splitter->documents);
        if (plain) {
            if (splitter->kind == W2V_SPLIT_WORDS)
                w2v_ascii_words(data + at, plain, w.out, upper, newline);
            else
                w2v_ascii_whitespace(data + at, plain, w.out, upper, newline);
            at += plain;
            w.out += plain;
        }
        if (at < n) {
            if (plain)
                *w.out++ = ' '; /* data[at] is white space or ends a document */
            int status = split_characters(&w, &at, 1, bad);
            if (status)
                return status;
        }
    }
    *n_out = w.out - out;
    return W2V_SPLIT_OK;
}
