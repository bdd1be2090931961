"""A quarter of pair edits, taken as a whole: 2.5 million rows, made of few different parts.

Each part (code and tab, code and tab, the rest of the line) is read once and then known by its
bytes; a builder is handed columns of numbers. The rows of one column 1 code stand together, so a
digest of them tells which are those of a quarter that is already there, and need no reading.
"""

import datetime as dt
from array import array
from collections.abc import Callable, Sequence
from hashlib import blake2b
from itertools import chain, groupby
from operator import eq, itemgetter

import attrs

from cptkit.edits.building import PairBuilder
from cptkit.edits.pairs import EPOCH
from cptkit.errors import ContradictoryFile
from cptkit.importers.cells import Unfit, code, start_of
from cptkit.importers.opening import Member
from cptkit.importers.ptp import Block, cells_of, parts_of, row_of, tables
from cptkit.importers.rows import Rejected

__all__ = ["Loaded", "check_quarter", "load"]

_MARK_SIZE = 16
_MOST_GROUP = 100_000  # rows of one code that are held at once: real ones have some thousands

# The parts of a line as CMS writes it.
_first: Callable[[bytes], bytes] = itemgetter(slice(0, 6))
_second: Callable[[bytes], bytes] = itemgetter(slice(6, 12))
_rest: Callable[[bytes], bytes] = itemgetter(slice(12, None))


@attrs.frozen(slots=True)
class Loaded:
    """What came of a member: rows read and rejected, and the pairs it begins and ends with.

    ``first`` and ``last`` are None where the rows are not in the order of their codes.
    """

    rows: int
    rejected: int
    first: str | None
    last: str | None

    @property
    def kept(self) -> int:
        """Rows that were taken."""
        return self.rows - self.rejected


def load(
    member: Member,
    builder: PairBuilder,
    *,
    rejected: Callable[[Rejected], object] = lambda _: None,
    progress: Callable[[int], object] = lambda _: None,
) -> Loaded:
    """Put all rows of a table of pair edits into a builder.

    :param rejected: is told of each row that cannot be read.
    :param progress: is told how many rows were read, from time to time.
    :raises UnknownLayout: when it is none.
    :raises UnreadableFile: when it cannot be read.
    """
    loader = _Loader(builder, rejected)
    for table in tables(member):
        for block in table:
            loader.take(block)
            progress(loader.rows)
        loader.close()
    progress(loader.rows)
    return loader.loaded()


def check_quarter(builder: PairBuilder) -> None:
    """Refuse rows that cannot be of the quarter they were said to be of: a file names no day after its quarter.

    :raises ContradictoryFile: when one begins or ends after it.
    """
    newest = builder.newest_day
    if newest is not None and newest + EPOCH > builder.quarter.last_day.toordinal():
        day = dt.date.fromordinal(newest + EPOCH)
        raise ContradictoryFile(
            f"a row begins or ends on {day}: these are not the pair edits of {builder.quarter}",
            expected=f"the file of {builder.quarter}",
        )


class _Codes(dict[bytes, int]):
    """The number of a code by the bytes of a line that hold it and the tab behind; each is read once."""

    def __init__(self, builder: PairBuilder) -> None:
        super().__init__()
        self._builder = builder

    def __missing__(self, part: bytes) -> int:
        if len(part) != 6 or not part.endswith(b"\t"):
            raise Unfit("not as CMS writes it")
        self[part] = number = self._builder.code(code(part[:5].decode("latin-1")))
        return number


class _Says(dict[bytes, int]):
    """The number of what a row says besides its codes by the rest of its line; each is read once."""

    def __init__(self, builder: PairBuilder) -> None:
        super().__init__()
        self._builder = builder

    def __missing__(self, part: bytes) -> int:
        self[part] = number = self.number(["", "", *cells_of(part)])
        return number

    def number(self, cells: Sequence[str]) -> int:
        prior, first, last, indicator, rationale = parts_of(cells)
        return self._builder.row(
            None if first is None else first.toordinal() - EPOCH,
            None if last is None else last.toordinal() - EPOCH,
            indicator,
            prior_to_1996=prior,
            rationale=rationale,
        )


class _Loader:
    """Tells the rows of one column 1 code from those of the next, and reads those that are new."""

    def __init__(self, builder: PairBuilder, rejected: Callable[[Rejected], object]) -> None:
        self.rows = 0
        self._builder = builder
        self._tell = rejected
        self._rejected = 0
        self._codes = _Codes(builder)
        self._says = _Says(builder)
        self._open = b""
        self._group: list[Block] = []
        self._pending: list[Block] = []
        self._ends: list[list[bytes]] = []
        self._last = b""
        self._in_order = True

    def take(self, block: Block) -> None:
        place = 0
        for first, grouped in groupby(block.lines, _first):
            lines = list(grouped)
            numbers = block.numbers[place : place + len(lines)]
            place += len(lines)
            if first != self._open:
                self._close_group()
                self._open = first
            self._group.append(Block(numbers, lines))
        if sum(len(part.lines) for part in self._group) > _MOST_GROUP:
            self._builder.forget_group(_name(self._open))
            self._close_group()
        self._flush()

    def close(self) -> None:
        self._close_group()
        self._open = b""
        self._flush()

    def loaded(self) -> Loaded:
        first = last = None
        if self._ends and self._in_order:
            first, last = _pair(min(self._ends[0])), _pair(max(self._ends[-1]))
        return Loaded(self.rows, self._rejected, *((first, last) if first and last else (None, None)))

    def _close_group(self) -> None:
        """Judge the lines of one column 1 code as a whole: those of the base quarter need no reading."""
        group, self._group = self._group, []
        if not group:
            return
        if not self._open.strip():  # blank lines, or rows without a code
            group = [_without_blanks(block) for block in group]
        count = sum(len(block.lines) for block in group)
        if not count:
            return
        self.rows += count
        lines = (
            group[0].lines if len(group) == 1 else list(chain.from_iterable(block.lines for block in group))
        )
        self._in_order &= self._last <= self._open
        self._last = self._open
        self._ends = [*self._ends[:1], lines]
        mark = blake2b(b"\n".join(lines), digest_size=_MARK_SIZE).digest()
        if not self._builder.known_group(_name(self._open), mark):
            self._pending += group

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        if not pending:
            return
        lines = pending[0].lines if len(pending) == 1 else list(chain.from_iterable(b.lines for b in pending))
        codes, says = self._codes, self._says
        try:
            column1 = array("I", map(codes.__getitem__, map(_first, lines)))
            column2 = array("I", map(codes.__getitem__, map(_second, lines)))
            rows = array("I", map(says.__getitem__, map(_rest, lines)))
        except Unfit:
            self._take_apart(pending)
        else:
            if any(map(eq, column1, column2)):
                self._take_apart(pending)
            else:
                self._builder.extend(column1, column2, rows)

    def _take_apart(self, pending: list[Block]) -> None:
        """Take the lines that are as CMS writes them, and look at every other one by itself."""
        column1, column2, rows = array("I"), array("I"), array("I")
        for block in pending:
            for number, line in zip(block.numbers, block.lines, strict=True):
                try:
                    one, other = self._codes[_first(line)], self._codes[_second(line)]
                    row = self._says[_rest(line)]
                except Unfit:
                    self._take_line(number, line)
                else:
                    if one == other:
                        self._take_line(number, line)
                    else:
                        column1.append(one)
                        column2.append(other)
                        rows.append(row)
        self._builder.extend(column1, column2, rows)

    def _take_line(self, number: int, line: bytes) -> None:
        cells = cells_of(line)
        if not any(cells):
            self.rows -= 1
            return
        try:
            row = row_of(number, cells)
        except Unfit as unfit:
            self._rejected += 1
            self._builder.forget_group(_name(line))
            self._tell(Rejected(number, start_of(cells), str(unfit)))
        else:
            if _name(line) != row.column1:
                self._builder.forget_group(row.column1)
            one, other = self._builder.code(row.column1), self._builder.code(row.column2)
            self._builder.extend([one], [other], [self._says.number(cells)])


def _name(line: bytes) -> str:
    """The column 1 code of a line, or whatever stands in its place."""
    return line[:5].decode("latin-1")


def _pair(line: bytes) -> str:
    """The pair of a line as one text that sorts as the pair does; empty when the line is no row."""
    return (
        line[:5].decode("latin-1") + line[6:11].decode("latin-1") if line[5:6] == b"\t" == line[11:12] else ""
    )


def _without_blanks(block: Block) -> Block:
    rows = [(number, line) for number, line in zip(block.numbers, block.lines, strict=True) if line.strip()]
    return Block([number for number, _ in rows], [line for _, line in rows])
