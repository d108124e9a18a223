"""hf:// URLs with the real huggingface_hub, and a hub on this machine (helpers/hub.py).

The scripts run in new processes, because huggingface_hub reads the address of the hub on import.
"""

import json

import pytest
from helpers import hub, runs

from w2vext import KeyedVectors, Word2Vec

pytestmark = pytest.mark.slow

MODEL = """
import json, sys
from w2vext import KeyedVectors, Word2Vec

texts = ["The cat sat on the mat.", "A dog ran."] * 20
options = {"tokenizer": "words", "lowercase": True, "min_count": 1, "vector_size": 8}
model = Word2Vec(**options, random_state=1, workers=1).fit(texts)
"""


@pytest.fixture
def server():
    pytest.importorskip("huggingface_hub")
    with hub.running() as made:
        made.repositories = {
            name: hub.Repository() for name in ("user/model", "user/other", "datasets/user/texts")
        }
        yield made


def script(server, tmp_path, text, *arguments):
    return runs.process(
        MODEL + text,
        *arguments,
        HF_ENDPOINT=server.endpoint,
        HF_TOKEN=server.token,
        HF_HOME=str(tmp_path / "home"),
        HF_HUB_DISABLE_XET="1",  # would upload to another server
        HF_HUB_DISABLE_TELEMETRY="1",
        HF_HUB_OFFLINE="0",
    )


def test_folders_files_and_models(server, tmp_path):
    """The repositories receive the bytes that are written to the disk, in one commit each."""
    model = server.repositories["user/model"]
    model.files[".gitattributes"] = b"*.safetensors filter=lfs"
    save = """
model.wv.save("hf://user/model", format="sentence-transformers")
model.wv.save("hf://user/other/vectors/v.txt.gz")
model.save("hf://user/other/model.safetensors")
assert (KeyedVectors.load("hf://user/model").vectors == model.vectors_).all()
assert (KeyedVectors.load("hf://user/other/vectors/v.txt.gz").vectors == model.vectors_).all()
again = Word2Vec.load("hf://user/other/model.safetensors")
assert again.get_params() == model.get_params() and (again.vectors_ == model.vectors_).all()
model.wv.save(sys.argv[1], format="sentence-transformers")
model.save(sys.argv[1] + ".safetensors")
"""
    script(server, tmp_path, save, str(tmp_path / "local"))
    local = {path.name: path.read_bytes() for path in (tmp_path / "local").iterdir()}
    assert model.commits == [sorted(local)]
    assert model.files == {**local, ".gitattributes": b"*.safetensors filter=lfs"}
    other = server.repositories["user/other"]
    assert other.commits == [["vectors/v.txt.gz"], ["model.safetensors"]]
    assert other.files["model.safetensors"] == (tmp_path / "local.safetensors").read_bytes()


def test_the_next_format_replaces_the_files_of_the_last(server, tmp_path):
    script(
        server,
        tmp_path,
        """
model.wv.save("hf://user/model", format="sentence-transformers")
model.wv.save("hf://user/model", format="model2vec", dtype="int8")
loaded = KeyedVectors.load("hf://user/model")
assert abs(loaded.vectors - model.vectors_).max() < 0.01
""",
    )
    model = server.repositories["user/model"]
    assert "modules.json" in model.commits[1] and "modules.json" not in model.files
    assert b"int8" in model.files["config.json"]


def test_commands_and_corpora(server, tmp_path):
    """Texts and tables of a data set are a corpus, and a model can be converted."""
    texts = server.repositories["datasets/user/texts"]
    lines = "the cat sat\nthe dog ran\n" * 30
    texts.files = {"a/1.txt": lines.encode(), "a/2.txt": b"a dog sat\n" * 30}
    out = script(
        server,
        tmp_path,
        """
from pathlib import Path
from w2vext import Column, cli

model.wv.save("hf://user/model", format="model2vec")
folder = Path(sys.argv[1])
options = ["--min-count", "1", "--workers", "1", "--random-state", "1", "--vector-size", "4"]
train = ["train", "hf://datasets/user/texts/a/*.txt", "-o", str(folder / "v.bin"), *options]
assert cli.main(train) == 0
assert cli.main(["convert", "hf://user/model", str(folder / "model.txt")]) == 0
assert cli.main(["convert", str(folder / "v.bin"), "hf://user/other/v.safetensors"]) == 0
assert cli.main(["similar", "hf://user/other/v.safetensors", "cat", "-n", "1"]) == 0
print(json.dumps([model.wv.index_to_key, model.vectors_.tolist()]))
""",
        str(tmp_path),
    )
    words, vectors = json.loads(out.splitlines()[-1])
    converted = KeyedVectors.load(tmp_path / "model.txt")
    assert [converted.index_to_key, converted.vectors.tolist()] == [words, vectors]
    (tmp_path / "all.txt").write_text(lines + "a dog sat\n" * 30, encoding="utf-8")
    local = Word2Vec(min_count=1, workers=1, random_state=1, vector_size=4)
    local.fit(tmp_path / "all.txt")
    trained = KeyedVectors.load(tmp_path / "v.bin")
    assert trained.index_to_key == list(local.vocabulary_)
    assert (trained.vectors == local.vectors_).all()
    assert server.repositories["user/other"].commits == [["v.safetensors"]]


def test_errors_are_one_line(server, tmp_path):
    server.refuses = True
    out = script(
        server,
        tmp_path,
        """
for call in (
    lambda: model.wv.save("hf://user/model", format="model2vec"),
    lambda: model.wv.save("hf://nobody/model", format="model2vec"),
    lambda: KeyedVectors.load("hf://nobody/model/v.txt"),
    lambda: KeyedVectors.load("hf://user/model/v.txt"),
    lambda: KeyedVectors.load("hf://user/model"),
):
    try:
        call()
    except Exception as error:
        print(json.dumps([type(error).__name__, str(error)]))
""",
    )
    found = [json.loads(line) for line in out.splitlines()]
    expected = [
        ("OSError", "hf://user/model: cannot write it ("),
        ("FileNotFoundError", "hf://nobody/model: this repository does not exist"),
        ("FileNotFoundError", "no file or folder hf://nobody/model/v.txt"),
        ("FileNotFoundError", "no file or folder hf://user/model/v.txt"),
        ("FileNotFoundError", "the folder hf://user/model"),
    ]
    for (kind, message), (wanted, start) in zip(found, expected, strict=True):
        assert (kind, message[: len(start)]) == (wanted, start) and "\n" not in message
    assert server.repositories["user/model"].files == {}
    server.token = "another"
    ran = runs.finished(
        MODEL + 'model.wv.save("hf://user/model/v.txt")',
        HF_ENDPOINT=server.endpoint,
        HF_TOKEN="wrong",
        HF_HOME=str(tmp_path / "home"),
    )
    assert "hf://user/model/v.txt: " in ran.stderr.splitlines()[-1], ran.stderr
