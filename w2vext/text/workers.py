"""The work of `scan`: workers read files and columns, count words in tables, fill blocks of ids."""

from __future__ import annotations

import os
import threading
from codecs import BOM_UTF8
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._files import compression
from w2vext.text import pieces
from w2vext.text._arrow import BadValue, Codes, ColumnRun
from w2vext.text._words import NO_LIMIT, BadText, NotAColumn, Run, Words, word_end
from w2vext.text.column import JOINED, Part
from w2vext.text.corpus import opened
from w2vext.text.lines import SEPARATORS
from w2vext.text.pieces import complaint
from w2vext.text.spool import Block, Numbering
from w2vext.text.tokenizer import SplitRun

if TYPE_CHECKING:
    from typing import Any

    from w2vext.text._arrow import Chunk
    from w2vext.text.pieces import Piece
    from w2vext.text.scan import Scan

TAIL = 1 << 12  # bytes read at a time to complete a word that extends into the next piece
MORE = 3  # bytes read after a piece, to complete the character at its end
WORKER_WORDS = 1 << 18  # distinct words at which one of several workers merges its table
WAITING = 8  # blocks of a group that may wait for the groups before it
FILE_SHIFT = 42  # first occurrences are ordered by (file, byte); a file may have 4 TiB


def _after_mark(data: Any) -> int:
    """Where the text of a file begins: after the byte order mark, if there is one."""
    return len(BOM_UTF8) if data[: len(BOM_UTF8)] == BOM_UTF8 else 0


class Table:
    """A worker's table of words, its numbering, its read buffer, and the block that it fills."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.block: Any = None
        self.renew()

    def read(self, file: Any, piece: Piece, offset: int, size: int) -> memoryview:
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


class Files:
    """The state that the workers share.

    Groups of pieces are finished in any order, and the spool receives their ids in order.
    """

    def __init__(self, scan: Scan, groups: list[list[Any]], workers: int) -> None:
        self.scan = scan
        self.groups = groups
        workers = max(1, min(workers, len(groups)))
        self.tables = [Table() for _ in range(workers)]
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

    def _encode_piece(self, table: Table, i: int, piece: Piece) -> None:
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
            if piece.unopened and compression.kind_of(bytes(data[: compression.HEAD])):
                self._encode_blocks(table, i, piece)
                return
            if not piece.at:
                at = _after_mark(data)
            elif isinstance(run, SplitRun):
                at = min(run.splitter.boundary(data, at), size)
            elif data[0] not in SEPARATORS:
                at = word_end(data, at)  # this word belongs to the previous piece
            data = data[:size]
            try:
                more = not piece.last
                self._feed(table, i, run, data, at, len(data), base + offset, more)
                while more and run.carried:  # the rest of the last word is in the next piece
                    offset += len(data)
                    data = table.read(file, piece, offset, TAIL)
                    more = len(data) > 0
                    self._feed(table, i, run, data, 0, 0, base + offset, more)
            except BadText as error:
                lines, start = self._lines_before(piece, offset)
                raise complaint(piece.path, error, bytes(data), offset, lines, start) from None
        if piece.last:
            self._close_sentence(table)
        with self.changed:
            self.done += piece.size

    def _lines_before(self, piece: Piece, offset: int) -> tuple[int, int]:
        """The number of lines that end before a byte of a file, and where its line starts."""
        lines = start = at = 0
        with opened(piece.path) as file:
            while at < offset and (data := file.read(min(pieces.PIECE, offset - at))):
                lines += data.count(b"\n")
                start = at + data.rfind(b"\n") + 1 if b"\n" in data else start
                at += len(data)
        return lines, start

    def _encode_blocks(self, table: Table, i: int, piece: Piece) -> None:
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
                at = 0 if offset else _after_mark(data)
                self._feed(table, i, run, data, at, len(data), base + offset, True)
                newline = data.rfind(b"\n")
                if newline >= 0:
                    lines += data.count(b"\n")
                    start = offset + newline + 1
                offset += len(data)
            data = b""
            self._feed(table, i, run, data, 0, 0, base + offset, False)
        except BadText as error:
            raise complaint(piece.path, error, data, offset, lines, start) from None
        self._close_sentence(table)

    def _feed(
        self, table: Table, i: int, run: Any, data: Any, at: int, end: int, base: int, more: bool
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

    def _make_room(self, table: Table, i: int) -> None:
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

    def _encode_part(self, table: Table, i: int, part: Part) -> None:
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
        self, table: Table, i: int, chunk: Chunk, row: int, end: int, first: int
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

    def _coded(self, table: Table, i: int, chunk: Chunk) -> _Coded | None:
        """The numbering of the codes of a chunk's dictionary, if it has one."""
        if not chunk.dictionary[1]:
            return None
        if table.coded is None or table.coded.dictionary != chunk.dictionary:
            self._count_codes(table)
            self._make_room(table, i)
            table.coded = _Coded(chunk, table.numbering)
            self.scan.numberings.append(table.coded)
        return table.coded

    def _count_codes(self, table: Table) -> None:
        """Add the values of the last dictionary to the table; later ones have another numbering."""
        if table.coded is not None:
            table.coded.codes.add_to(table.words)
            table.coded = None

    def _encode_texts(
        self, table: Table, i: int, chunk: Chunk, row: int, end: int, first: int
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

    def _merge(self, table: Table) -> None:
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

    def _close_sentence(self, table: Table) -> None:
        block = self._block(table)
        if not block.n_ends or block.ends[block.n_ends - 1] != block.n:
            block.ends[block.n_ends] = block.n
            block.n_ends += 1

    def _block(self, table: Table) -> Any:
        """The block that the table fills; it has room for at least one id."""
        if table.block is None:
            with self.changed:
                table.block = self.spare.pop() if self.spare else Block()
            table.block.n = table.block.n_ends = 0
            table.block.numbering = table.numbering
        return table.block

    def _hand_over(self, i: int, table: Table) -> None:
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
