"""Look-ups in a mapped table of pair edits, with the standard library alone.

A probe is one binary search among the partners of the lower code. A class is decoded when it is
first met and kept: there are some thousands of them, for millions of pairs.
"""

import datetime as dt
import mmap
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from itertools import compress, count, repeat
from operator import gt, lshift, or_
from pathlib import Path
from typing import NamedTuple

from cptkit import codes
from cptkit.edits import layout
from cptkit.edits.answers import PtpAnswer
from cptkit.edits.pairs import ALWAYS, EPOCH, NEVER_ENDS, code_number, code_text
from cptkit.edits.quarter import Quarter
from cptkit.edits.records import PtpEdit, Setting
from cptkit.errors import BrokenEdits

__all__ = ["MappedPairs", "MappedRow", "QuarterOfPairs"]

FileOf = Callable[[str, str], str]
_Dated = tuple[int, int, PtpAnswer]
_MOST_MET = 1 << 16  # pairs that a quarter keeps made: some tens of megabytes at most


class MappedRow(NamedTuple):
    """A row as a look-up needs it."""

    first: int
    last: int
    turned: bool  # column 1 is the higher code
    seen: int  # the quarters of the table, as bits
    indicator: int
    first_day: dt.date | None
    last_day: dt.date | None
    prior: bool
    rationale: str


class MappedPairs:
    """A table of pair edits as it lies in its file; ``close`` lets go of it.

    :raises BrokenEdits: when the file is not whole; a damaged number is found when it is met.
    """

    def __init__(self, path: Path) -> None:
        self.where: str = str(path)
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:  # ValueError: an empty file cannot be mapped
            raise BrokenEdits(f"the table cannot be opened: {error}", where=self.where) from error
        self._whole = memoryview(self._map)
        try:
            setting, sections = layout.sections_of(self._whole, self.where)
            self.sections: dict[str, layout.Section] = sections
            self.setting: Setting = Setting(setting)
        except (BrokenEdits, ValueError) as error:
            self._let_go([])
            if isinstance(error, BrokenEdits):
                raise
            raise BrokenEdits("the table is for no setting", given=str(error), where=self.where) from error
        views = {name: layout.numbers(self._whole, part) for name, part in self.sections.items()}
        self._views = views
        self.quarters: list[int] = list(views["quarters"])
        self.codes: memoryview = views["codes"]
        self.offsets: memoryview = views["offsets"]
        self.partners: memoryview = views["partners"]
        self._low, self._high = views["classes"], views["classes_high"]
        self.known: dict[str, int] = {}  # codes of the table that were asked for
        self._texts: dict[int, str] = {}
        self._words = -(-len(self.quarters) // 32)
        self._decoded: dict[int, tuple[MappedRow, ...]] = {}
        self._reasons: list[str] | None = None

    def close(self) -> None:
        """Let go of the file; the table cannot be asked any more."""
        self._let_go(self._views.values())

    def _let_go(self, views: Iterable[memoryview]) -> None:
        for view in (*views, self._whole):
            view.release()
        with suppress(BufferError):  # the trace of an error may still hold a part: it goes with it
            self._map.close()

    @property
    def whole(self) -> memoryview:
        """All bytes of the file."""
        return self._whole

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self._map)

    def number_of(self, code: str) -> int:
        """The place of a code in the table, or -1.

        :raises InvalidCode: when it can be no code.
        """
        place = self._place(code)
        if place < 0:
            place = self._place(codes.format(code))
        else:
            self.known[code] = place
        return place

    def _place(self, code: str) -> int:
        number = code_number(code) if isinstance(code, str) else -1
        try:
            place = bisect_left(self.codes, number)
        except ValueError as error:
            raise BrokenEdits("these edit tables were closed", where=self.where) from error
        return place if number >= 0 and place < len(self.codes) and self.codes[place] == number else -1

    def class_at(self, place: int) -> int:
        """The class of the pair at a place."""
        return self._low[place] | self._high[place] << 16 if self._high else self._low[place]

    def rows_of(self, number: int) -> tuple[MappedRow, ...]:
        """The rows of a class."""
        rows = self._decoded.get(number)
        if rows is None:
            start, end = self._views["class_from"][number], self._views["class_from"][number + 1]
            rows = tuple(self._row(self._views["class_rows"][place]) for place in range(start, end))
            self._decoded[number] = rows
        return rows

    def _row(self, number: int) -> MappedRow:
        views = self._views
        first, last, what = views["row_first"][number], views["row_last"][number], views["row_what"][number]
        words = views["row_seen"][number * self._words : (number + 1) * self._words]
        return MappedRow(
            first,
            last,
            bool(what & 1),
            sum(word << 32 * place for place, word in enumerate(words)),
            what >> 8 & 0xFF,
            None if first == ALWAYS else dt.date.fromordinal(first + EPOCH),
            None if last == NEVER_ENDS else dt.date.fromordinal(last + EPOCH),
            bool(what & 2),
            self.reasons()[what >> 16],
        )

    def partners_of(self, number: int) -> Iterator[tuple[int, int, int]]:
        """Every pair with a code: the lower code, the higher code, the class."""
        for low in range(number):
            start, end = self.offsets[low], self.offsets[low + 1]
            place = bisect_left(self.partners, number, start, end)
            if place < end and self.partners[place] == number:
                yield low, number, self.class_at(place)
        for place in range(self.offsets[number], self.offsets[number + 1]):
            yield number, self.partners[place], self.class_at(place)

    @property
    def class_count(self) -> int:
        """How many classes there are, numbered from 0."""
        return len(self._views["class_from"]) - 1

    def classes(self) -> Iterator[tuple[int, tuple[MappedRow, ...]]]:
        """Every class with its rows.

        :raises ValueError: when classes share rows: reading those of each would take for ever.
        """
        starts = self._views["class_from"]
        if any(map(gt, starts, starts[1:])):
            raise ValueError("classes do not rise")
        return ((number, self.rows_of(number)) for number in range(self.class_count))

    def pairs_of(self, numbers: Collection[int]) -> Iterator[tuple[int, int, int]]:
        """The pairs of these classes, in their order: the lower code, the higher code, the class."""
        wanted = bytearray(self.class_count)
        for number in numbers:
            wanted[number] = 1
        classes: Iterable[int] = self._low
        if self._high:
            classes = map(or_, self._low, map(lshift, self._high, repeat(16)))
        for place in compress(count(), map(wanted.__getitem__, classes)):
            yield bisect_right(self.offsets, place) - 1, self.partners[place], self.class_at(place)

    def arrays(self) -> dict[str, memoryview]:
        """The sections of the file as numbers, by name."""
        return self._views

    def reasons(self) -> list[str]:
        """The rationales, by number."""
        if self._reasons is None:
            self._reasons = bytes(self._views["rationales"]).decode("utf-8").split("\n")[:-1]
        return self._reasons

    def turning_days(self) -> set[dt.date]:
        """The first day of every row, and the one after its last."""
        firsts = {first for first in self._views["row_first"] if first != ALWAYS}
        nexts = {last + 1 for last in self._views["row_last"] if last != NEVER_ENDS}
        days = (each + EPOCH for each in firsts | nexts)
        return {dt.date.fromordinal(each) for each in days if each <= dt.date.max.toordinal()}

    def broken(self, error: Exception) -> BrokenEdits:
        """What a failure to follow the numbers of the file means."""
        return BrokenEdits(f"the table is damaged, or closed: {error}", where=self.where)

    def text_of(self, number: int) -> str:
        """The code at a place."""
        text = self._texts.get(number)
        if text is None:
            text = self._texts[number] = code_text(self.codes[number])
        return text


class QuarterOfPairs:
    """One quarter of a mapped table, as it was published; ``file_of`` says which file a pair came from.

    An answer is made when a pair is first met, and kept: the pairs of real claims are always the same.
    """

    def __init__(self, pairs: MappedPairs, quarter: Quarter, file_of: FileOf) -> None:
        self.setting: Setting = pairs.setting
        self.quarter: Quarter = quarter
        self._pairs = pairs
        self._known = pairs.known
        self.bit: int = 1 << pairs.quarters.index(quarter.index)
        self._file_of = file_of
        self._none = PtpAnswer(None, pairs.setting, quarter)
        self._met: dict[int, tuple[_Dated, ...]] = {}

    def find(self, code: str, other: str, day: dt.date) -> PtpAnswer:
        """The edit between two codes that is in force on a day, whichever of them is column 1.

        :raises InvalidCode: when one of them can be no code.
        :raises BrokenEdits: when the file is damaged where it is read.
        """
        low = self._known.get(code)
        if low is None:
            low = self._pairs.number_of(code)
        high = self._known.get(other)
        if high is None:
            high = self._pairs.number_of(other)
        if low > high:
            low, high = high, low
        if low < 0:
            return self._none
        pairs = self._pairs
        try:
            partners = pairs.partners
            end = pairs.offsets[low + 1]
            place = bisect_left(partners, high, pairs.offsets[low], end)
            if place >= end or partners[place] != high:
                return self._none
            return self._at(place, low, high, day.toordinal() - EPOCH)
        except (IndexError, ValueError, OverflowError) as error:
            raise self._pairs.broken(error) from error

    def among(self, codes: Iterable[str], date_of_service: dt.date) -> tuple[PtpEdit, ...]:
        """The edits in force on a day among codes, in the order of their columns. Errors are those of ``find``."""
        pairs = self._pairs
        numbers = set()
        for code in codes:
            number = self._known.get(code)
            numbers.add(pairs.number_of(code) if number is None else number)
        numbers.discard(-1)
        rising = sorted(numbers)
        day = date_of_service.toordinal() - EPOCH
        found: list[PtpEdit] = []
        try:
            partners, offsets = pairs.partners, pairs.offsets
            for at, low in enumerate(rising[:-1], start=1):
                start, end = offsets[low], offsets[low + 1]
                for high in rising[at:]:
                    start = bisect_left(partners, high, start, end)
                    if start >= end:
                        break
                    if partners[start] == high:
                        edit = self._at(start, low, high, day).edit
                        if edit is not None:
                            found.append(edit)
        except (IndexError, ValueError, OverflowError) as error:
            raise self._pairs.broken(error) from error
        if len(found) > 1:
            found.sort(key=_columns)
        return tuple(found)

    def rows(self, code: str) -> Iterator[PtpEdit]:
        """Every row with a code in either column, ended and inactive ones too, in the order of the table."""
        number = self._pairs.number_of(code)
        if number < 0:
            return
        try:
            for low, high, kind in self._pairs.partners_of(number):
                for row in self._pairs.rows_of(kind):
                    if row.seen & self.bit:
                        yield self.made(low, high, row)
        except (IndexError, ValueError, OverflowError) as error:
            raise self._pairs.broken(error) from error

    def _at(self, place: int, low: int, high: int, day: int) -> PtpAnswer:
        dated = self._met.get(place)
        if dated is None:
            if len(self._met) >= _MOST_MET:
                self._met.clear()
            dated = self._met[place] = self._dated(place, low, high)
        for first, last, answer in dated:
            if first <= day <= last:
                return answer
        return self._none

    def _dated(self, place: int, low: int, high: int) -> tuple[_Dated, ...]:
        """The rows of a pair that this quarter's file holds and that were ever active, as answers.

        The one that began last comes first. Of rows without a first day, the one that ends first:
        each was in force until the next one took its place.
        """
        rows = [
            row
            for row in self._pairs.rows_of(self._pairs.class_at(place))
            if row.seen & self.bit and row.indicator != 9
        ]
        rows.sort(key=lambda row: (-row.first, row.last))
        return tuple(
            (row.first, row.last, PtpAnswer(self.made(low, high, row), self.setting, self.quarter))
            for row in rows
        )

    def made(self, low: int, high: int, row: MappedRow) -> PtpEdit:
        """A row of a pair as it is handed out; codes by their places."""
        column1, column2 = self._pairs.text_of(low), self._pairs.text_of(high)
        if row.turned:
            column1, column2 = column2, column1
        return PtpEdit(
            column1,
            column2,
            row.indicator,
            row.first_day,
            row.last_day,
            row.prior,
            row.rationale,
            self.setting,
            self.quarter,
            self._file_of(column1, column2),
        )


def _columns(edit: PtpEdit) -> tuple[str, str]:
    return edit.column1, edit.column2
