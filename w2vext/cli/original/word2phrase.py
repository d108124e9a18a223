"""`w2vext word2phrase`: join phrases in a text, with word2phrase's flags, defaults and output.

Words of any length and a last word without a newline are kept; `-exact 1` cuts and loses them as
the original does.
"""

from __future__ import annotations

from w2vext.cli.options import input_path, output_path
from w2vext.cli.original.flags import Flag, parse, required
from w2vext.cli.output import check_output, log_of

PROGRAM = "w2vext word2phrase"
FLAGS = [
    Flag("-train", str, None, "plain text, words separated by blanks; - is stdin"),
    Flag("-output", str, None, "the text with its phrases joined by _; - is stdout"),
    Flag("-min-count", int, 5, "rarer words and pairs are not joined", 0),
    Flag("-threshold", float, 100.0, "lowest score of a phrase; higher means fewer phrases"),
    Flag("-debug", int, 2, "0: print less"),
    Flag("-exact", int, 0, "1: words cut at 58 bytes, a last word without newline lost"),
]
ABOUT = "Join pairs of words that occur next to each other more often than by chance."


def main(argv: list[str]) -> None:
    example = "-train text.txt -output phrases.txt -threshold 100"
    options = parse(PROGRAM, argv, FLAGS, ABOUT, example)
    if options is None:
        return
    required(PROGRAM, options, "train", "output")
    text, output = input_path(options.train), output_path(options.output)
    check_output(output, [text])
    from w2vext import exact

    log = log_of(output)

    def counted(size: int, words: int) -> None:
        if options.debug > 0:
            print(f"\nVocab size (unigrams + bigrams): {size}", file=log)
            print(f"Words in train file: {words}", file=log, flush=True)

    print(f"Starting training using file {options.train}", file=log, flush=True)
    exact.phrases(
        text,
        output,
        threshold=options.threshold,
        min_count=options.min_count,
        faithful=bool(options.exact),
        counted=counted,
    )
