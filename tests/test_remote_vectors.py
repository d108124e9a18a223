"""Vectors at URLs: files, folders and models in fsspec's memory, and on a stand-in for a hub."""

import inspect
import sys
import types
from typing import ClassVar

import numpy as np
import pytest

from w2vext import KeyedVectors, Word2Vec, _files, cli, convert, formats, load_fasttext

fsspec = pytest.importorskip("fsspec")
memory = pytest.importorskip("fsspec.implementations.memory")

FILES = [".txt", ".txt.gz", ".bin", ".vec", ".glove.txt", ".npz", ".safetensors", ".parquet"]


class Hub(memory.MemoryFileSystem):
    """hf:// without huggingface_hub: a file system that has no transactions."""

    protocol = "hf"
    store: ClassVar = {}
    pseudo_dirs: ClassVar = [""]

    @classmethod
    def _strip_protocol(cls, path):
        path = path.removeprefix("hf://").strip("/")
        return f"/{path}" if path else ""

    @property
    def transaction(self):
        raise NotImplementedError


class Repository(Hub):
    """The same with the places of repositories, as huggingface_hub's class has them."""

    endpoint, token = "https://hub.example", "secret"

    def resolve_path(self, path):
        parts = self._strip_protocol(path).strip("/").split("/")
        if parts[0] == "nobody":
            raise FileNotFoundError(path)
        if parts[0] == "buckets":
            return types.SimpleNamespace(bucket_id="/".join(parts[1:3]))
        return types.SimpleNamespace(
            repo_id="/".join(parts[:2]), repo_type="model", revision="main",
            path_in_repo="/".join(parts[2:]),
        )  # fmt: skip


@pytest.fixture
def wv():
    words = ["tea", "日本", "rain", "sun"]
    return KeyedVectors(words, np.random.default_rng(2).normal(size=(4, 3)), [9, 7, 5, 3])


@pytest.fixture
def store():
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    yield system
    system.store.clear()


@pytest.fixture
def hub(request):
    """A function that registers one of the classes above for hf://, and returns its system."""
    from fsspec.registry import _registry

    known = dict(_registry)

    def register(cls):
        cls.store, cls.pseudo_dirs = {}, [""]
        fsspec.register_implementation("hf", cls, clobber=True)
        cls.clear_instance_cache()
        return fsspec.filesystem("hf")

    yield register
    _registry.clear()
    _registry.update(known)


@pytest.fixture
def commits(monkeypatch):
    """A module huggingface_hub whose commits change the stand-in's store; the list of commits."""
    made = []

    class Api:
        def __init__(self, endpoint, token):
            assert (endpoint, token) == ("https://hub.example", "secret")

        def create_commit(self, repo_id, operations, commit_message, repo_type, revision):
            assert commit_message and (repo_type, revision) == ("model", "main")
            made.append((repo_id, sorted(each.path_in_repo for each in operations)))
            system = fsspec.filesystem("hf")
            for each in operations:
                path = f"{repo_id}/{each.path_in_repo}"
                if hasattr(each, "path_or_fileobj"):
                    with open(each.path_or_fileobj, "rb") as file:
                        system.pipe(f"/{path}", file.read())
                else:
                    system.rm_file(f"/{path}")

    class Operation(types.SimpleNamespace):
        pass

    module = types.ModuleType("huggingface_hub")
    module.HfApi = Api
    module.CommitOperationAdd = module.CommitOperationDelete = Operation
    monkeypatch.setitem(sys.modules, "huggingface_hub", module)
    return made


def names(system):
    return sorted(name.strip("/") for name in system.find("/"))


def check_equal(found, wv):
    assert found.index_to_key == wv.index_to_key
    np.testing.assert_array_equal(found.vectors, wv.vectors)


@pytest.mark.parametrize("suffix", FILES)
def test_files(suffix, wv, store, tmp_path):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    url = f"memory://models/v{suffix}"
    wv.save(tmp_path / f"v{suffix}")
    wv.save(url)
    local = (tmp_path / f"v{suffix}").read_bytes()
    if suffix != ".npz":  # npz stores the time
        assert store.cat("/models/v" + suffix) == local
    assert formats.detect(url) == formats.detect(tmp_path / f"v{suffix}")
    check_equal(KeyedVectors.load(url), wv)
    limit = {} if suffix == ".glove.txt" else {"limit": 2}
    chosen = KeyedVectors.load(url, words=["rain", "tea"], **limit)
    assert set(chosen.index_to_key) <= {"tea", "rain"}
    assert names(store) == [f"models/v{suffix}"]


def test_a_file_is_read_in_parts(wv, store):
    many = KeyedVectors([f"w{i}" for i in range(200_000)], np.full((200_000, 5), 1 / 3))
    many.save("memory://v.txt")
    size = store.info("/v.txt")["size"]
    read = []
    original = memory.MemoryFile.read

    def counted(self, size=-1):
        data = original(self, size)
        read.append(len(data))
        return data

    memory.MemoryFile.read = counted
    try:
        assert len(KeyedVectors.load("memory://v.txt", limit=3)) == 3
    finally:
        memory.MemoryFile.read = original
    assert 0 < sum(read) < size


@pytest.mark.parametrize("format", ["model2vec", "sentence-transformers", "spacy"])
@pytest.mark.parametrize("scheme", ["memory", "hf"])
def test_folders(format, scheme, wv, store, hub, tmp_path):
    if format == "spacy":
        pytest.importorskip("spacy")
    system = hub(Hub) if scheme == "hf" else store
    url = f"{scheme}://user/model"
    wv.save(url, format=format)
    wv.save(tmp_path / "m", format=format)
    made = sorted(
        path.relative_to(tmp_path / "m").as_posix()
        for path in (tmp_path / "m").rglob("*")
        if path.is_file()
    )
    assert names(system) == [f"user/model/{name}" for name in made]
    found = KeyedVectors.load(url)
    check_equal(found, wv)
    smaller = KeyedVectors(["a"], [[1.0, 2.0]])
    smaller.save(url, format=format)
    check_equal(KeyedVectors.load(url), smaller)
    assert formats.detect(url) in (format, "model2vec")
    done = convert(url, "memory://user/v.txt")
    assert done["words"] == 1 and store.cat("/user/v.txt") == b"1 2\na 1 2\n"


def test_a_folder_of_sentence_transformers_with_a_folder_of_the_module(wv, store):
    wv.save("memory://m", format="sentence-transformers")
    for name in ("model.safetensors", "tokenizer.json"):
        store.mv(f"/m/{name}", f"/m/0_StaticEmbedding/{name}")
    store.pipe(
        "/m/modules.json", store.cat("/m/modules.json").replace(b'"."', b'"0_StaticEmbedding"')
    )
    check_equal(KeyedVectors.load("memory://m"), wv)


def test_files_of_the_format_that_are_not_written_again_are_removed(wv, store):
    wv.save("memory://m", format="model2vec")
    store.pipe("/m/.gitattributes", b"x")
    wv.save("memory://m", format="model2vec", dtype="int8")  # has no modules.json
    assert "m/modules.json" not in names(store) and "m/.gitattributes" in names(store)
    assert len(KeyedVectors.load("memory://m")) == 4


def test_other_files_are_not_replaced(wv, store):
    wv.save("memory://m", format="model2vec")
    before = dict.fromkeys(names(store))
    store.pipe("/m/thesis.tex", b"mine")
    with pytest.raises(FileExistsError, match=r"memory://m: .* it contains 'thesis\.tex'"):
        KeyedVectors(["a"], [[1.0]]).save("memory://m", format="model2vec")
    store.rm("/m/thesis.tex")
    store.pipe("/m/deep/x", b"mine")
    with pytest.raises(FileExistsError, match="it holds the folder 'deep'"):
        KeyedVectors(["a"], [[1.0]]).save("memory://m", format="model2vec")
    store.rm("/m/deep", recursive=True)
    store.pipe("/m/config.json", b"{}")
    with pytest.raises(FileExistsError, match=r"config\.json does not say"):
        KeyedVectors(["a"], [[1.0]]).save("memory://m", format="model2vec")
    assert names(store) == list(before)
    store.pipe("/f", b"a file")
    with pytest.raises(NotADirectoryError, match=r"memory://f: .*a file has this name"):
        wv.save("memory://f", format="model2vec")


def test_commands_read_urls(wv, store, tmp_path, capsys):
    wv.save("memory://user/v.txt")
    word, tests = wv.index_to_key[0], tmp_path / "pairs.tsv"
    assert cli.main(["similar", "memory://user/v.txt", word, "-n", "1"]) == 0
    assert wv.most_similar(word, topn=1)[0][0] in capsys.readouterr().out
    a, b, c = wv.index_to_key[:3]
    tests.write_text(f"{a}\t{b}\t1\n{a}\t{c}\t2\n{b}\t{c}\t3\n", encoding="utf-8")
    assert cli.main(["evaluate", "memory://user/v.txt", str(tests)]) == 0
    assert capsys.readouterr().out.startswith("memory://user/v.txt: ")
    assert cli.main(["similar", "memory://user/none.txt", word]) == 1
    assert "no file or folder memory://user/none.txt" in capsys.readouterr().err


def test_nothing_is_uploaded_if_writing_fails(wv, store, monkeypatch):
    wv.save("memory://m", format="model2vec")
    wv.save("memory://v.txt")
    before = {name: store.cat("/" + name) for name in names(store)}
    bad = KeyedVectors(["a b"], [[1.0]])
    with pytest.raises(ValueError, match="contains white space"):
        bad.save("memory://v.txt")
    with pytest.raises(ValueError, match="contains white space"):
        bad.save("memory://m", format="model2vec")
    with pytest.raises(RuntimeError, match="stop"), _files.writing("memory://v.txt") as file:
        file.write(b"half of it")
        raise RuntimeError("stop")

    # The third file fails: the transaction discards the two before it.
    original, sent = store.open, []

    def fails(path, mode="rb", **options):
        sent.append(path)
        if mode == "wb" and len(sent) == 3:
            raise PermissionError("no space left in the bucket")
        return original(path, mode, **options)

    monkeypatch.setattr(store, "open", fails)
    with pytest.raises(PermissionError, match=r"memory://m: cannot write it \(no space left"):
        KeyedVectors(["a"], [[1.0]]).save("memory://m", format="model2vec")
    monkeypatch.undo()
    assert {name: store.cat("/" + name) for name in names(store)} == before


def test_a_repository_gets_one_commit(wv, hub, commits):
    system = hub(Repository)
    system.pipe("/user/model/.gitattributes", b"x")
    wv.save("hf://user/model", format="sentence-transformers")
    wv.save("hf://user/model", format="model2vec", dtype="int8")
    wv.save("hf://user/other/vectors/v.txt")
    written = ["README.md", "config.json", "model.safetensors", "modules.json", "tokenizer.json"]
    assert commits == [
        ("user/model", written),
        ("user/model", written),  # one of the operations removes modules.json
        ("user/other", ["vectors/v.txt"]),
    ]
    assert "user/model/modules.json" not in names(system)
    assert KeyedVectors.load("hf://user/model").index_to_key == wv.index_to_key
    check_equal(KeyedVectors.load("hf://user/other/vectors/v.txt"), wv)
    missing = r"hf://nobody/model/v\.txt: this repository does not exist"
    with pytest.raises(FileNotFoundError, match=missing):
        wv.save("hf://nobody/model/v.txt")
    wv.save("hf://buckets/user/b/v.txt")  # a bucket has no commits
    assert len(commits) == 3
    check_equal(KeyedVectors.load("hf://buckets/user/b/v.txt"), wv)


def test_a_failed_commit_changes_nothing(wv, hub, commits, monkeypatch):
    system = hub(Repository)
    wv.save("hf://user/model", format="model2vec")
    before = {name: system.cat("/" + name) for name in names(system)}

    def refused(*_, **__):
        raise RuntimeError("403\nForbidden")

    monkeypatch.setattr(sys.modules["huggingface_hub"].HfApi, "create_commit", refused)
    with pytest.raises(OSError, match=r"hf://user/model: cannot write it \(403 Forbidden\)"):
        KeyedVectors(["a"], [[1.0]]).save("hf://user/model", format="model2vec")
    assert {name: system.cat("/" + name) for name in names(system)} == before


def test_the_places_of_huggingface_hubs_class():
    """What `_uploading` uses of the real class exists."""
    real = pytest.importorskip("huggingface_hub")
    system = real.HfFileSystem
    assert callable(system.resolve_path)
    place = real.hf_file_system.HfFileSystemResolvedRepositoryPath
    for name in ("repo_id", "repo_type", "revision", "path_in_repo"):
        assert name in place.__dataclass_fields__
    made = real.HfFileSystem(endpoint="https://hub.example", token="secret")
    assert (made.endpoint, made.token) == ("https://hub.example", "secret")
    parameters = inspect.signature(real.HfApi.create_commit).parameters
    assert {"repo_id", "operations", "commit_message", "repo_type", "revision"} <= set(parameters)


def test_models(store):
    model = Word2Vec(vector_size=4, min_count=1, workers=1, sample=0, random_state=1)
    model.fit([["a", "b", "c"], ["b", "c", "d"]] * 5)
    model.save("memory://models/m.safetensors")
    loaded = Word2Vec.load("memory://models/m.safetensors", mmap=True)
    np.testing.assert_array_equal(loaded.wv.vectors, model.wv.vectors)
    store.pipe("/models/cut", store.cat("/models/m.safetensors")[:-9])
    with pytest.raises(ValueError, match=r"^memory://models/cut: "):
        Word2Vec.load("memory://models/cut")
    with pytest.raises(ValueError, match=r"^memory://models/cut"):
        load_fasttext("memory://models/cut")


@pytest.mark.parametrize(
    ("url", "error", "message"),
    [
        ("memory://nowhere", FileNotFoundError, "no file or folder memory://nowhere"),
        ("memory://m", FileNotFoundError, r"memory://m: it is a folder .* give the URL of a file"),
        ("memory://m/bad", ValueError, r"memory:///m/bad, line 3: expected 2 numbers, found 1"),
        ("memory://f", ValueError, r"memory://f/tokenizer\.json: not valid JSON"),
        ("unheard://of", ValueError, "unheard://of: fsspec cannot open this kind of URL"),
    ],
)
def test_bad_places(url, error, message, wv, store, capsys):
    store.pipe("/m/bad", b"2 2\na 1 2\nb 1\n")
    wv.save("memory://f", format="model2vec")
    store.pipe("/f/tokenizer.json", b"no JSON")
    with pytest.raises(error, match=message):
        KeyedVectors.load(url)
    assert cli.main(["convert", url, "memory://out.txt"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_what_cannot_be_written(wv, store, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="this format is 2 files, which are not written to URLs"):
        wv.save("memory://v.tsv")
    with pytest.raises(ValueError, match=r"memory://v\.dat: the suffix does not tell"):
        wv.save("memory://v.dat")
    with pytest.raises(ValueError, match=r"unheard://of\.txt: fsspec cannot open"):
        wv.save("unheard://of.txt")
    assert names(store) == []
    wv.save(f"file://{tmp_path}/v.txt")
    wv.save(f"file://{tmp_path}/m", format="model2vec")
    check_equal(KeyedVectors.load(f"file://{tmp_path}/v.txt"), wv)
    check_equal(KeyedVectors.load(f"file://{tmp_path}/m"), wv)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m", "v.txt"]


def test_without_huggingface_hub(wv, monkeypatch, capsys):
    from fsspec.registry import _registry

    monkeypatch.delitem(_registry, "hf", raising=False)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    for call in (
        lambda: wv.save("hf://user/model/v.txt"),
        lambda: wv.save("hf://user/model", format="sentence-transformers"),
        lambda: KeyedVectors.load("hf://user/model"),
    ):
        with pytest.raises(ImportError, match=r"^hf://user/model.*: .*huggingface_hub") as caught:
            call()
        assert "\n" not in str(caught.value)
    assert cli.main(["convert", "hf://user/model", "v.txt"]) == 1
    assert "huggingface_hub" in capsys.readouterr().err


def test_convert_between_urls(wv, store, capsys):
    wv.save("memory://in.txt")
    assert cli.main(["convert", "memory://in.txt", "memory://out.npz"]) == 0
    check_equal(KeyedVectors.load("memory://out.npz"), wv)
    assert "memory://out.npz: 4 words, 3 dimensions" in "".join(capsys.readouterr())
