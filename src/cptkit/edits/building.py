"""From the rows of one quarter to a table of pair edits: packed integers, sorted once.

A reader asks for the number of a code and of what else a row says (``code``, ``row``), and hands
over columns of such numbers (``extend``): 2.5 million rows pass without an object for any of them.

A quarter repeats nearly all of the one before. A reader marks the rows of each column 1 code with a
digest (``known_group``); where the base quarter has the same mark, its rows are carried over
instead of read again.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import chain, compress, count, islice, repeat
from operator import and_, eq, ne, rshift

import attrs

from cptkit.edits.merging import carried, merged, only
from cptkit.edits.pairs import ALWAYS, INDICATORS, NEVER_ENDS, SET_BITS, Kind, PairTable, Terms, code_number
from cptkit.edits.quarter import Quarter
from cptkit.errors import BrokenEdits

__all__ = ["Base", "Built", "PairBuilder"]

_MOST_ROWS = 1 << 20  # different in what they say besides their codes: a real quarter has some ten thousand


@attrs.frozen(slots=True, eq=False)
class Base:
    """A quarter that is already in the table, whose rows may be carried over; ``marks`` by column 1 code."""

    quarter: Quarter
    marks: Mapping[str, bytes]


@attrs.frozen(slots=True, eq=False)
class Built:
    """What came of a quarter: the union with it, the quarter alone, its marks, and how many rows came twice."""

    table: PairTable
    alone: PairTable
    marks: Mapping[str, bytes]
    repeated: int


class PairBuilder:
    """Collects the rows of one quarter and setting.

    >>> builder = PairBuilder("practitioner", Quarter(2024, 3))
    >>> one, other = builder.code("W9901"), builder.code("W9902")
    >>> builder.extend([one], [other], [builder.row(None, None, 1, prior_to_1996=False, rationale="own")])
    >>> len(builder.finish().table)
    1
    >>> builder.code("W990")
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenEdits: not a code that a table can hold: 'W990'
    """

    def __init__(
        self,
        setting: str,
        quarter: Quarter,
        *,
        union: PairTable | None = None,
        base: Base | None = None,
    ) -> None:
        self.setting = setting
        self.quarter = quarter
        self._known: Mapping[str, bytes] = base.marks if base else {}
        self._base = base
        self._union = union if union is not None else PairTable.empty(setting)
        self._codes: dict[str, int] = {}
        self._rows: dict[tuple[int, int, int, int, str], int] = {}
        self._columns = array("I"), array("I"), array("I")
        self._kept: set[str] = set()
        self._marks: dict[str, bytes] = {}
        self._seen: set[str] = set()

    def code(self, code: str) -> int:
        """The number of a code in this builder."""
        number = self._codes.get(code)
        if number is None:
            if code_number(code) < 0:
                raise BrokenEdits("not a code that a table can hold", given=code)
            number = self._codes[code] = len(self._codes)
        return number

    def row(
        self,
        first: int | None,
        last: int | None,
        indicator: int,
        *,
        prior_to_1996: bool,
        rationale: str,
    ) -> int:
        """The number of what a row says besides its codes; days are counted from 1970-01-01.

        :raises BrokenEdits: when the indicator is none, or the rationale is of more than one line.
        """
        if indicator not in INDICATORS or "\n" in rationale:
            raise BrokenEdits("not what a row can say", given=f"{indicator} {rationale}")
        key = (
            ALWAYS if first is None else first,
            NEVER_ENDS if last is None else last,
            indicator,
            int(prior_to_1996),
            rationale,
        )
        number = self._rows.setdefault(key, len(self._rows))
        if number > _MOST_ROWS:
            raise BrokenEdits("no table of pair edits has so many different rows", given=number)
        return number

    def extend(self, column1: Iterable[int], column2: Iterable[int], rows: Iterable[int]) -> None:
        """Take rows: three columns of numbers that ``code`` and ``row`` gave."""
        for column, values in zip(self._columns, (column1, column2, rows), strict=True):
            column.extend(values)

    @property
    def newest_day(self) -> int | None:
        """The last day that the rows handed over name, as one on which they begin or end; None without any."""
        return max((day for row in self._rows for day in row[:2] if ALWAYS < day < NEVER_ENDS), default=None)

    def known_group(self, code: str, mark: bytes) -> bool:
        """Whether the rows of a column 1 code are those of the base quarter, and so are carried over.

        ``mark`` tells all rows of the code from any others. A code whose rows come in two places has
        no mark, and its rows are always to be handed over.
        """
        if code in self._seen or code_number(code) < 0:
            self._marks.pop(code, None)
            return False
        self._seen.add(code)
        self._marks[code] = mark
        if self._known.get(code) != mark:
            return False
        self._kept.add(code)
        return True

    def forget_group(self, code: str) -> None:
        """Leave no mark of a code: not all its rows stand together, or one of them could not be read."""
        self._seen.add(code)
        self._marks.pop(code, None)

    def finish(self) -> Built:
        """The union with this quarter, in place of what it held of it."""
        union = self._union
        if self.quarter.index in union.quarters:
            others = [quarter for quarter in union.quarters if quarter != self.quarter.index]
            union = only(union, others)
        fresh, repeated = self._alone()
        if not len(union):
            return Built(fresh, fresh, self._marks, repeated)
        if self._base is not None and self._kept:
            union = carried(union, self._base.quarter.index, self.quarter.index, self._kept)
        table = merged(union, fresh)
        return Built(table, only(table, [self.quarter.index]), self._marks, repeated)

    def _alone(self) -> tuple[PairTable, int]:
        """The rows that were handed over, as a table; and how many of them came twice."""
        codes = sorted(self._codes)
        rank = [0] * len(codes)
        for place, code in enumerate(codes):
            rank[self._codes[code]] = place
        below = (2 * len(self._rows)).bit_length()  # room for a row and the direction
        beside = max(16, len(codes).bit_length())  # room for a code
        packed = self._packed(rank, below, beside)
        packed.sort()
        pairs = array("Q", map(rshift, packed, repeat(below)))
        says = array("I", map(and_, packed, repeat((1 << below) - 1)))
        del packed
        classes, kinds, terms, repeated = self._classes(pairs, says)
        first = bytes(map(ne, pairs, chain((-1,), pairs)))
        pairs = array("Q", compress(pairs, first))
        table = PairTable(
            self.setting,
            codes,
            [bisect_left(pairs, place << beside) for place in range(len(codes) + 1)],
            array("I", map(and_, pairs, repeat((1 << beside) - 1))),
            array("I", compress(classes, first)),
            kinds,
            terms,
            [(self.quarter.index,)],
        )
        return table.canonical(), repeated

    def _packed(self, rank: list[int], below: int, beside: int) -> list[int]:
        """Each row as one integer: lower code, higher code, row, direction."""
        lower = [place << beside + below for place in rank]
        higher = [place << below for place in rank]
        turned = [place << below | 1 for place in rank]  # column 1 is the higher code
        twice = [2 * number for number in range(len(self._rows))]
        columns = self._columns
        self._columns = array("I"), array("I"), array("I")
        return [
            lower[one] + higher[other] + twice[row]
            if rank[one] < rank[other]
            else lower[other] + turned[one] + twice[row]
            for one, other, row in zip(*columns, strict=True)
        ]

    def _classes(
        self, pairs: "array[int]", says: "array[int]"
    ) -> tuple["array[int]", list[Kind], list[Terms], int]:
        """For each place the class of the pair that begins there; classes and terms; how many rows came twice."""
        rows = list(self._rows)
        said = sorted(set(says))
        terms = [Terms(value & 1, *rows[value >> 1]) for value in said]
        single = {value: number for number, value in enumerate(said)}
        kinds: list[Kind] = [(number << SET_BITS,) for number in range(len(terms))]
        classes = array("I", map(single.__getitem__, says))
        more: dict[tuple[int, ...], int] = {}
        repeated = 0
        again = compress(count(1), map(eq, islice(pairs, 1, None), pairs))
        end = 0
        for place in again:
            if place < end:
                continue
            start = place - 1
            end = place + 1
            pair = pairs[start]
            while end < len(pairs) and pairs[end] == pair:
                end += 1
            values = tuple(sorted(set(says[start:end])))
            repeated += end - start - len(values)
            number = more.setdefault(values, len(kinds))
            if number == len(kinds):
                kinds.append(tuple(single[value] << SET_BITS for value in values))
            classes[start] = number
        return classes, kinds, terms, repeated
