"""Files under a wrong name or of another kind: the content decides, and the remedy works."""

import gzip
import io
import tarfile
import zipfile

import numpy as np
import pytest

from w2vext import KeyedVectors, formats

WORDS = [f"w{i ^ 3}" for i in range(200)]
MATRIX = np.random.default_rng(2).normal(size=(200, 7)).astype(np.float32)


@pytest.fixture
def wv():
    return KeyedVectors(WORDS, MATRIX)


def same(found, n=200):
    return found.index_to_key == WORDS[:n] and found.vectors.tobytes() == MATRIX[:n].tobytes()


@pytest.mark.parametrize("limit", [None, 5])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("format", ["word2vec", "word2vec-binary", "glove", "fasttext"])
@pytest.mark.parametrize(
    "name", ["v", "v.bin", "v.txt", "v.glove.txt", "v.vec", "glove.6B.50d.txt"]
)
def test_the_content_decides(name, format, pack, limit, wv, tmp_path):
    wv.save(tmp_path / "x", format)
    (tmp_path / name).write_bytes(pack((tmp_path / "x").read_bytes()))
    assert same(KeyedVectors.load(tmp_path / name, limit=limit), limit or 200)
    assert same(KeyedVectors.load_word2vec_format(tmp_path / name, limit=limit), limit or 200)


@pytest.mark.parametrize("limit", [None, 5])
@pytest.mark.parametrize("d", [1, 2, 7, 300])
def test_a_wrong_format_is_named_with_the_right_one(d, limit, tmp_path):
    """Text that is read as binary would give words and numbers out of nothing."""
    draw = np.random.default_rng(d)
    wv = KeyedVectors(WORDS, draw.normal(size=(200, d)))
    for binary in (True, False):
        path = tmp_path / f"{binary}"
        wv.save_word2vec_format(path, binary=binary)
        wanted, given = formats.detect(path), "word2vec" if binary else "word2vec-binary"
        with pytest.raises(ValueError, match=f"found word2vec's .*format='{wanted}'"):
            KeyedVectors.load(path, given, limit=limit)
        with pytest.raises(ValueError, match=rf"\(or binary={binary}\) reads it"):
            KeyedVectors.load_word2vec_format(path, binary=not binary, limit=limit)
        assert len(KeyedVectors.load(path, wanted, limit=limit)) == (limit or 200)


def test_headerless_text_is_named(wv, tmp_path):
    wv.save(tmp_path / "v", "glove")
    with pytest.raises(ValueError, match="GloVe's text has no such line: format='glove' reads it"):
        KeyedVectors.load(tmp_path / "v", "word2vec")
    (tmp_path / "v").write_text("a poem\nabout nothing\n")
    with pytest.raises(ValueError) as error:
        KeyedVectors.load(tmp_path / "v", "word2vec")
    assert "glove" not in str(error.value)


@pytest.mark.parametrize("name", ["v", "v.bin", "v.txt"])
def test_odd_first_rows_do_not_mislead(name, tmp_path):
    for text, format in (
        ("4 3\n0,0 km² 1 2 3\na 1 2 3\nb 1 2 3\nc 1 2 3\n", ("word2vec", "fasttext")),
        (". . . 1 2 3\na 1 2 3\nb 1 2 3\n", ("glove",)),
        ("2 3\na 1 2\n", ("word2vec",)),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert formats.detect(tmp_path / name) in format
    # A word that is cut within a character is not binary.
    (tmp_path / name).write_bytes(b"3 2\na b\xd1 1 2\nc 1 2\nd 1 2\n")
    assert formats.detect(tmp_path / name) == "word2vec"


def archive(kind, wv, tmp_path):
    wv.save(tmp_path / "glove.6B.50d.txt", "glove")
    content = (tmp_path / "glove.6B.50d.txt").read_bytes()
    file = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("glove.6B.50d.txt", content)
    elif kind.startswith("tar"):
        with tarfile.open(fileobj=file, mode="w:gz" if kind == "tar.gz" else "w") as made:
            member = tarfile.TarInfo("glove.6B.50d.txt")
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("zip", r"a zip archive with glove\.6B\.50d\.txt, .*unpack it first"),
        ("tar", r"found a tar archive: unpack it first"),
        ("tar.gz", r"found a tar archive: unpack it first"),
    ],
)
@pytest.mark.parametrize("name", ["v", "v.txt", "v.bin", "v.glove.txt"])
def test_archives_are_named(kind, message, name, wv, tmp_path):
    (tmp_path / name).write_bytes(archive(kind, wv, tmp_path))
    with pytest.raises(ValueError, match=f"{name}: .*{message}"):
        KeyedVectors.load(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("2 1\na 1\nb 2\n".encode("utf-16"), "found text in UTF-16: encoding='utf-16' reads it"),
        ("2 1\na 1\nb 2\n".encode("utf-32"), "found text in UTF-32: encoding='utf-32' reads it"),
        ("2 1\na 1\nb 2\n".encode("utf-16-le"), "UTF-16: encoding='utf-16-le' reads it"),
        ("2 1\na 1\nb 2\n".encode("utf-16-be"), "UTF-16: encoding='utf-16-be' reads it"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "found a 7z archive: unpack it first"),
        (b"Rar!\x1a\x07\1\0", "found a RAR archive: unpack it first"),
        (b"version https://git-lfs.github.com/spec/v1\n", "found a Git LFS pointer .*git lfs pull"),
    ],
)
@pytest.mark.parametrize("format", [None, "word2vec", "glove", "word2vec-binary"])
def test_other_files_are_named_with_a_remedy(content, message, format, tmp_path):
    (tmp_path / "v.txt").write_bytes(content)
    with pytest.raises(ValueError, match=f"v.txt: .*{message}"):
        KeyedVectors.load(tmp_path / "v.txt", format)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_the_encoding_in_the_message_works(encoding, tmp_path):
    (tmp_path / "v.txt").write_bytes("2 1\nä 1\nb 2\n".encode(encoding))
    with pytest.raises(ValueError) as error:
        KeyedVectors.load(tmp_path / "v.txt")
    named = str(error.value).partition("encoding='")[2].partition("'")[0]
    assert KeyedVectors.load(tmp_path / "v.txt", encoding=named).index_to_key == ["ä", "b"]
