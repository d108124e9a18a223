"""One pass over a corpus: every word gets a provisional id and is counted.

Several workers read plain files in pieces, and each has its own table of words; a compressed file
is one piece. The tables are merged in the order of the first occurrence of each word, and the ids
are stored in the order of the pieces, so the result does not depend on the number of workers. The
words of the vocabulary are selected afterwards, in `vocabulary` and `selection`.
"""

from __future__ import annotations

import operator
import os
import threading
import warnings
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._files import compression
from w2vext._threads import resolve, run_tasks
from w2vext.text import tokenized
from w2vext.text._arrow import BadValue, Codes, ColumnRun
from w2vext.text._split import Packer
from w2vext.text._tokens import Tokens
from w2vext.text._words import LONGEST, NO_LIMIT, BadText, NotAColumn, Run, Words, word_end
from w2vext.text.column import JOINED, Part
from w2vext.text.corpus import opened
from w2vext.text.spool import Block, Spool
from w2vext.text.tokenizer import SplitRun, text_of, unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._arguments.types import Bool, Int32, Int64, Progress, UInt8
    from w2vext.text._arrow import Chunk

TAIL = 1 << 12  # bytes read at a time to complete a word that extends into the next piece
PIECE = 1 << 22  # bytes of a plain file per piece, at most
PIECES, SMALL_PIECE = 4, 1 << 18  # pieces for each worker, unless they would be smaller than this
GROUP = 1 << 20  # bytes of small files that a worker reads one after the other
MORE = 3  # bytes read after a piece, to complete the character at its end
REMOTE_PIECE = 1 << 24  # the same for a file at a URL, where each piece is a request
BLOCK_IDS = 1 << 19  # the ids of a block
TEXT_BYTES = 1 << 18  # bytes of documents that are encoded at a time, unless one is longer
WORKER_WORDS = 1 << 18  # distinct words at which one of several workers merges its table
WAITING = 8  # blocks of a group that may wait for the groups before it
FILE_SHIFT = 42  # first occurrences are ordered by (file, byte); a file may have 4 TiB

_SEPARATORS = b" \t\n\r\v\f"
_BOM = b"\xef\xbb\xbf"


class Numbering:
    """The ids that a table assigned until it was pruned or merged.

    map[id] is the id in the numbering `into`, or -1. In the end final[id] is the row of the
    vocabulary, or -1.
    """

    def __init__(self) -> None:
        self.map: Any = None
        self.into: Any = None
        self.final: Any = None


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
            warnings.warn(
                f"more than max_vocab_size={self.max_words} distinct words: the rarest are "
                "dropped while reading, so the counts are approximate",
                UserWarning,
                stacklevel=2,
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
        block = Block(BLOCK_IDS)
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
        words, block = Words(), Block(BLOCK_IDS)
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
        if self.corpus.kind == "columns":
            pieces = self.corpus.column.parts()
        else:
            pieces = list(_pieces(self.corpus, self.workers))
        total = sum(piece.size for piece in pieces)
        files = _Files(self, list(_groups(pieces)), self.workers)
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


class _Piece:
    """A part of the corpus: the words that begin in bytes [at, end) of a plain file.

    For another file it is the whole file, and end is None.
    """

    def __init__(
        self, path: Path, number: int, at: int, end: int | None, size: int, last: bool, inode: int
    ) -> None:
        self.path, self.number, self.at = path, number, at
        self.end: Any = end
        self.size, self.last = size, last
        self.inode = inode  # of the file that the path named when the pieces were cut


def _pieces(corpus: Any, workers: int) -> Iterator[_Piece]:
    """Cut plain files into pieces of bytes; a compressed file is one piece."""
    local = PIECE
    if workers > 1:
        local = min(PIECE, max(SMALL_PIECE, corpus.total // (PIECES * workers)))
    for path, number, start, stop, size in corpus.extents():
        if stop is None:
            yield _Piece(path, number, 0, None, size, True, 0)
            continue
        remote = isinstance(path, _files.Remote)
        step = REMOTE_PIECE if remote else local
        inode = 0 if remote else os.stat(path).st_ino
        for at in range(start, stop, step):
            end = min(at + step, stop)
            yield _Piece(path, number, at, end, end - at, end == stop, inode)


def _groups(pieces: Iterable[Any]) -> Iterator[list[Any]]:
    """Join small pieces of local files, which a worker then reads one after the other."""
    group: list[Any] = []
    for piece in pieces:
        small = isinstance(piece, _Piece) and piece.inode and piece.size < GROUP
        if group and not (small and sum(each.size for each in group) + piece.size <= GROUP):
            yield group
            group = []
        group.append(piece)
        if not small:
            yield group
            group = []
    if group:
        yield group


class _Table:
    """A worker's table of words, its numbering, its read buffer, and the block that it fills."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.block: Any = None
        self.renew()

    def read(self, file: Any, piece: _Piece, offset: int, size: int) -> memoryview:
        """The bytes [offset, offset + size) of a file, or fewer at its end."""
        if len(self.buffer) < size:
            self.buffer = bytearray(size)
        view = memoryview(self.buffer)[:size]
        file.seek(offset)
        read = 0
        while read < size and (n := file.readinto(view[read:])):
            read += n
        if offset + read < piece.end:
            raise _files.shorter(_files.shown(piece.path), offset + read, piece.end)
        return view[:read]

    def renew(self) -> None:
        self.words, self.numbering = Words(), Numbering()
        self.coded: Any = None  # the numbering of the codes of a dictionary


class _Coded(Numbering):
    """The numbering by the codes of a dictionary."""

    def __init__(self, chunk: Chunk, into: Numbering) -> None:
        super().__init__()
        self.codes, self.into = Codes(chunk), into
        self.map, self.dictionary = self.codes.map, chunk.dictionary


class _Files:
    """The state that the workers share.

    Groups of pieces are finished in any order, and the spool receives their ids in order.
    """

    def __init__(self, scan: Scan, groups: list[list[Any]], workers: int) -> None:
        self.scan = scan
        self.groups = groups
        workers = max(1, min(workers, len(groups)))
        self.tables = [_Table() for _ in range(workers)]
        self.limit = scan.max_words or (WORKER_WORDS if workers > 1 else NO_LIMIT)
        self.all_words, self.root = Words(), Numbering()
        self.merging = threading.Lock()
        self.changed = threading.Condition()  # guards the fields below
        self.head = 0  # the group whose ids the spool receives next
        self.ready: dict[int, list[Block]] = {}  # blocks of later groups
        self.spare: list[Block] = []  # blocks to reuse
        self.ended: set[int] = set()
        self.stopped = False
        self.failures: list[tuple[int, BaseException]] = []
        self.done = 0  # bytes

    def stop(self) -> None:
        self.stopped = True

    def task(self, worker: int, i: int) -> None:
        table = self.tables[worker]
        try:
            for piece in self.groups[i]:
                if self.stopped:
                    return
                if isinstance(piece, Part):
                    self._encode_part(table, i, piece)
                elif piece.end is None:
                    self._encode_blocks(table, i, piece)
                else:
                    self._encode_piece(table, i, piece)
            self._hand_over(i, table)
            self._end(i)
        except BaseException as error:
            self.failures.append((i, error))
            raise

    def _encode_piece(self, table: _Table, i: int, piece: _Piece) -> None:
        """Count and encode a piece of a plain file."""
        # Not mapped: if another process shortens a mapped file, reading it kills this process.
        run, base = self.scan.run(), piece.number << FILE_SHIFT
        with opened(piece.path) as file:
            if piece.inode and os.fstat(file.fileno()).st_ino != piece.inode:
                raise ValueError(
                    f"{_files.shown(piece.path)}: the file was replaced while it was read: read it "
                    "again when it no longer changes"
                )
            offset = max(piece.at - 1, 0)
            size, at = piece.end - offset, piece.at - offset
            more = MORE if isinstance(run, SplitRun) else 0
            data = table.read(file, piece, offset, size + more)
            if not piece.at:
                at = 3 if data[:3] == _BOM else 0
            elif isinstance(run, SplitRun):
                at = min(run.splitter.boundary(data, at), size)
            elif data[0] not in _SEPARATORS:
                at = word_end(data, at)  # this word belongs to the previous piece
            data = data[:size]
            try:
                self._feed(table, i, run, data, at, len(data), base + offset, True)
                more = True
                while more and run.carried:  # the rest of the last word is in the next piece
                    offset += len(data)
                    data = data[:0] if piece.last else table.read(file, piece, offset, TAIL)
                    more = len(data) > 0
                    self._feed(table, i, run, data, 0, 0, base + offset, more)
            except BadText as error:
                lines, start = self._lines_before(piece, offset)
                raise _complaint(piece.path, error, bytes(data), offset, lines, start) from None
        if piece.last:
            self._close_sentence(table)
        with self.changed:
            self.done += piece.size

    def _lines_before(self, piece: _Piece, offset: int) -> tuple[int, int]:
        """The number of lines that end before a byte of a file, and where its line starts."""
        lines = start = at = 0
        with opened(piece.path) as file:
            while at < offset and (data := file.read(min(PIECE, offset - at))):
                lines += data.count(b"\n")
                start = at + data.rfind(b"\n") + 1 if b"\n" in data else start
                at += len(data)
        return lines, start

    def _encode_blocks(self, table: _Table, i: int, piece: _Piece) -> None:
        """Count and encode a compressed file, block by block."""
        run = self.scan.run()
        base = piece.number << FILE_SHIFT
        # Of the current block: its offset, the lines before it, and where its first line starts.
        offset = lines = start = reported = 0

        def tell(position: int) -> None:
            nonlocal reported
            with self.changed:
                self.done += position - reported
            reported = position

        data = b""
        try:
            for data in self.scan.corpus.buffers(piece.path, tell):
                if self.stopped:
                    return
                at = 3 if not offset and data[:3] == _BOM else 0
                self._feed(table, i, run, data, at, len(data), base + offset, True)
                newline = data.rfind(b"\n")
                if newline >= 0:
                    lines += data.count(b"\n")
                    start = offset + newline + 1
                offset += len(data)
            data = b""
            self._feed(table, i, run, data, 0, 0, base + offset, False)
        except BadText as error:
            raise _complaint(piece.path, error, data, offset, lines, start) from None
        self._close_sentence(table)

    def _feed(
        self, table: _Table, i: int, run: Any, data: Any, at: int, end: int, base: int, more: bool
    ) -> None:
        """Encode data[at:end]; hands over the block of the table when it is full."""
        while True:
            block = self._block(table)
            at, block.n, block.n_ends = run.feed(
                table.words, data, at, end,
                base=base, more=more, limit=self.limit, ids=block.ids, ends=block.ends,
                n=block.n, n_ends=block.n_ends,
            )  # fmt: skip
            if block.n == len(block.ids):
                self._hand_over(i, table)
            self._make_room(table, i)
            if at >= end and not run.pending:
                return

    def _make_room(self, table: _Table, i: int) -> None:
        """Prune or merge a table that is full, which changes its ids."""
        if len(table.words) < self.limit:
            return
        self._hand_over(i, table)
        self._count_codes(table)
        if self.scan.max_words:
            table.numbering = self.scan.prune(table.words, table.numbering)
        else:
            self._merge(table)
            table.renew()

    def _encode_part(self, table: _Table, i: int, part: Part) -> None:
        """Count and encode rows of a column."""
        first = (part.number << FILE_SHIFT) + part.position
        for chunk, row, end in part.chunks():
            try:
                if chunk.is_text:
                    first = self._encode_texts(table, i, chunk, row, end, first)
                else:
                    first = self._encode_lists(table, i, chunk, row, end, first)
            except BadValue as error:
                raise part.complaint(error) from None
            except NotAColumn as error:
                raise part.column.unusable(str(error)) from None
            if self.stopped:
                return
        with self.changed:
            self.done += part.size

    def _encode_lists(
        self, table: _Table, i: int, chunk: Chunk, row: int, end: int, first: int
    ) -> int:
        """Encode the lists in rows; returns the position after the last value."""
        coded = self._coded(table, i, chunk)
        run = ColumnRun(chunk, row, end, coded.codes if coded else None)
        while run.more and not self.stopped:
            block = self._block(table)
            block.numbering = coded or table.numbering
            block.n, block.n_ends = run.feed(
                table.words, first=first, limit=self.limit, ids=block.ids, ends=block.ends
            )
            first += block.n
            self._hand_over(i, table)
            if not coded:
                self._make_room(table, i)
        if coded and self.scan.max_words:
            self._count_codes(table)
            self._make_room(table, i)
        return first

    def _coded(self, table: _Table, i: int, chunk: Chunk) -> _Coded | None:
        """The numbering of the codes of a chunk's dictionary, if it has one."""
        if not chunk.dictionary[1]:
            return None
        if table.coded is None or table.coded.dictionary != chunk.dictionary:
            self._count_codes(table)
            self._make_room(table, i)
            table.coded = _Coded(chunk, table.numbering)
            self.scan.numberings.append(table.coded)
        return table.coded

    def _count_codes(self, table: _Table) -> None:
        """Add the values of the last dictionary to the table; later ones have another numbering."""
        if table.coded is not None:
            table.coded.codes.add_to(table.words)
            table.coded = None

    def _encode_texts(
        self, table: _Table, i: int, chunk: Chunk, row: int, end: int, first: int
    ) -> int:
        """Encode the strings in rows, by the tokenizer."""
        table.words.set_kind("text")
        tokenizer = self.scan.corpus.tokenizer
        default = tokenizer.is_default
        run: Any = Run() if default else SplitRun(tokenizer.splitter(documents=True))
        data = bytearray(JOINED)
        while row < end and not self.stopped:
            after, n, needed = chunk.join(row, end, ord("\n") if default else 0, data)
            if not n:
                data = bytearray(needed)
                continue
            if not default and data.count(0, 0, n) != after - row:
                texts = chunk.texts(row, after)
                raise BadValue(row + next(i for i, x in enumerate(texts) if "\0" in x), "NUL")
            try:
                self._feed(table, i, run, data, 0, n, first, False)
            except BadText as error:
                lengths = [len(text.encode()) + 1 for text in chunk.texts(row, after)]
                bad = int(np.searchsorted(np.cumsum(lengths), error.at, side="right"))
                raise BadValue(row + bad, error.kind) from None
            row, first = after, first + n
        self._hand_over(i, table)
        return first

    def _merge(self, table: _Table) -> None:
        """Merge the words of a worker into the table of all words."""
        table.numbering.map = np.empty(len(table.words), dtype=np.int32)
        with self.merging:
            self.all_words.merge(table.words, table.numbering.map)
            table.numbering.into = self.root
            self.scan.numberings.append(table.numbering)

    def merged(self) -> tuple[Words, Numbering]:
        """The table of all words and its numbering, after every piece has been read."""
        tables = list(self.tables)
        for table in tables:
            self._count_codes(table)
        if not len(self.all_words):
            first = max(tables, key=lambda table: len(table.words))
            tables.remove(first)
            self.all_words, self.root = first.words, first.numbering
        while tables:
            self._merge(tables.pop())
        return self.all_words, self.root

    def _close_sentence(self, table: _Table) -> None:
        block = self._block(table)
        if not block.n_ends or block.ends[block.n_ends - 1] != block.n:
            block.ends[block.n_ends] = block.n
            block.n_ends += 1

    def _block(self, table: _Table) -> Any:
        """The block that the table fills; it has room for at least one id."""
        if table.block is None:
            with self.changed:
                table.block = self.spare.pop() if self.spare else Block(BLOCK_IDS)
            table.block.n = table.block.n_ends = 0
            table.block.numbering = table.numbering
        return table.block

    def _hand_over(self, i: int, table: _Table) -> None:
        """Store the block of a table; one of a later group waits for the groups before it."""
        if table.block is None:
            return
        with self.changed:
            while i != self.head and not self.stopped and len(self.ready.get(i, ())) >= WAITING:
                self.changed.wait(0.1)
            self.ready.setdefault(i, []).append(table.block)
            table.block = None
            if i == self.head:
                self._store(i)

    def _end(self, i: int) -> None:
        with self.changed:
            self.ended.add(i)
            while self.head in self.ended:
                self.ended.remove(self.head)
                self.head += 1
                self._store(self.head)
            self.changed.notify_all()

    def _store(self, i: int) -> None:
        for block in self.ready.pop(i, ()):
            self.scan.spool.add(block)
            self.spare.append(block)


def _complaint(
    path: Path, error: BadText, data: Any, offset: int = 0, lines: int = 0, start: int = 0
) -> ValueError:
    """The error for invalid text, with its line and byte.

    `data` begins at byte `offset` of the file, in the line after `lines` others; this line begins
    at byte `start`.
    """
    at = max(error.at, 0)  # below 0 the word began in the previous block, but in the same line
    newlines = sum(data[i : min(i + PIECE, at)].count(b"\n") for i in range(0, at, PIECE))
    if newlines:
        start = offset + data.rfind(b"\n", 0, at) + 1
    place = offset + error.at
    what, remedy = (
        ("a NUL byte, so this is not UTF-8 text", "if it is UTF-16, convert it to UTF-8")
        if error.kind == "NUL"
        else (
            f"a word of more than {LONGEST:,} bytes",
            "give text with white space between words",
        )
        if error.kind == "long"
        else ("not UTF-8", "convert the file, for example with iconv -f latin1 -t utf-8")
    )
    if error.kind != "long":
        head = _head_of(path) or (bytes(data[: compression.WHOLE_HEAD]) if offset == 0 else b"")
        remedy = compression.instead_of_text(head) or remedy
    return ValueError(
        f"{_files.shown(path)}, line {lines + newlines + 1}, byte {place - start + 1} "
        f"(offset {place}): {what}: {remedy}"
    )


def _head_of(path: Path) -> bytes:
    """The first bytes of a file; empty for one-shot and compressed files."""
    if isinstance(path, _files.Remote):
        head = path.part(0, compression.WHOLE_HEAD) if path.ranges else b""
        return b"" if compression.kind_of(head) else head
    if _files.is_one_shot(path):
        return b""
    with open(path, "rb") as file:
        head = file.read(compression.WHOLE_HEAD)
    return b"" if compression.kind_of(head) else head
