"""`w2vext distance`: the words nearest to the words that stdin gives."""

from __future__ import annotations

from w2vext.cli.original import prompts

PROGRAM = "w2vext distance"
HELP = f"""usage: {PROGRAM} {prompts.USAGE}

Asks for words and shows the {prompts.SHOWN} nearest ones, until EXIT or the end of the input.
{prompts.FILE_HELP}

example: echo paris | {PROGRAM} vectors.bin"""


def main(argv: list[str]) -> None:
    given = prompts.arguments(PROGRAM, argv)
    if given is None:
        return print(HELP)
    import numpy as np

    vectors = prompts.Vectors(given.vectors, **given.how)
    for words in prompts.answers("Enter word or sentence (EXIT to break): "):
        rows = []
        for word in words:
            row = vectors.rows.get(word, -1)
            prompts.write(b"\nWord: %s  Position in vocabulary: %d\n" % (word, row))
            if row < 0:
                prompts.write("Out of dictionary word!\n")
                break
            rows.append(row)
        else:
            target = np.add.accumulate(vectors.unit[rows])[-1]
            target /= prompts.length(target)
            found = vectors.best(target, prompts.SHOWN, -1.0, rows)
            prompts.show(vectors, found, "       Cosine distance", -1.0)
