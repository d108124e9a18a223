"""Cut texts to a number of words: in one line, in lines of 1,000, or from another starting point.

Each file is written once into a work folder and found there by its name. Cutting happens in a
process of its own, because a child's peak memory includes that of its parent.
"""

import subprocess
import sys
from pathlib import Path


def cut(text, folder, words, turn=0, turns=1):
    """Paths of files with `words` words of a text, in one line and in lines of 1,000.

    They start after turn/turns of all words, and continue at the beginning of the text.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{Path(text).stem}-{words or 'all'}" + (f"-turn{turn}of{turns}" if turn else "")
    one, lines = folder / f"{name}.txt", folder / f"{name}.lines.txt"
    if not (one.exists() and lines.exists()):
        arguments = [str(part) for part in (text, one, lines, words or 0, turn, turns)]
        subprocess.run([sys.executable, __file__, *arguments], check=True)
    return str(one), str(lines)


def write(text, one, lines, words, turn, turns):
    with open(text, encoding="utf-8") as file:
        kept = file.read().split()[: words or None]
    start = turn * len(kept) // turns
    kept = kept[start:] + kept[:start]
    with open(lines, "w", encoding="utf-8") as file:
        for at in range(0, len(kept), 1000):
            file.write(" ".join(kept[at : at + 1000]) + "\n")
    with open(one, "w", encoding="utf-8") as file:
        file.write(" ".join(kept))


if __name__ == "__main__":
    write(*sys.argv[1:4], *map(int, sys.argv[4:]))
