"""One pass over a corpus: every word gets a provisional id and is counted.

Several workers read plain files in pieces, and each has its own table of words; a compressed file
is one piece. The tables are merged in the order of the first occurrence of each word, and the ids
are stored in the order of the pieces, so the result does not depend on the number of workers. The
words of the vocabulary are selected afterwards, in `vocabulary` and `selection`.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import warn
from w2vext._threads import resolve, run_tasks
from w2vext.text import tokenized
from w2vext.text._split import Packer
from w2vext.text._tokens import Tokens
from w2vext.text._words import LONGEST, NO_LIMIT, BadText, NotAColumn, Run, Words
from w2vext.text.pieces import cut
from w2vext.text.spool import Block, Numbering, Spool
from w2vext.text.tokenizer import SplitRun, text_of, unusable
from w2vext.text.workers import Files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._arguments.types import Bool, Int32, Int64, Progress, UInt8

TEXT_BYTES = 1 << 18  # bytes of documents that are encoded at a time, unless one is longer


class Scan:
    """One pass: `read()`, then `tally()` to select the words, then `stream()`."""

    def __init__(
        self,
        corpus: Any,
        workers: int | None,
        max_vocab_size: int | None,
        spill_bytes: int,
        progress: Progress,
        protected: Callable[[list[Any], Int64], Bool] | None = None,
    ) -> None:
        self.corpus = corpus
        self.protected: Any = protected  # (tokens, counts) -> which are never dropped, or None
        # The words that a full table drops depend on what it has read, so there is only one table.
        self.workers = resolve(workers) if max_vocab_size is None else 1
        self.max_words: Any = max_vocab_size and min(max_vocab_size, NO_LIMIT)
        self.progress: Any = progress
        self.spool = Spool(spill_bytes)
        self.words: Any = None  # the table of all words
        self.root: Any = None  # its numbering
        # The other numberings. If one maps into another of them, it comes first.
        self.numberings: list[Numbering] = []

    def __enter__(self) -> Scan:
        return self

    def __exit__(self, *error: object) -> None:
        self.spool.close()

    def read(self) -> Words | Tokens:
        """Read and encode the whole corpus; return the table of all words."""
        if self.corpus.calls:
            self._read_tokens(tokenized.sentences(self.corpus))
        elif self.corpus.kind == "tokens":
            self._read_tokens(self.corpus.sentences())
        elif self.corpus.kind == "texts":
            self._read_texts()
        else:
            self._read_files()
        return self.words

    def run(self) -> Run | SplitRun:
        """What feeds the text of a file to a table of words."""
        tokenizer = self.corpus.tokenizer
        return Run() if tokenizer.is_default else SplitRun(tokenizer.splitter())

    def tally(self) -> tuple[Int64, NDArray[np.uint64]]:
        """The count of each provisional id, and a number that orders first occurrences."""
        return tally(self.words)

    def stream(self, final: Int32, kept: int) -> tuple[Int32, Int64, int]:
        """The final ids, the offsets, and the number of words read.

        final[provisional id] is a row or -1. Its last item applies to the words that were dropped.
        """
        self.root.final = final
        for numbering in reversed(self.numberings):
            numbering.final = np.append(numbering.into.final[numbering.map], final[-1])
            numbering.map = None
        read = self.spool.n
        return *self.spool.finish(kept), read

    def prune(self, table: Words | Tokens, numbering: Numbering) -> Numbering:
        """Drop the rarer half of a table, like ReduceVocab of word2vec.c; return its numbering."""
        if not self.numberings:
            warn(
                f"more than max_vocab_size={self.max_words} distinct words: the rarest are "
                "dropped while reading, so the counts are approximate"
            )
        counts, _ = tally(table)
        rarest = len(counts) - self.max_words // 2 - 1
        numbering.map = np.empty(len(counts), dtype=np.int32)
        protected = self.protected and self._protected(table, counts)
        table.prune(int(np.partition(counts, rarest)[rarest]), numbering.map, protected)
        numbering.into = Numbering()
        self.numberings.append(numbering)
        return numbering.into

    def _protected(self, table: Any, counts: Int64) -> UInt8:
        protected = self.protected(table.strings(np.arange(len(counts))), counts)
        if 2 * (n := int(protected.sum())) > self.max_words:
            raise ValueError(
                f"max_vocab_size={self.max_words}, and trim_rule keeps {n} of the words read so "
                f"far: give at least {4 * n}"
            )
        return protected.view(np.uint8)

    def _read_tokens(self, sentences: Iterator[Any]) -> None:
        """Count and encode sentences of Python tokens."""
        tokens = Tokens(sentences)
        block = Block()
        block.numbering = Numbering()
        limit = self.max_words or NO_LIMIT
        more = True
        while more:
            block.n, block.n_ends, more = tokens.fill(block.ids, block.ends, limit)
            self.spool.add(block)
            if len(tokens) >= limit:
                block.numbering = self.prune(tokens, block.numbering)
            if self.progress:
                self.progress(self.spool.n, None)
        self.words, self.root = tokens, block.numbering

    def _read_texts(self) -> None:
        """Count and encode documents that are str."""
        run = SplitRun(self.corpus.tokenizer.splitter(documents=True))
        words, block = Words(), Block()
        block.numbering = Numbering()
        packer = Packer(self.corpus.items(), text_of, unusable)
        limit = self.max_words or NO_LIMIT
        number = base = 0
        while True:
            n, size = packer.pack(TEXT_BYTES)
            if not n:
                break
            at = 0
            with memoryview(packer.packed)[:size] as data:
                while at < size or run.pending:
                    try:
                        at, block.n, block.n_ends = run.feed(
                            words, data, at, size,
                            base=base, more=False, limit=limit, ids=block.ids, ends=block.ends,
                        )  # fmt: skip
                    except BadText as error:  # the only fault that is left
                        at = number + packer.packed.count(b"\0", 0, error.at)
                        raise ValueError(
                            f"document {at} has a word of more than {LONGEST:,} bytes: give text "
                            "with white space between words"
                        ) from None
                    self.spool.add(block)
                    if len(words) >= limit:
                        block.numbering = self.prune(words, block.numbering)
            number, base = number + n, base + size
            if self.progress:
                self.progress(self.spool.n, None)
        self.words, self.root = words, block.numbering

    def _read_files(self) -> None:
        """Count and encode files, piece by piece, with several workers."""
        workers = self.workers
        if self.corpus.kind == "columns":
            groups = [[part] for part in self.corpus.column.parts()]
            workers = self.corpus.column.useful_workers(workers)
        else:
            groups = list(cut(self.corpus, self.workers))
        total = sum(piece.size for group in groups for piece in group)
        files = Files(self, groups, workers)
        poll = (lambda: self.progress(min(files.done, total), total)) if self.progress else None
        try:
            interrupted = run_tasks(
                files.task, len(files.groups), len(files.tables), stop=files.stop, poll=poll
            )
        except Exception:
            if files.failures:  # report the one that comes first in the corpus
                raise min(files.failures, key=operator.itemgetter(0))[1] from None
            raise
        if interrupted:
            raise KeyboardInterrupt
        if self.progress:
            self.progress(total, total)
        try:
            self.words, self.root = files.merged()
        except NotAColumn as error:
            raise self.corpus.column.unusable(str(error)) from None


def tally(table: Words | Tokens) -> tuple[Int64, NDArray[np.uint64]]:
    """The count of each word of a table, and a number that orders first occurrences."""
    counts = np.empty(len(table), dtype=np.int64)
    first = np.empty(len(table), dtype=np.uint64)
    table.tally(counts, first)
    return counts, first
