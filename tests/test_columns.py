"""Columns of tables as corpora: each kind of column gives what lists of Python objects give."""

import gzip
import io
import json
import pickle
import random
import threading
import warnings

import numpy as np
import pytest

from w2vext import Column, KeyedVectors, Word2Vec, cli
from w2vext.text import column, ranges, scan, spool, table_files, tables
from w2vext.text import workers as _workers
from w2vext.text._words import Words
from w2vext.text.corpus import open_corpus
from w2vext.text.vocabulary import build

pa = pytest.importorskip("pyarrow")

LISTS = [
    ["b", "a", "longer than eight", "\u00e9t\u00e9"], [], ["a", "a", "", "x" * 13], ["12345678"],
    ["exactly 16 bytes", "exactly 16 bytez", "b"],
] * 3  # fmt: skip
INTEGERS = [[5, -3, 5], [], [2**40, 7, -(2**63)]] * 4
TEXTS = ["b a\nlonger than eight", "", " a a \t \u00e9t\u00e9", "b\n\n"] * 3


def encoded(source, **settings):
    words, stream = build(open_corpus(source), min_count=1, **{"workers": 2} | settings)
    return words.words, words.counts.tolist(), stream.ids.tolist(), stream.offsets.tolist()


@pytest.fixture
def all_workers(monkeypatch):
    """Several workers count codes, however large the dictionaries are."""
    monkeypatch.setattr(column, "CODES", 0.01)


@pytest.fixture(params=[1 << 19, 5])
def slices(request, monkeypatch, all_workers):
    """Columns are cut into parts of so many values."""
    monkeypatch.setattr(column, "SLICE", request.param)


STRINGS = {
    "list": lambda x: pa.array(x),
    "chunks": lambda x: pa.chunked_array([x[:4], x[4:7], [], x[7:]]),
    "slice": lambda x: pa.array([["other"], *x, ["more"]])[1:-1],
    "large": lambda x: pa.array(x, pa.large_list(pa.large_string())),
    "views": lambda x: pa.array(x, pa.list_(pa.string_view())),
    "list views": lambda x: pa.array(x, pa.list_view(pa.string())),
    "large list views": lambda x: pa.array(x, pa.large_list_view(pa.string_view())),
    "codes of 8 bits": lambda x: pa.array(x, pa.list_(pa.dictionary(pa.int8(), pa.string()))),
    "unsigned codes": lambda x: pa.array(x, pa.list_(pa.dictionary(pa.uint16(), pa.string()))),
    "codes": lambda x: pa.chunked_array(
        [pa.array(part, pa.list_(pa.dictionary(pa.int32(), pa.large_string())))
         for part in (x[:4], x[4:])]
    ),
    "codes of views": lambda x: dictionary_of_views(x),
    "a table": lambda x: pa.table({"only": x}),
    "a column of a table": lambda x: Column(pa.table({"n": range(len(x)), "x": x})[0:99], "x"),
    "a slice of a batch": lambda x: Column(
        pa.record_batch({"n": range(len(x) + 2), "x": [["other"], *x, ["more"]]})[1:-1], "x"
    ),
    "a slice of structs": lambda x: Column(
        pa.StructArray.from_arrays([pa.array([["other"], *x, ["more"]])], ["x"])[1:-1], "x"
    ),
    "a reader": lambda x: Column(
        pa.RecordBatchReader.from_batches(
            pa.schema([("x", pa.list_(pa.string()))]), pa.table({"x": x}).to_batches(4)
        )
    ),
}  # fmt: skip


def dictionary_of_views(lists):
    array = pa.array(lists, pa.list_(pa.dictionary(pa.int32(), pa.string())))
    codes = array.values
    values = pa.DictionaryArray.from_arrays(codes.indices, codes.dictionary.cast(pa.string_view()))
    return pa.ListArray.from_arrays(array.offsets, values)


@pytest.mark.usefixtures("slices")
@pytest.mark.parametrize("kind", STRINGS)
def test_lists_of_strings(kind):
    assert encoded(STRINGS[kind](LISTS)) == encoded(LISTS)


@pytest.mark.usefixtures("slices")
@pytest.mark.parametrize(
    "type",
    [
        pa.int64(), pa.dictionary(pa.int8(), pa.int64()),
    ],
    ids=str,
)  # fmt: skip
def test_lists_of_integers(type):
    found = encoded(pa.array(INTEGERS, pa.list_(type)))
    assert found == encoded(INTEGERS)
    assert all(word.__class__ is int for word in found[0])


@pytest.mark.parametrize(
    ("type", "rows"),
    [
        (pa.list_(pa.int8()), [[-128, 5], [127]]), (pa.list_(pa.uint8()), [[255, 0], [0]]),
        (pa.list_(pa.int16()), [[-(2**15), 5], [5]]), (pa.list_(pa.uint16()), [[2**16 - 1], [1]]),
        (pa.list_(pa.int32()), [[-(2**31), 5], [5]]), (pa.list_(pa.uint32()), [[2**32 - 1], [1]]),
        (pa.list_(pa.uint64()), [[2**64 - 1, 5], [5]]), (pa.list_(pa.int64(), 2), [[1, 2], [2, 3]]),
    ],
    ids=str,
)  # fmt: skip
def test_widths_of_integers(type, rows):
    assert encoded(pa.array(rows, type)) == encoded(rows)
    assert encoded(pa.array([rows[0], *rows], type)[1:]) == encoded(rows)


@pytest.mark.usefixtures("slices")
@pytest.mark.parametrize(
    "type",
    [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())],
    ids=str,
)
def test_strings_are_documents(type, monkeypatch):
    monkeypatch.setattr(_workers, "JOINED", 8)
    lines = [line.split() for text in TEXTS for line in text.split("\n")]
    assert encoded(pa.array(TEXTS, pa.string()).cast(type)) == encoded(lines)


@pytest.mark.usefixtures("all_workers")
def test_many_words_and_small_tables(monkeypatch):
    draw = random.Random(3)
    lists = [[f"k{int(draw.expovariate(0.02))}" for _ in range(draw.randrange(9))]
             for _ in range(900)]  # fmt: skip
    monkeypatch.setattr(_workers, "WORKER_WORDS", 50)
    monkeypatch.setattr(spool, "BLOCK_IDS", 100)
    monkeypatch.setattr(column, "SLICE", 333)
    codes = pa.list_(pa.dictionary(pa.int16(), pa.string()))
    chunks = pa.chunked_array([pa.array(lists[i : i + 200], codes) for i in range(0, 900, 200)])
    expected = encoded(lists)
    for source in (pa.array(lists), chunks):
        for workers in (1, 3):
            assert encoded(source, workers=workers) == expected
            assert encoded(source, workers=workers, spill_bytes=100) == expected


# ---- codes that several workers count

WORDS = [f"word {i}" for i in range(40)]  # the last ten do not occur
VALUES = pa.array(WORDS)
DRAWN = np.random.default_rng(7).zipf(1.3, 720) % 30
ORDER = np.random.default_rng(8).permutation(40)


def of_codes(codes, values):
    """Rows of three codes."""
    coded = pa.DictionaryArray.from_arrays(np.asarray(codes, dtype=np.int32), values)
    return pa.ListArray.from_arrays(np.arange(0, len(codes) + 1, 3, dtype=np.int32), coded)


def chunks_of(*values):
    """A chunk for each dictionary, of 60 rows."""
    parts = np.split(DRAWN, 4)
    return pa.chunked_array([of_codes(*each) for each in zip(parts, values, strict=True)])


# Columns, and how often the dictionary changes, with the first one.
CODED = {
    "one chunk": (of_codes(DRAWN, VALUES), 1),
    "one dictionary": (chunks_of(*[VALUES] * 4), 1),
    "one dictionary of views": (chunks_of(*[VALUES.cast(pa.string_view())] * 4), 1),
    "one dictionary of integers": (chunks_of(*[pa.array(range(40))] * 4), 1),
    "slices of rows": (
        pa.chunked_array([of_codes(DRAWN, VALUES)[i : i + 60] for i in (7, 67, 121, 5)]), 1
    ),
    "two dictionaries": (chunks_of(*[VALUES] * 2, *[VALUES.take(pa.array(ORDER))] * 2), 2),
    "two dictionaries by turns": (chunks_of(*[VALUES, pa.array(WORDS[::-1])] * 2), 4),
    "equal dictionaries": (chunks_of(*(pa.array(WORDS) for _ in range(4))), 4),
    "slices of one dictionary": (chunks_of(*(VALUES[i : 30 + i] for i in (0, 3, 6, 9))), 4),
    "dictionaries that begin alike": (chunks_of(*(VALUES[:i] for i in (30, 31, 32, 33))), 4),
    "a null that does not occur": (chunks_of(*[pa.array([*WORDS[:35], None])] * 4), 1),
}  # fmt: skip


@pytest.mark.usefixtures("all_workers")
@pytest.mark.parametrize("kind", CODED)
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_workers_count_codes(kind, workers, monkeypatch):
    source, dictionaries = CODED[kind]
    barrier = threading.Barrier(workers, timeout=60)
    added, counted = [], set()

    class Codes(_workers.Codes):
        def add_to(self, words):
            added.append(words)
            return super().add_to(words)

    class Files(_workers.Files):
        def _encode_part(self, *arguments):
            barrier.wait()  # so that every worker encodes as many parts
            counted.add(threading.get_ident())
            super()._encode_part(*arguments)

    monkeypatch.setattr(column, "SLICE", 30)
    monkeypatch.setattr(_workers, "Codes", Codes)
    monkeypatch.setattr(scan, "Files", Files)
    assert encoded(source, workers=workers) == encoded(source.to_pylist())
    assert len(counted) == workers
    assert len(added) == dictionaries * workers


def test_workers_for_codes():
    """Several workers are used if the dictionaries are small, next to the number of codes."""
    for source, most in (
        (of_codes([*range(30)] * 400, VALUES), 3), (of_codes([*range(30)] * 300, VALUES), 2),
        (of_codes([*range(30)] * 90, VALUES), 1), (of_codes(DRAWN, VALUES)[:0], 1),
        (pa.chunked_array([of_codes([0] * 4500, VALUES)] * 2), 2),
        (pa.chunked_array([of_codes([0] * 9000, VALUES)[i : i + 1500] for i in (0, 1500)]), 2),
        (pa.chunked_array([of_codes([0] * 4500, pa.array(WORDS)) for _ in range(2)]), 1),
        (of_codes(DRAWN, VALUES).flatten(), 5), (pa.array([["a"]]), 5),
    ):  # fmt: skip
        assert open_corpus(source).column.useful_workers(5) == most


@pytest.mark.usefixtures("all_workers")
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_nulls_among_codes(workers, monkeypatch):
    monkeypatch.setattr(column, "SLICE", 30)
    values = pa.array([*WORDS[:29], None, *WORDS[30:]])
    row = int(np.flatnonzero(DRAWN == 29)[0]) // 3
    with pytest.raises(TypeError, match=f"the column, row {row}: a missing value"):
        encoded(of_codes(DRAWN[: 3 * row + 3], values), workers=workers)
    rows = of_codes(DRAWN, VALUES).to_pylist()
    rows[100] = ["word 1", None]
    source = pa.array(rows, pa.list_(pa.dictionary(pa.int32(), pa.string())))
    with pytest.raises(TypeError, match="the column, row 100: a missing value"):
        encoded(source, workers=workers)
    # The slices have a mask of nulls, and no nulls.
    whole = pa.chunked_array([source[:100], source[101:]])
    assert encoded(whole, workers=workers) == encoded(rows[:100] + rows[101:])


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_documents_of_codes_with_workers(workers, monkeypatch):
    monkeypatch.setattr(column, "SLICE", 30)
    flat = of_codes(DRAWN, VALUES).values
    source = pa.chunked_array([flat[:300], flat[300:], flat.take(pa.array([5, 1]))])
    expected = [text.split() for text in source.to_pylist()]
    assert encoded(source, workers=workers) == encoded(expected)


@pytest.mark.parametrize("codes", [False, True])
def test_a_bound_on_the_words(codes):
    draw = random.Random(3)
    lists = [[f"k{int(draw.expovariate(0.02))}" for _ in range(9)] for _ in range(300)]
    type = pa.list_(pa.dictionary(pa.int16(), pa.string()) if codes else pa.string())
    source = pa.chunked_array([pa.array(lists[i : i + 30], type) for i in range(0, 300, 30)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        words, counts, ids, _ = encoded(source, max_vocab_size=60)
    exact = dict(zip(*encoded(lists)[:2], strict=True))
    assert 10 <= len(words) <= 60
    assert all(count <= exact[word] for word, count in zip(words, counts, strict=True))
    assert np.bincount(ids).tolist() == counts


@pytest.mark.parametrize(
    "source",
    [
        "polars", "pandas", pytest.param("duckdb", marks=pytest.mark.slow),
        pytest.param("datasets", marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_libraries(source):
    module = pytest.importorskip(source)
    texts = ["b a", "a c"]
    if source == "polars":
        frame = module.DataFrame({"x": LISTS, "n": range(15)})
        categories = frame["x"].cast(module.List(module.Categorical))
        columns = [frame["x"], Column(frame, "x"), categories]
        documents = [module.Series(texts), module.Series(texts, dtype=module.Categorical)]
    elif source == "pandas":
        frame = module.DataFrame({"x": LISTS, "n": range(15), 3: [object()] * 15})
        arrow = module.Series(pa.array(LISTS), dtype=module.ArrowDtype(pa.list_(pa.string())))
        columns = [frame["x"], Column(frame, "x"), arrow]
        documents = [module.Series(texts, dtype=type) for type in ("str", object, "category")]
    elif source == "duckdb":
        module.register("rows", pa.table({"x": LISTS, "n": range(15)}))
        columns = [module.sql("select x from rows"), Column(module.sql("from rows"), "x")]
        documents = [module.sql("select 'b a' as x union all select 'a c'")]
    else:
        made = module.Dataset.from_dict({"x": [*LISTS, ["other"]], "n": range(16)})
        chosen = made.select(range(15))
        columns = [Column(chosen, "x"), chosen["x"], Column(chosen.to_iterable_dataset(), "x")]
        documents = [module.Dataset.from_dict({"x": texts})["x"]]
    for each in columns:
        assert encoded(each) == encoded(LISTS)
    for each in documents:
        assert encoded(each) == encoded([text.split() for text in texts])


def test_fit_and_transform():
    how = {"vector_size": 4, "min_count": 1, "epochs": 1, "workers": 1, "random_state": 3}
    split = [text.split() for text in TEXTS]
    lines = [line.split() for text in TEXTS for line in text.split("\n")]
    model, expected = Word2Vec(**how).fit(pa.array(TEXTS)), Word2Vec(**how).fit(lines)
    assert (model.vectors_ == expected.vectors_).all()
    assert (model.transform(pa.array(TEXTS)) == expected.transform(split)).all()
    codes = pa.array(INTEGERS, pa.list_(pa.dictionary(pa.int8(), pa.int64())))
    model = Word2Vec(**how).fit(codes, validation=codes)
    expected = Word2Vec(**how).fit(INTEGERS, validation=INTEGERS)
    assert (model.vectors_ == expected.vectors_).all()
    assert (model.transform(codes) == expected.transform(INTEGERS)).all()


@pytest.mark.usefixtures("slices")
@pytest.mark.parametrize("sentences", ["line", "document"])
@pytest.mark.parametrize("tokenizer", ["words", "whitespace", "characters", str.split])
def test_documents_are_tokenized(tokenizer, sentences, monkeypatch):
    monkeypatch.setattr(_workers, "JOINED", 16)
    texts = ["Rain falls.\nSnow, too", "", "the \u00c9t\u00e9's RAIN"] * 5
    how = {"vector_size": 4, "min_count": 1, "epochs": 1, "workers": 1, "random_state": 3}
    how |= {"tokenizer": tokenizer, "lowercase": tokenizer == "words", "sentences": sentences}
    lines = [line for text in texts for line in text.split("\n")]
    split = [Word2Vec(**how).tokenize(x) for x in (lines if sentences == "line" else texts)]
    expected = Word2Vec(**how).fit(split)
    model = Word2Vec(**how).fit(pa.array(texts))
    assert model.vocabulary_ == expected.vocabulary_
    assert (model.vectors_ == expected.vectors_).all()
    documents = [model.tokenize(text) for text in texts]
    assert (model.transform(pa.array(texts)) == model.transform(documents)).all()
    assert model.fit(pa.array(split)).vocabulary_ == expected.vocabulary_
    if not callable(tokenizer):
        with pytest.raises(TypeError, match="row 1: a string with the character NUL"):
            model.fit(pa.array(["a b", "c\0d"]))


# ---- files


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A function: suffix -> a file with the columns n and x (lists, or texts in CSV files)."""
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(table_files, "BLOCK", 100)
    monkeypatch.setattr(table_files, "ROWS", 2)
    lines = "".join(json.dumps({"n": i, "x": row}) + "\n" for i, row in enumerate(LISTS))
    fields = ['"' + text.replace('"', '""') + '"' for text in TEXTS]

    def write(suffix):
        path = tmp_path / f"data{suffix}"
        if suffix == ".parquet":
            table = pa.table({"n": range(len(LISTS)), "x": LISTS})
            parquet.write_table(table, path, row_group_size=4)
        elif suffix.startswith((".csv", ".tsv")):
            between = "\t" if "tsv" in suffix else ","
            rows = [f"n{between}x", *(f"{i}{between}{text}" for i, text in enumerate(fields))]
            path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        else:
            path.write_text(lines, encoding="utf-8")
        if suffix.endswith(".gz"):
            path.write_bytes(gzip.compress(path.read_bytes()))
        return path

    return write


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl", ".ndjson.gz", ".csv", ".tsv", ".csv.gz"])
@pytest.mark.parametrize("workers", [1, 2])
def test_files(files, suffix, workers):
    lines = [line.split() for text in TEXTS for line in text.split("\n")]
    expected = lines if "sv" in suffix else LISTS
    path = files(suffix)
    assert encoded(Column(path, "x"), workers=workers) == encoded(expected)
    twice = Column([str(path), str(path)], "x")
    assert encoded(twice, workers=workers) == encoded(expected * 2)


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl", ".jsonl.gz", ".csv"])
def test_ranges_of_files(files, suffix, monkeypatch):
    monkeypatch.setattr(ranges, "SMALLEST", 50)
    source = Column([files(suffix), files(suffix)], "x")
    cuts = pickle.loads(pickle.dumps(ranges.ranges(source, parts=3)))
    assert len(cuts) > (4 if suffix in (".parquet", ".jsonl") else 1)
    whole = encoded(source)
    assert encoded(ranges.corpus_of(cuts)) == whole
    assert words_of([[cut] for cut in cuts]) == [whole[0][i] for i in whole[2]]
    shares = ranges.deal(cuts, [1, 1])
    assert words_of(shares) == words_of([[cut] for share in shares for cut in share])


def words_of(shares):
    """The words of some shares, one after the other; their tables are merged."""
    merged, ids = Words(), []
    for share in shares:
        with scan.Scan(ranges.corpus_of(share), 1, None, 1 << 30, None) as read:
            maps = tables.merge(merged, tables.packed(read.read()))
            final = np.append(maps, -1).astype(np.int32)
            ids += read.stream(final, read.spool.n)[0].tolist()
    words = merged.strings(np.arange(len(merged)))
    return [words[i] for i in ids]


def test_integers_in_tables_of_words():
    words = open_corpus(pa.array(INTEGERS))
    with scan.Scan(words, 1, None, 1 << 30, None) as read:
        table = tables.packed(read.read())
    merged = Words()
    tables.merge(merged, table)
    assert merged.strings(np.arange(2)) == [5, -3]


def test_files_in_a_store(files):
    fsspec = pytest.importorskip("fsspec")
    store = fsspec.filesystem("memory")
    for suffix in (".parquet", ".jsonl"):
        store.pipe(f"/tables/data{suffix}", files(suffix).read_bytes())
        assert encoded(Column(f"memory://tables/*{suffix}", "x")) == encoded(LISTS)
    store.rm("/tables", recursive=True)


def test_a_file_without_a_name_has_one_column(files, tmp_path):
    (tmp_path / "one.jsonl").write_text('{"x": ["a", "b"]}\n\n{"x": []}\n')
    assert encoded(Column(tmp_path / "one.jsonl"))[0] == ["a", "b"]


def test_json_that_looks_like_dates(tmp_path):
    (tmp_path / "d.jsonl").write_text('{"x": []}\n{"x": ["2020-01-02", "2020-01-03"]}\n')
    assert encoded(Column(tmp_path / "d.jsonl", "x"))[0] == ["2020-01-02", "2020-01-03"]


def test_train_from_the_command_line(files, tmp_path, capsys):
    output = tmp_path / "v.txt"
    (tmp_path / "tea.jsonl").write_text('{"n": 1, "x": ["tea", "milk"]}\n' * 9)
    arguments = ["-o", str(output), "--min-count", "1", "--epochs", "1"]
    assert cli.main(["train", str(tmp_path / "tea.jsonl"), "--column", "x", *arguments]) == 0
    assert sorted(KeyedVectors.load(output).index_to_key) == ["milk", "tea"]
    capsys.readouterr()
    path = str(files(".parquet"))
    assert cli.main(["train", path, "--column", "y", *arguments]) == 1
    assert "data.parquet has no column 'y': choose one of 'n', 'x'\n" in capsys.readouterr().err
    assert cli.main(["train", path, *arguments]) == 1
    assert "is a Parquet table: name a column of it by --column\n" in capsys.readouterr().err


# ---- bad input


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (lambda: pa.array([["a"], None]), "the column, row 1: a missing value: leave it out"),
        (lambda: pa.array([["a"], [], ["b", None]]), "the column, row 2: a missing value"),
        (lambda: pa.array(["a", None]), "the column, row 1: a missing value"),
        (lambda: pa.array([["a"], ["b", None]], STRINGS["codes"]([]).type), "row 1: a missing v"),
        (lambda: pa.array([["b\0"]]), "row 0: a string with the character NUL"),
        (lambda: pa.array([["b"], ["b\0"]]), "row 1: a string with the character NUL"),
        (lambda: pa.array([["\0" * 9]]), "row 0: a string with the character NUL"),
        (lambda: pa.array(["a", "b", "c\0d"]), "row 2: a string with the character NUL"),
        (lambda: pa.array([["x" * (1 << 21)]]), "row 0: a word of more than 1,048,576 bytes"),
        (lambda: pa.array([[["a"]]]), "the column contains lists of lists: give a column of str"),
        (lambda: pa.array([[{"a": 1}]]), "lists of structs"),
        (lambda: pa.array([[1.5]]), "lists of floats"),
        (lambda: pa.array([[True]]), "lists of booleans"),
        (lambda: pa.array([1, 2]), "integers, one in each row: group them into lists"),
        (lambda: Column(pa.table({"n": [1], "x": [["a"]]}), "y"), "a Table has no column 'y': cho"),
        (lambda: Column(pa.table({"n": [1], "x": [["a"]]})), "has the columns 'n', 'x': choose on"),
        (lambda: Column(5, "x"), r"Column\(5, 'x'\): the source is an int: give a table"),
        (lambda: Column([["a"]], "x"), "the source is a list: give a table, or the paths of files"),
        (lambda: pa.chunked_array([pa.array([[1]])]), None),
        (lambda: Column("x", 5), "name=5 is an int: give the name of a column"),
    ],
)
def test_columns_that_do_not_contain_words(source, message):
    if message is None:
        assert encoded(source())[0] == [1]
        return
    with pytest.raises(TypeError, match=message):
        encoded(source())


def test_damaged_arrays():
    """The buffers are changed after pyarrow has checked them."""
    offsets, codes = np.array([0, 2, 3], dtype=np.int32), np.array([0, 1, 0], dtype=np.int8)
    data = np.frombuffer(b"abc", dtype=np.uint8).copy()
    places = pa.py_buffer(np.arange(4, dtype=np.int32))
    words = pa.Array.from_buffers(pa.string(), 3, [None, places, pa.py_buffer(data)])
    indices = pa.Array.from_buffers(pa.int8(), 3, [None, pa.py_buffer(codes)])
    coded = pa.DictionaryArray.from_arrays(indices, pa.array(["a", "b"]))
    lists, codes_in_lists = (
        pa.Array.from_buffers(
            pa.list_(values.type), 2, [None, pa.py_buffer(offsets)], children=[values]
        )
        for values in (words, coded)
    )
    codes[2] = 5
    with pytest.raises(TypeError, match="row 1: offsets that do not fit the data"):
        encoded(codes_in_lists)
    data[2] = 0xFF
    with pytest.raises(TypeError, match="row 1: a string that is not UTF-8"):
        encoded(lists)
    with pytest.raises(TypeError, match="row 2: a string that is not UTF-8"):
        encoded(words)
    offsets[2] = 99
    with pytest.raises(TypeError, match="row 1: offsets that do not fit the data"):
        encoded(lists)
    with pytest.raises(TypeError, match="row 1: offsets that do not fit the data"):
        Word2Vec().fit([["a", "b"]] * 9).transform(lists)


def test_strings_and_integers_in_one_corpus(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"x": ["a"]}\n')
    (tmp_path / "b.jsonl").write_text('{"x": [1]}\n')
    source = Column([tmp_path / "a.jsonl", tmp_path / "b.jsonl"], "x")
    for workers in (1, 2):
        with pytest.raises(ValueError, match=r"contains (strings and integers|integers and str)"):
            encoded(source, workers=workers)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"x": ["a"]}\n{"x": ["b", null]}\n', r"t\.jsonl: column 'x', row 1: a missing value"),
        ('{"x": ["a"]}\n{"y": 1}\n', r"t\.jsonl: column 'x', row 1: a missing value"),
        ('{"x": ["a"]}\n{"x": [["b"]]}\n', r"t\.jsonl: not a valid JSON Lines file \(JSON parse"),
        ('{"x": [["a"]]}\n', r"t\.jsonl: column 'x' contains lists of lists"),
        ("a b\n", r"t\.jsonl: not a valid JSON Lines file"),
        ("", r"t\.jsonl: the file is empty"),
    ],
)
def test_files_that_do_not_contain_words(tmp_path, content, message):
    path = tmp_path / "t.jsonl"
    path.write_text(content)
    with pytest.raises(ValueError, match=message):
        encoded(Column(path, "x"))


def test_rows_are_counted_from_the_beginning_of_the_file(files, tmp_path):
    path = files(".jsonl")
    with path.open("a") as file:
        file.write('{"x": [null]}\n')
    with pytest.raises(ValueError, match=r"data\.jsonl: column 'x', row 15: a missing value"):
        encoded(Column(path, "x"))
    from pyarrow import parquet

    table = pa.table({"x": [*LISTS, None]})
    parquet.write_table(table, tmp_path / "null.parquet", row_group_size=4)
    with pytest.raises(ValueError, match=r"null\.parquet: column 'x', row 15: a missing value"):
        encoded(Column(tmp_path / "null.parquet", "x"))


def test_other_files_and_streams(tmp_path):
    (tmp_path / "t.parquet").write_bytes(b"PAR1 but not more")
    with pytest.raises(ValueError, match=r"t\.parquet: not a valid Parquet .*write it again$"):
        encoded(Column(tmp_path / "t.parquet", "x"))
    (tmp_path / "t.txt").write_text("a b\n")
    with pytest.raises(ValueError, match=r"t\.txt: a column can be read from files whose names en"):
        encoded(Column(tmp_path / "t.txt", "x"))
    with pytest.raises(TypeError, match="the source is a BytesIO: give a table, or the paths"):
        encoded(Column(io.BytesIO(b"{}"), "x"))
