"""Makes the tables of this folder and expected.json with PyPI's floret 0.10.5.

    pip install floret==0.10.5
    python tests/floret_files/make.py

The text is random. The files differ from run to run, since the threads of floret race.
"""

import json
import random
import tempfile
from pathlib import Path

import floret

HERE = Path(__file__).resolve().parent
SYLLABLES = ["ka", "mo", "ri", "žu", "té", "по", "ля", "日", "本", "🙂", "ß", "n", "a"]
TABLES = {
    "two_hashes": {"hashCount": 2},
    "one_hash": {"hashCount": 1, "minn": 3, "maxn": 5},
    "one_character": {"hashCount": 4, "minn": 1, "maxn": 3},
    "words_only": {"hashCount": 2, "minn": 0, "maxn": 0},
}
BASE = {"mode": "floret", "dim": 6, "bucket": 70, "minn": 2, "maxn": 4, "minCount": 1}


def main():
    rng = random.Random(5)
    words = ["".join(rng.choices(SYLLABLES, k=rng.randint(1, 4))) for _ in range(60)]
    lines = [" ".join(rng.choices(words, k=rng.randint(3, 12))) for _ in range(400)]
    unknown = ["".join(rng.choices(SYLLABLES, k=rng.randint(1, 5))) for _ in range(20)]
    expected = {}
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder, "text.txt")
        text.write_text("\n".join(lines) + "\n", encoding="utf-8")
        for name, options in TABLES.items():
            options = {**BASE, **options}
            model = floret.train_unsupervised(str(text), epoch=3, thread=12, verbose=0, **options)
            model.save_floret_vectors(str(HERE / f"{name}.floret"))
            # The first word of a model keeps a row of its own, which the table does not have.
            asked = [w for w in [*model.words[1:20], *unknown] if w != "</s>"]
            rows = [[round(float(x), 7) for x in model.get_word_vector(word)] for word in asked]
            expected[name] = {"words": asked, "vectors": rows}
    text = json.dumps(expected, ensure_ascii=False, indent=0)
    (HERE / "expected.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
