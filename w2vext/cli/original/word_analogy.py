"""`w2vext word-analogy`: complete "a is to b as c is to", for the words that stdin gives."""

from __future__ import annotations

from w2vext.cli.original import prompts

PROGRAM = "w2vext word-analogy"
HELP = f"""usage: {PROGRAM} {prompts.USAGE}

Asks for three words a b c and shows the words nearest to b - a + c, until EXIT or the end of the
input. {prompts.FILE_HELP}
As in the original, the first word of FILE (</s>, if word2vec wrote it) counts as unknown.

example: echo france paris germany | {PROGRAM} vectors.bin"""


def main(argv: list[str]) -> None:
    given = prompts.arguments(PROGRAM, argv)
    if given is None:
        return print(HELP)
    vectors = prompts.Vectors(given.vectors, **given.how)
    for words in prompts.answers("Enter three words (EXIT to break): "):
        if len(words) < 3:
            prompts.write(
                f"Only {len(words)} words were entered.. three words are needed at the input to "
                "perform the calculation\n"
            )
            continue
        rows = []
        for word in words:
            row = vectors.rows.get(word, 0)
            prompts.write(b"\nWord: %s  Position in vocabulary: %d\n" % (word, row))
            if not row:
                prompts.write("Out of dictionary word!\n")
                break
            rows.append(row)
        else:
            a, b, c = vectors.unit[rows[:3]]
            target = b - a + c
            target /= prompts.length(target)
            found = vectors.best(target, prompts.SHOWN, 0.0, rows)
            prompts.show(vectors, found, "              Distance", 0.0)
