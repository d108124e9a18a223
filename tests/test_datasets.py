"""Reading the treebank, and downloads from a local server."""

import hashlib
import http.server
import io
import threading
import zipfile

import numpy as np
import pytest
from helpers.treebanks import write_treebank

from w2vext import datasets
from w2vext.datasets import load_sst


@pytest.fixture
def small(tmp_path):
    write_treebank(tmp_path / "sst")
    return tmp_path / "sst"


# --- load_sst -------------------------------------------------------------------------------------


def test_real_treebank(data):
    bank = load_sst(data / "sst")
    assert len(bank.sentences) == 11855
    assert dict(zip(*np.unique(bank.split, return_counts=True), strict=True)) == {
        "train": 8544,
        "dev": 1101,
        "test": 2210,
    }
    assert np.bincount(bank.labels[bank.split == "train"]).tolist() == [
        1092,
        2218,
        1624,
        2322,
        1288,
    ]
    assert bank.sentences[0][:4] == ["the", "rock", "is", "destined"] and bank.labels[0] == 3
    assert load_sst(data / "sst", lower=False).sentences[0][0] == "The"


@pytest.mark.parametrize("labels_from", ["trees", "dictionary"])
def test_labels_from_trees_and_from_the_dictionary(tmp_path, labels_from):
    labels = write_treebank(tmp_path, labels_from=labels_from)
    bank = load_sst(tmp_path)
    assert bank.labels.tolist() == labels
    assert bank.split[:5].tolist() == ["train", "train", "train", "test", "dev"]
    assert any("clichã©s" in sentence for sentence in bank.sentences)


def test_scores_at_a_threshold_get_the_lower_label(tmp_path):
    write_treebank(tmp_path, n=5, labels_from="dictionary")
    path = tmp_path / "sentiment_labels.txt"
    head, *_ = path.read_text().splitlines()
    path.write_text(head + "\n4|0.2\n3|0.4\n2|0.6\n1|0.8\n0|1.0\n")
    assert load_sst(tmp_path).labels.tolist() == [0, 1, 2, 3, 4]


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("datasetSentences.txt", "\n3\t", "\n", r"datasetSentences.txt:4: expected 3"),
        ("datasetSentences.txt", "\n3\t", "\n4\t", r"datasetSentences.txt:4: expected 3"),
        ("datasetSplit.txt", "\n2,1", "\n2,7", r"datasetSplit.txt:3: split '7'"),
        ("datasetSplit.txt", "\n60,3\n", "\n", r"datasetSplit.txt has 59 rows, .* has 60"),
        ("trees/dev.txt", "(2 w4)", "(2 w5)", r"dev.txt:1: .* is not a tree of sentence 5"),
        ("trees/test.txt", "(", "[", r"test.txt:1: .* is not a tree of sentence 4"),
    ],
)
def test_error_names_the_damaged_line(small, name, old, new, message):
    edit(small / name, old, new)
    with pytest.raises(ValueError, match=message):
        load_sst(small)


def test_missing_tree_and_invalid_utf8(small):
    path = small / "trees" / "dev.txt"
    path.write_text("".join(path.read_text("utf-8").splitlines(True)[:-1]), "utf-8")
    with pytest.raises(ValueError, match=r"dev.txt has 11 trees, datasetSplit.txt lists 12"):
        load_sst(small)
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"dev.txt is missing"):
        load_sst(small)
    (small / "datasetSentences.txt").write_bytes(b"head\n1\t\xff\xfe\n")
    with pytest.raises(ValueError, match=r"datasetSentences.txt is not UTF-8"):
        load_sst(small)


def test_folder_without_labels(small):
    (small / "trees").rename(small / "away")
    with pytest.raises(FileNotFoundError, match=r"neither trees/ .* nor dictionary.txt"):
        load_sst(small)


def test_dictionary_without_a_sentence(tmp_path):
    write_treebank(tmp_path, labels_from="dictionary")
    path = tmp_path / "dictionary.txt"
    lines = path.read_text("utf-8").splitlines(True)
    path.write_text("".join(lines[1:]), "utf-8")
    with pytest.raises(ValueError, match="lacks 1 of 60 sentences"):
        load_sst(tmp_path)
    path.write_text("phrase|99999\n", "utf-8")
    with pytest.raises(ValueError, match=r"dictionary.txt:1: expected phrase\|id"):
        load_sst(tmp_path)
    (tmp_path / "sentiment_labels.txt").write_text("phrase ids|sentiment values\n0|good\n")
    with pytest.raises(ValueError, match=r"sentiment_labels.txt:2: expected id\|score"):
        load_sst(tmp_path)


# --- downloads ------------------------------------------------------------------------------------


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `files`; those in `cut` end after half of their bytes."""

    files, cut, requests = {}, set(), []

    def do_GET(self):
        self.requests.append(self.path)
        body = self.files.get(self.path)
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if self.path in self.cut else body)

    def log_message(self, *args):
        pass


def archive(**members):
    """The bytes of a zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return out.getvalue()


@pytest.fixture
def server(monkeypatch, tmp_path):
    """All sources on a local server; `server.requests` lists the requests."""
    pytest.importorskip("pooch", reason="downloads need the extra [datasets]")
    write_treebank(tmp_path / "bank", labels_from="dictionary")
    inner = {
        f"stanfordSentimentTreebank/{p.name}": p.read_text("utf-8")
        for p in (tmp_path / "bank").iterdir()
    }
    bodies = {
        "sst": archive(**inner, **{"stanfordSentimentTreebank/STree.txt": "1|2"}),
        "text8": archive(text8=" anarchism originated as a term" * 100),
        "questions-words": b": capital\nAthens Greece Oslo Norway\n",
        "wordsim353": b"love\tsex\t6.77\n",
    }
    handler = type("H", (Handler,), {"files": {}, "cut": set(), "requests": []})
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    for which, body in bodies.items():
        handler.files[f"/{which}"] = body
        source = datasets.SOURCES[which]._replace(
            url=f"http://127.0.0.1:{running.server_port}/{which}",
            checksum="sha256:" + hashlib.sha256(body).hexdigest(),
        )
        monkeypatch.setitem(datasets.SOURCES, which, source)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield handler
    running.shutdown()
    running.server_close()


def test_fetch_sst_returns_a_folder_for_load_sst(server, tmp_path):
    folder = datasets.fetch_sst(tmp_path / "cache")
    assert len(load_sst(folder).sentences) == 60
    assert not (folder / "STree.txt").exists()


def test_file_is_downloaded_once(server, tmp_path):
    for _ in range(2):
        path = datasets.fetch_text8(tmp_path)
        assert path.read_bytes().startswith(b" anarchism")
    assert server.requests == ["/text8"]


@pytest.mark.parametrize(
    ("fetch", "start"),
    [
        (datasets.fetch_questions_words, b": capital"),
        (datasets.fetch_wordsim353, b"love\tsex"),
    ],
)
def test_fetch_files(server, tmp_path, fetch, start):
    assert fetch(tmp_path).read_bytes().startswith(start)


def files_in(folder):
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def test_interrupted_download_keeps_nothing(server, tmp_path):
    server.cut.add("/wordsim353")
    with pytest.raises((ValueError, ConnectionError), match=r"put .*EN-WS-353-ALL\.txt"):
        datasets.fetch_wordsim353(tmp_path / "cache")
    assert files_in(tmp_path / "cache") == []
    server.cut.clear()
    assert datasets.fetch_wordsim353(tmp_path / "cache").is_file()


def test_changed_file_raises(server, tmp_path):
    server.files["/questions-words"] = b"something else"
    with pytest.raises(ValueError, match="it is not kept"):
        datasets.fetch_questions_words(tmp_path / "cache")
    assert files_in(tmp_path / "cache") == []


def test_damaged_file_in_the_cache_is_downloaded_again(server, tmp_path):
    (tmp_path / "questions-words.txt").write_text("half")
    assert datasets.fetch_questions_words(tmp_path).read_bytes().startswith(b": capital")


def test_missing_file_and_missing_server(server, tmp_path, monkeypatch):
    del server.files["/text8"]
    with pytest.raises(ConnectionError, match=r"put it at .*text8\.zip"):
        datasets.fetch_text8(tmp_path)
    source = datasets.SOURCES["text8"]._replace(url="http://127.0.0.1:9/text8")
    monkeypatch.setitem(datasets.SOURCES, "text8", source)
    with pytest.raises(ConnectionError, match=r"cannot be downloaded .* put it at"):
        datasets.fetch_text8(tmp_path)


def test_local_copy_is_used(server, tmp_path):
    (tmp_path / "text8.zip").write_bytes(server.files["/text8"])
    assert datasets.fetch_text8(tmp_path).name == "text8"
    assert server.requests == []


def test_without_pooch_the_error_names_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "pooch", None)
    with pytest.raises(ImportError, match=r"w2vext\[datasets\]"):
        datasets.fetch_text8(tmp_path)


def test_sources_have_checksums():
    for source in datasets.SOURCES.values():
        assert source.url.startswith("https://")
        kind, digest = source.checksum.split(":")
        assert kind == "sha256" and len(digest) == 64


@pytest.mark.parametrize(
    ("name", "file"), [("questions-words", "questions-words.txt"), ("wordsim353", "wordsim353.txt")]
)
def test_checksums_are_those_of_the_real_files(name, file, data):
    found = hashlib.sha256((data / "eval" / file).read_bytes()).hexdigest()
    assert datasets.SOURCES[name].checksum == f"sha256:{found}"
