"""`w2vext word2phrase`: word2phrase's flags, defaults and output.

Refuses what the original is wrong in: unknown flags, files that are not there, words that are cut,
a last word lost; `-exact 1` cuts and loses as it does.
"""

from __future__ import annotations

from w2vext.cli.original.flags import Flag, parse, required
from w2vext.cli.output import check_output

PROGRAM = "w2vext word2phrase"
FLAGS = [
    Flag("-train", str, None, "text: plain, words between blanks"),
    Flag("-output", str, None, "where the text goes, its phrases joined by _"),
    Flag("-min-count", int, 5, "rarer words and pairs make no phrase", 0),
    Flag("-threshold", float, 100.0, "a pair's least score; higher means fewer phrases"),
    Flag("-debug", int, 2, "0: say little"),
    Flag("-exact", int, 0, "1: words cut at 58 bytes, an unended last word lost"),
]
ABOUT = "Join the pairs of words that stand together more often than by chance."


def main(argv: list[str]) -> None:
    example = "-train text.txt -output phrases.txt -threshold 100"
    options = parse(PROGRAM, argv, FLAGS, ABOUT, example)
    if options is None:
        return
    required(PROGRAM, options, "train", "output")
    check_output(options.output, [options.train])
    from w2vext import exact

    def counted(size: int, words: int) -> None:
        if options.debug > 0:
            print(f"\nVocab size (unigrams + bigrams): {size}\nWords in train file: {words}")

    print(f"Starting training using file {options.train}", flush=True)
    exact.phrases(
        options.train,
        options.output,
        threshold=options.threshold,
        min_count=options.min_count,
        faithful=bool(options.exact),
        counted=counted,
    )
