"""Raw text: the tokenizers against a plain reference, the tables of characters, and their use."""

import gzip
import io
import random
import re
import sys
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from helpers import words_of_text as reference
from hypothesis import given, settings
from hypothesis import strategies as st

from w2vext import KeyedVectors, Phrases, Word2Vec
from w2vext.text import corpus as corpus_module
from w2vext.text import pieces as _pieces
from w2vext.text import scan as _scan
from w2vext.text import spool as _spool
from w2vext.text import tokenizer as _tokenizer
from w2vext.text import workers as _workers
from w2vext.text._split import Packer, Splitter, classes, room
from w2vext.text._words import BadText
from w2vext.text.corpus import open_corpus
from w2vext.text.patterns import accents_pattern, words_pattern
from w2vext.text.tokenizer import Tokenizer
from w2vext.text.vocabulary import build

CSRC = Path(__file__).resolve().parent.parent / "csrc"
KINDS = ("whitespace", "words", "characters")


def splitter(kind="words", lowercase=False, strip_accents=False, lines=True):
    return Splitter(kind, lowercase=lowercase, strip_accents=strip_accents, lines=lines)


def words(text, *options):
    return splitter(*options).words(text.encode())


# ---- examples


@pytest.mark.parametrize(
    "text, expected",
    [
        ("The cat sat.", "The cat sat"),
        ("don't rock 'n' roll", "don't rock n roll"),
        ("the dogs' l’été", "the dogs l’été"),
        ("1,234.5 3.14, 7;8 1, 2", "1,234.5 3.14 7;8 1 2"),
        ("U.S.A. e.g. a.b .c d. a..b a.1", "U.S.A e.g a.b c d a b a 1"),
        ("snake_case _x_ __ _ x__1", "snake_case _x_ x__1"),
        ("well-known a/b C++ #tag @you", "well known a b C tag you"),
        ("a·b 1·2 a,b a1,b 1'2 a\"b", "a·b 1 2 a b a1 b 1'2 a b"),
        ("é,b é.b é;b 1,é ١٬٢ ١·٢", "é b é.b é b 1 é ١٬٢ ١ ٢"),
        ("12:30 http://example.com/a?b=1", "12 30 http example.com a b 1"),
        ("x² ½ Ⅳ naïve Ünïcode", "x Ⅳ naïve Ünïcode"),
        ("日本語と カタカナ ラーメン", "日 本 語 と カタカナ ラーメン"),
        ("我用Python3写代码。", "我 用 Python3 写 代 码"),
        ("צה\"ל ג'ירפה", "צה\"ל ג'ירפה"),
        ("नमस्ते दुनिया", "नमस्ते दुनिया"),
        ("\u0301a\u0301b \u0301 \u200ba\u200bb", "a\u0301b a b"),
        ("", ""),
    ],
)
def test_words(text, expected):
    assert words(text) == expected.split() == reference.words(text)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("ÀÉÎ Straße İstanbul", "àéî straße i\u0307stanbul"),
        ("ΟΔΟΣ ΣΑΣ ΑΣ' Σ ΑΣ1 Α'Σ", "οδος σας ας σ ας1 α'ς"),
        ("ΑΣΑ Α'ΣΑ ΑΣ'Α ΑΣ. ΑΣ-Α", "ασα α'σα ασ'α ας ας α"),
        ("ǅ Ⱥ", "ǆ ⱥ"),
    ],
)
def test_lower_case_is_that_of_str(text, expected):
    assert words(text, "words", True) == expected.split() == reference.words(text, "words", True)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("café cafe\u0301 Ångström", "cafe cafe Angstrom"),
        ("Việt Ἀθῆναι İ ё", "Viet Αθηναι I е"),
        ("が हिन्दी ก็ 한국어", "が हिन्दी ก็ 한국어"),  # marks that are not accents stay
    ],
)
def test_accents_are_removed(text, expected):
    assert words(text, "words", False, True) == expected.split()


def test_characters():
    assert words("我 用é\u0301x。\u3000!", "characters") == ["我", "用", "é\u0301", "x", "。", "!"]


def test_whitespace_with_options():
    assert words("A-B\x1cC  É.\n", "whitespace", True) == ["a-b\x1cc", "é."]


# ---- against the reference

ALPHABET = "abZ09 \n\t.,;'’\"_-:·Σσςİé\u0301\u00ad\u200b日のカーｶﾞא״१नิกั한Ⅳ²^\u3000😀"
TEXTS = st.text(
    st.one_of(
        st.sampled_from(ALPHABET),
        st.sampled_from("aB1 '.,é"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=40,
)


@given(TEXTS, st.sampled_from(KINDS), st.booleans(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_every_tokenizer_is_the_reference(text, kind, lowercase, strip_accents):
    options = kind, lowercase, strip_accents
    assert words(text, *options) == reference.words(text, *options)


@given(TEXTS, st.sampled_from(KINDS), st.integers(1, 20))
@settings(max_examples=100, deadline=None)
def test_parts_between_boundaries_have_the_words_of_the_whole(text, kind, step):
    data, split = text.encode(), splitter(kind, True)
    found, at, parts = [], 0, []
    while at < len(data):
        end = split.boundary(data, min(at + step, len(data)))
        parts.append((at, end))
        found += split.words(data[at:end])
        at = end
    assert found == reference.words(text, kind, True)
    for at, end in parts:
        assert end == len(data) or split.boundary_before(data, at, end) == end


@given(TEXTS, st.sampled_from(KINDS), st.booleans())
@settings(max_examples=100, deadline=None)
def test_the_output_needs_no_more_room_than_documented(text, kind, lowercase):
    data = text.encode()
    out = bytearray(room(len(data)) + 8)
    split = splitter(kind, lowercase)
    n = split.split(data, 0, len(data), out)
    assert n <= 2 * len(data)  # `SplitRun` orders words by this bound
    assert out[n + 16 :] == bytes(len(out) - n - 16)


@pytest.mark.slow
def test_random_text_of_all_classes():
    rng = random.Random(5)
    pools = {}
    for code in range(1, sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.category(character) not in ("Cs", "Cn", "Co"):
            pools.setdefault(unicode_key(character), []).append(character)
    pools = list(pools.values())
    for _ in range(4_000):
        text = "".join(
            rng.choice(rng.choice(pools)) if rng.random() < 0.5 else rng.choice("aB1 .,'_\nΣ")
            for _ in range(rng.randint(0, 30))
        )
        for kind in KINDS:
            assert words(text, kind, True, True) == reference.words(text, kind, True, True)


def unicode_key(character):
    unicode = reference.unicode
    return (
        unicode.class_of(character), unicode.flags_of(character), character.lower() != character,
        unicode.stripped(character) != character,
    )  # fmt: skip


# ---- the tables


def stored_tables():
    """The arrays of csrc/unicode_tables.h by name, and the version of Unicode."""
    text = (CSRC / "unicode_tables.h").read_text(encoding="utf-8")
    arrays = re.findall(r"w2v_char_(\w+)\[\d+\] = \{([^}]*)\}", text)
    return (
        {name: [int(x) for x in values.replace(",", " ").split()] for name, values in arrays},
        re.search(r"of Unicode ([\d.]+)\.", text)[1].rstrip("."),
    )


@pytest.mark.slow
def test_the_tables_are_what_this_python_computes():
    unicode, (tables, version) = reference.unicode, stored_tables()
    same = unicodedata.unidata_version == version
    size, different = 1 << unicode.SHIFT, []
    for code in range(sys.maxunicode + 1):
        if 0xD800 <= code < 0xE000:
            continue
        block, at = divmod(code, size)
        record = tables["records"][tables["properties"][tables["blocks"][block] * size + at]]
        base = tables["bases"][tables["base_blocks"][block] * size + at] or code
        character = chr(code)
        kind, flags, delta = unicode.properties(code)
        expected = (delta << 8) + (flags << 4) + kind
        stripped = unicode.stripped(character) or character
        if (record, chr(base)) != (expected, stripped):
            different.append(character)
    # Another version of Unicode has more characters, and changes few of the old ones.
    if not same:
        different = [c for c in different if unicodedata.ucd_3_2_0.category(c) != "Cn"]
    assert len(different) <= (0 if same else 20), different[:20]


def word_breaks():
    """The property Word_Break of each assigned character, by the package regex."""
    regex = pytest.importorskip("regex")
    text = "".join(
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs")
    )
    names = (
        "ALetter", "Hebrew_Letter", "Numeric", "Katakana", "ExtendNumLet", "Extend", "Format",
        "ZWJ", "MidLetter", "MidNum", "MidNumLet", "Single_Quote", "Double_Quote",
    )  # fmt: skip
    found = dict.fromkeys(text, "Other")
    for name in names:
        found |= dict.fromkeys(regex.findall(rf"\p{{WB={name}}}", text), name)
    return found


EXPECTED = {
    "LETTER": "ALetter", "HEBREW": "Hebrew_Letter", "DIGIT": "Numeric", "KATAKANA": "Katakana",
    "CONNECTOR": "ExtendNumLet", "MARK": "Extend", "MID_LETTER": "MidLetter",
    "MID_NUMBER": "MidNum", "MID": "MidNumLet", "QUOTE": "Single_Quote",
    "DOUBLE_QUOTE": "Double_Quote", "OTHER": "Other", "SPACE": "Other", "ALONE": "Other",
}  # fmt: skip


@pytest.mark.slow
def test_classes_are_those_of_the_standard():
    """The exceptions are few and listed: symbols are not letters, and the colon does not join."""
    different = Counter()
    for character, name in word_breaks().items():
        name = "Extend" if name in ("Format", "ZWJ") else name
        kind = reference.unicode.class_of(character)
        if EXPECTED[kind] != name:
            different[kind, name, unicodedata.category(character)[0]] += 1
    assert different.pop(("OTHER", "MidLetter", "P")) == 1  # the colon
    assert different.pop(("SPACE", "ExtendNumLet", "Z")) == 1  # the narrow no-break space
    symbols = {
        key: n for key, n in different.items() if key[0] == "OTHER" and key[2] in "SPN"
    }  # modifiers, circled letters and the like
    assert sum(symbols.values()) < 350
    rest = {key: n for key, n in different.items() if key not in symbols}
    assert sum(rest.values()) < 30, rest


@pytest.mark.slow
def test_segments_are_those_of_regex():
    regex = pytest.importorskip("regex")
    breaks = word_breaks()
    merged = {"Format": "Extend", "ZWJ": "Extend"}
    pools = {}
    for character, name in breaks.items():
        kind = reference.unicode.class_of(character)
        if EXPECTED[kind] == merged.get(name, name) and kind not in ("SPACE", "OTHER", "ALONE"):
            pools.setdefault(kind, []).append(character)
    pools = [*pools.values(), list("日のไ"), list("!/=")]
    rng = random.Random(7)
    for _ in range(4_000):
        text = "".join(rng.choice(rng.choice(pools)) for _ in range(rng.randint(1, 20)))
        theirs = regex.split(r"(?wV1)\b", text)
        kept = [
            part
            for part in theirs
            if any(reference.unicode.class_of(c) in reference.IN_WORDS for c in part)
        ]
        # regex has no rule WB4 for a mark at the beginning of the text.
        if reference.unicode.class_of(text[0]) != "MARK":
            assert words(text) == [part for part in kept if part], ascii(text)


# ---- corpora of every kind

RAW = "The cat — l’été sat.\nŒuvres, 日本語 cat's\n\nΟΔΟΣ ＡＢ don't. The\n" * 3


def encoded(X, tokenizer, **options):
    vocabulary, stream = build(open_corpus(X, tokenizer), min_count=1, **options)
    with stream:
        names = [vocabulary.words[i] for i in stream.ids.tolist()]
        ends = stream.offsets.tolist()
    return [names[a:b] for a, b in pairwise(ends)]


def sources(folder, text):
    """The same text in every kind of corpus."""
    plain, packed = folder / "raw.txt", folder / "raw.txt.gz"
    plain.write_text(text, encoding="utf-8")
    packed.write_bytes(gzip.compress(text.encode()))
    parts = text.splitlines(keepends=True)
    yield from (plain, packed, io.BytesIO(text.encode()), [text], (t for t in [text]))
    yield from (parts, np.array(parts), np.array(parts, dtype=object))


@pytest.fixture
def small(monkeypatch):
    """A function that makes pieces, parts and blocks small."""

    def shrink(piece, part):
        monkeypatch.setattr(_pieces, "PIECE", piece)
        monkeypatch.setattr(_workers, "TAIL", max(part // 2, 1))
        monkeypatch.setattr(_spool, "BLOCK_IDS", 3)
        monkeypatch.setattr(_workers, "WORKER_WORDS", 4)
        monkeypatch.setattr(_scan, "TEXT_BYTES", part)
        monkeypatch.setattr(_tokenizer, "PART", part)
        monkeypatch.setattr(corpus_module, "BLOCK", piece)

    return shrink


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize("piece, part", [(1 << 22, 1 << 20), (13, 5), (7, 1)])
def test_every_kind_of_corpus_has_the_words_of_the_reference(tmp_path, small, kind, piece, part):
    small(piece, part)
    tokenizer = Tokenizer(kind, lowercase=True, strip_accents=True)
    expected = reference.sentences(RAW, kind, True, True)
    for i, X in enumerate(sources(tmp_path, RAW)):
        assert encoded(X, tokenizer, workers=2) == expected, i


class Title(str):
    pass


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize("sentences", ["line", "document"])
def test_documents_have_the_words_of_each(small, kind, sentences):
    """Differential: many documents packed together against one after the other."""
    small(1000, 40)
    rng = random.Random(9)
    pieces = [
        "a",
        "Bc",
        "don't",
        "1,2",
        "x_y",
        "é",
        "日本",
        " ",
        "  ",
        "\n",
        "\t",
        ".",
        "'",
        "Σ",
        "_",
    ]
    for _ in range(60):
        n = rng.choice([0, 1, 2, 7, 30])
        texts = ["".join(rng.choices(pieces, k=rng.choice([0, 1, 3, 20, 60]))) for _ in range(n)]
        texts.append("end")
        expected = []
        for text in texts:
            for part in text.split("\n") if sentences == "line" else [text]:
                found = reference.words(part, kind, True)
                expected += [found] if found else []
        tokenizer = Tokenizer(kind, lowercase=True, sentences=sentences)
        for X in (texts, iter(texts), tuple(texts), [Title(text) for text in texts]):
            assert encoded(X, tokenizer) == expected


def test_a_list_that_changes_while_it_is_read():
    texts = ["a b", "c d", "e f"]

    def shorten(document, number):
        texts.clear()
        return str(document)

    texts[1] = 7
    packer = Packer(texts, shorten, None)
    assert packer.pack(100) == (2, 6) and bytes(packer.packed[:6]) == b"a b\x007\0"
    assert packer.pack(100) == (0, 0)


def test_sentences_may_end_at_documents_only(tmp_path, small):
    small(11, 4)
    tokenizer = Tokenizer("words", sentences="document")
    for X in list(sources(tmp_path, RAW))[:5]:
        assert encoded(X, tokenizer) == [reference.words(RAW)]
    texts = ["a b\nc", "", "d"]
    assert encoded(texts, tokenizer) == [["a", "b", "c"], ["d"]]
    assert encoded(texts, Tokenizer("words")) == [["a", "b"], ["c"], ["d"]]


def test_a_bounded_table_counts_texts():
    texts = ["a a b", "a a c", "a d a"] * 4
    with pytest.warns(UserWarning, match="max_vocab_size=2 distinct words"):
        found = encoded(texts, Tokenizer("words"), max_vocab_size=2)
    assert sum(sentence.count("a") for sentence in found) > 8


def test_one_part_between_boundaries_may_be_longer_than_a_piece(tmp_path, small):
    small(7, 3)
    text = "ab" * 60 + " c"
    (tmp_path / "raw.txt").write_text(text, encoding="utf-8")
    assert encoded(tmp_path / "raw.txt", Tokenizer("words"), workers=2) == [["ab" * 60, "c"]]


def test_an_endless_word_is_an_error(tmp_path, small, monkeypatch):
    monkeypatch.setattr(_tokenizer, "LONGEST", 50)
    small(64, 40)
    (tmp_path / "raw.txt").write_text("a b " + "x" * 300, encoding="utf-8")
    with pytest.raises(ValueError, match=r"line 1, byte 5 .*a word of more than"):
        encoded(tmp_path / "raw.txt", Tokenizer("words"))
    with pytest.raises(ValueError, match="document 1 has a word of more than"):
        encoded(["a", "x" * 300], Tokenizer("words"))


def test_a_list_of_str_is_one_of_paths_only_if_all_exist(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        Path(name).write_text("in a file", encoding="utf-8")
    tokenizer = Tokenizer("words")
    assert encoded(["one", "two"], tokenizer) == [["in", "a", "file"]] * 2
    assert encoded(["one", "three words here"], tokenizer) == [["one"], ["three", "words", "here"]]
    assert encoded("one", tokenizer) == [["in", "a", "file"]]


def test_token_lists_are_used_as_they_are():
    assert encoded([["A b", 7], ["A b"]], Tokenizer("words", lowercase=True)) == [
        ["A b", 7], ["A b"],
    ]  # fmt: skip


# ---- functions


def commas(text):
    return [part.strip() for part in text.split(",") if part.strip()]


def test_a_function_receives_lines_or_documents(tmp_path):
    text = "new york, rain\nsun, new york\n"
    path = tmp_path / "raw.txt"
    path.write_text(text, encoding="utf-8")
    for X in (path, [text], io.BytesIO(text.encode())):
        assert encoded(X, Tokenizer(commas)) == [["new york", "rain"], ["sun", "new york"]]
    seen = []
    for X in (path, [text]):
        encoded(X, Tokenizer(lambda t: seen.append(t) or ["x"], sentences="document"))
    assert [each.rstrip("\n") for each in seen] == [text.rstrip("\n")] * 2


@pytest.mark.parametrize(
    "function, message",
    [
        (str.lower, "tokenizer=.*lower.* returned a str, 'ab cd', for 'AB cd': let it return a"),
        (lambda text: None, "returned a NoneType, None"),
        (lambda text: 7, "what tokenizer=.* is an int, 7"),
        (lambda text: [None], "what tokenizer=.* token 0 is None, a missing value"),
    ],
)
def test_a_function_that_returns_no_words(function, message):
    with pytest.raises(TypeError, match=message):
        Word2Vec(tokenizer=function, min_count=1).fit(["AB cd"])


# ---- invalid text


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize(
    "data, message",
    [
        (b"ab\nc \xff d\n", r"line 2, byte 3 \(offset 5\): not UTF-8: convert"),
        (b"ab\n\xed\xa0\x80", r"line 2, byte 1 \(offset 3\): not UTF-8"),
        (b"ab\nc\0d\n", r"line 2, byte 2 \(offset 4\): a NUL byte"),
        (b"ab\n\xe6\x97", r"line 2, byte 1 \(offset 3\): not UTF-8"),
    ],
)
def test_files_that_are_not_text(tmp_path, small, kind, data, message):
    path = tmp_path / "raw.txt"
    path.write_bytes(data)
    for sizes in ((1 << 22, 1 << 20), (4, 1)):
        small(*sizes)
        with pytest.raises(ValueError, match=re.escape(str(path)) + ", " + message):
            encoded(path, Tokenizer(kind))
    model = Word2Vec(tokenizer=kind, min_count=1, vector_size=2, workers=1).fit(TEXTS_OF_PETS)
    with pytest.raises(ValueError, match=f"{re.escape(str(path))}, line 2"):
        model.transform(path)


@pytest.mark.parametrize(
    "documents, error, message",
    [
        (["ab", "c\0d"], ValueError, "document 1 has the character NUL at index 1: remove it"),
        (["ab", "c", "x\ud800"], ValueError, "document 2 has half of a surrogate pair at index 1"),
        (["ab", None], TypeError, "document 1 is None, a missing value"),
        (["ab", ["c"]], TypeError, "document 1 is a list, and the first is a str"),
        (["ab", float("nan")], TypeError, "document 1 is nan, a missing value"),
        ([["ab"], "cd"], TypeError, "sentence 1 is a str, 'cd'"),
        ([None, "ab"], TypeError, "sentence 0 is None, a missing value"),
    ],
)
def test_documents_that_are_not_text(documents, error, message):
    with pytest.raises(error, match=message):
        encoded(documents, Tokenizer("words"))
    with pytest.raises(error, match=message):
        encoded((each for each in documents), Tokenizer("words"))


def test_bad_text_has_the_byte():
    with pytest.raises(BadText) as found:
        splitter().words("é x".encode() + b"\xc3")
    assert (found.value.at, found.value.kind) == (4, "UTF-8")


@pytest.mark.parametrize(
    "parameters, error, message",
    [
        ({"tokenizer": "word"}, ValueError, "tokenizer='word' is unknown: give 'whitespace'"),
        ({"tokenizer": 3}, TypeError, "tokenizer=3 is an int: give"),
        ({"lowercase": 1}, TypeError, "lowercase=1 is an int: give True or False"),
        ({"tokenizer": str.split, "lowercase": True}, ValueError, "lowercase=True with a function"),
        ({"sentences": "lines"}, ValueError, "sentences='lines' is unknown: give 'line' or"),
        ({"sentences": None}, TypeError, "sentences=None is a NoneType: give 'line'"),
    ],
)
def test_bad_parameters(parameters, error, message):
    with pytest.raises(error, match=message):
        Word2Vec(**parameters).fit([["a", "b"]])
    with pytest.raises(error, match=message):
        Phrases(**parameters).fit([["a", "b"]])


def test_a_list_of_str_without_a_tokenizer_names_the_remedy():
    with pytest.raises(TypeError, match="set tokenizer='words', which splits strings"):
        Word2Vec().fit(["the cat", "the dog"])


# ---- the estimators

TEXTS_OF_PETS = ["The cat sat. The dog ran!", "A cat; a dog.", "DOGS and Cats ran"] * 20


@pytest.fixture(scope="module")
def model():
    return Word2Vec(
        tokenizer="words", lowercase=True, vector_size=4, min_count=1, workers=1, random_state=3
    ).fit(TEXTS_OF_PETS)


def test_a_model_of_raw_text_is_that_of_its_words(model):
    lists = [reference.words(text, "words", True) for text in TEXTS_OF_PETS]
    plain = Word2Vec(vector_size=4, min_count=1, workers=1, random_state=3).fit(lists)
    assert model.vocabulary_ == plain.vocabulary_
    np.testing.assert_array_equal(model.vectors_, plain.vectors_)
    np.testing.assert_array_equal(model.transform(TEXTS_OF_PETS[:3]), plain.transform(lists[:3]))
    assert model.mean_loss(TEXTS_OF_PETS) == plain.mean_loss(lists)
    assert model.predict_output_word("The CAT!") == plain.predict_output_word(["the", "cat"])
    more = model.fit_transform(text for text in TEXTS_OF_PETS)
    np.testing.assert_array_equal(more, plain.transform(lists))


def test_the_tokenizer_is_saved(model, tmp_path):
    model.save(tmp_path / "pets.safetensors")
    loaded = Word2Vec.load(tmp_path / "pets.safetensors")
    assert (loaded.tokenizer, loaded.lowercase) == ("words", True)
    assert loaded.tokenize("The CAT's mat.") == ["the", "cat's", "mat"]
    np.testing.assert_array_equal(loaded.transform(["The cat."]), model.transform(["The cat."]))
    before = len(loaded.vocabulary_)
    loaded.partial_fit(["An owl, an owl!"] * 5)
    assert loaded.vocabulary_["owl"] >= before


def test_a_document_of_several_lines_is_one_row(model, tmp_path):
    text = "The cat\nsat. The\ndog"
    assert model.transform([text, ""]).shape == (2, 4)
    (tmp_path / "raw.txt").write_text(text, encoding="utf-8")
    assert model.transform(tmp_path / "raw.txt").shape == (3, 4)
    whole = Word2Vec(**{**model.get_params(), "sentences": "document"}).fit(TEXTS_OF_PETS)
    assert whole.transform(tmp_path / "raw.txt").shape == (1, 4)
    assert whole.transform([tmp_path / "raw.txt", tmp_path / "raw.txt"]).shape == (2, 4)


def test_phrases_of_raw_text():
    texts = ["I like New York.", "New York is far!", "York, new"] * 3
    found = Phrases(min_count=1, threshold=1, tokenizer="words", lowercase=True)
    joined = found.fit_transform(texts)
    assert joined[:3] == [["i_like", "new_york"], ["new_york", "is_far"], ["york", "new"]]
    assert found.transform(iter(texts)) == joined
    assert found.fit_transform(text for text in texts) == joined


# ---- tokenizer.json


def tokens_of(folder, text):
    tokenizers = pytest.importorskip("tokenizers")
    return tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text).ids


def test_a_folder_tokenizes_as_training_did(model, tmp_path):
    pytest.importorskip("tokenizers")
    model.save(tmp_path / "pets.safetensors")
    vectors = {
        "model": model.wv,
        "file": KeyedVectors.load(tmp_path / "pets.safetensors"),
        "part": model.wv.restrict(list(model.vocabulary_)),
    }
    for name, wv in vectors.items():
        wv.save(tmp_path / name, format="sentence-transformers")
        for text in ("The CATS, a dog;sat", "cat's ran", "", "!?", "cat_dog 1,000 DOGS"):
            rows = [wv.key_to_index[word] for word in model.tokenize(text) if word in wv]
            assert tokens_of(tmp_path / name, text) == rows
    card = (tmp_path / "model" / "README.md").read_text()
    assert "| `tokenizer` | `'words'` |" in card and "| `lowercase` | `True` |" in card


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_patterns_find_the_words_of_the_reference(kind):
    tokenizers = pytest.importorskip("tokenizers")
    pattern = tokenizers.Regex(words_pattern(kind))
    splitter = tokenizers.pre_tokenizers.Split(pattern, "removed", invert=True)
    by_class = {}
    for code, sign in enumerate(classes()):
        if not 0xD800 <= code < 0xE000:
            by_class.setdefault(chr(sign), []).append(code)
    rng = random.Random(9)
    for _ in range(5000):
        signs = rng.choices("LLLDDHHK_AM:,.'\"sx", k=rng.randrange(1, 12))
        text = "".join(chr(rng.choice(by_class[sign])) for sign in signs)
        found = [word for word, _ in splitter.pre_tokenize_str(text)]
        assert found == reference.words(text, kind), ascii(text)


def test_accents_of_the_pattern():
    tokenizers = pytest.importorskip("tokenizers")
    drop = tokenizers.normalizers.Replace(tokenizers.Regex(accents_pattern()), "")
    steps = [tokenizers.normalizers.NFD(), drop, tokenizers.normalizers.NFC()]
    normalize = tokenizers.normalizers.Sequence(steps).normalize_str
    for text in ("Éclair naïve Ünïcode", "नमस्ते", "صَباح", "Ångström ǖ", "が ペ"):
        wanted = "".join(map(reference.unicode.stripped, text))
        assert normalize(text) == unicodedata.normalize("NFC", wanted)


def test_a_function_cannot_be_written(tmp_path):
    model = Word2Vec(tokenizer=str.split, vector_size=2, min_count=1, workers=1)
    wv = model.fit(["a b", "b a"]).wv
    with pytest.raises(ValueError, match=r"a function, which tokenizer\.json cannot hold"):
        wv.save(tmp_path / "m", format="sentence-transformers")
    assert not (tmp_path / "m").exists()
    wv.save(tmp_path / "v.txt")
