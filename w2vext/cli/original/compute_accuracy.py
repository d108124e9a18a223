"""`w2vext compute-accuracy`: the share of analogy questions answered right, as the original counts.

Words are compared in upper case; the first five sections are semantic. A question that is not four
words is an error; in the original it shifts the words of all questions that follow.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from w2vext._arguments.messages import shown
from w2vext.cli import CommandError
from w2vext.cli.original import prompts
from w2vext.cli.original.flags import wrong

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PROGRAM = "w2vext compute-accuracy"
HELP = f"""usage: {PROGRAM} {prompts.USAGE.replace("FILE", "FILE [THRESHOLD]")} < QUESTIONS

Answers analogy questions, four words per line, in sections that begin with ": name".
{prompts.FILE_HELP}
THRESHOLD is the number of words to take from the beginning of FILE (0 = all).

example: {PROGRAM} vectors.bin 30000 < questions-words.txt"""


BATCH = 128  # questions whose scores are in memory at a time


@dataclass
class Tally:
    right: int = 0
    asked: int = 0

    def add(self, right: bool) -> None:
        self.right += right
        self.asked += 1

    def percent(self) -> str:
        """The percentage as the original's printf shows it, computed in float32."""
        import numpy as np

        if not self.asked:
            return "-nan"
        return f"{np.float32(self.right) / np.float32(self.asked) * np.float32(100):.2f}"


def main(argv: list[str]) -> None:
    given = prompts.arguments(PROGRAM, argv, most=2)
    if given is None:
        return print(HELP)
    threshold = given.more[0] if given.more else "0"
    if not threshold.isdecimal():
        raise wrong(PROGRAM, f"threshold {shown(threshold)}: give a number of words, 0 for all")
    answers = Answers(prompts.Vectors(given.vectors, int(threshold) or None, **given.how))
    semantic, syntactic, total = Tally(), Tally(), Tally()
    asked = 0
    for number, (name, questions) in enumerate(sections(sys.stdin.buffer)):
        if name is not None:
            prompts.write(b"%s:\n" % name)
        section = Tally()
        asked += len(questions)
        for right in answers.right(questions):
            for tally in (section, total, semantic if number <= 5 else syntactic):
                tally.add(right)
        if name is not None:
            print(
                f"ACCURACY TOP1: {section.percent() if section.asked else '0.00'} %  "
                f"({section.right} / {max(1, section.asked)})\n"
                f"Total accuracy: {total.percent()} %   Semantic accuracy: {semantic.percent()} %  "
                f" Syntactic accuracy: {syntactic.percent()} % ",
                flush=True,
            )
    share = Tally(total.asked, asked).percent()
    print(f"Questions seen / total: {total.asked} {asked}   {share} % ")


def sections(lines: Iterable[bytes]) -> Iterator[tuple[bytes | None, list[list[bytes]]]]:
    """(name, questions) of each section; questions before the first section have the name None."""
    name: bytes | None = None
    questions: list[list[bytes]] = []
    for number, line in enumerate(lines, 1):
        words = line.split()
        if words == [b"EXIT"]:
            break
        if words[:1] == [b":"]:
            yield name, questions
            name, questions = b" ".join(words[1:]), []
        elif len(words) == 4:
            questions.append([word.upper() for word in words])
        elif words:
            text = shown(line.decode("utf-8", "replace").strip())
            raise CommandError(
                f"questions, line {number}: {text} is not four words: give ': section' or a "
                "question of four words"
            )
    yield name, questions


class Answers:
    """Finds the word nearest to b - a + c, with words in upper case."""

    def __init__(self, vectors: prompts.Vectors) -> None:
        self.vectors = vectors
        self.words = [word.upper() for word in vectors.words]
        self.rows: dict[bytes, int] = {}
        for row, word in enumerate(self.words):
            self.rows.setdefault(word, row)

    def right(self, questions: list[list[bytes]]) -> Iterator[bool]:
        """Whether the nearest word is the fourth, for each question whose words are all known."""
        import numpy as np

        known = [[self.rows.get(word, -1) for word in question] for question in questions]
        rows = np.array([each for each in known if min(each) >= 0], dtype=np.int64).reshape(-1, 4)
        for at in range(0, len(rows), BATCH):
            part = rows[at : at + BATCH]
            a, b, c = self.vectors.unit[part[:, :3]].swapaxes(0, 1)
            found = self.vectors.nearest((b - a) + c, part[:, :3])
            for row, question in zip(found.tolist(), part.tolist(), strict=True):
                yield row >= 0 and self.words[row] == self.words[question[3]]
