"""The report of one claim of a table: objects, for what somebody looks at."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs
import numpy as np

from cptkit.claims import Claim, Line
from cptkit.errors import InvalidReport
from cptkit.frames.checking import line_of
from cptkit.frames.distinct import distinct, plain, text_of, texts_of
from cptkit.frames.untold import Untold
from cptkit.frames.whole import Part
from cptkit.rules.report import Report
from cptkit.setting import Setting

if TYPE_CHECKING:
    from cptkit.frames.running import Reading

__all__ = ["Again"]


class Day(NamedTuple):
    """A patient's day, by the hash of the patient."""

    patient: int
    day: int


@attrs.frozen(slots=True, eq=False)
class Again:
    """A table that can be read again, and how claims of it are checked, of some of which rows may be lost.

    ``untold``: what is not said of a table with these columns.
    """

    read: "Callable[[], Reading]"
    check: Callable[[Iterable[Claim], Collection[str]], Report]
    untold: Untold
    setting: Setting

    def report(self, claim: object, many: tuple[int, int]) -> Report:
        """What the rules say of the patients' days that a claim touches, as objects.

        :param many: how many lines and rejected rows were checked.
        :raises InvalidReport: no line of the table is of that claim, the table tells of no claims, or holds other numbers
            of rows by now.
        """
        claim = text_of(claim)
        reading = self.read()
        days: set[Day] = set()
        there, lines_read = False, 0
        with closing(reading):
            for part in reading:
                lines_read += len(part.lines)
                there |= part.claim is not None
                days.update(_days(part, np.flatnonzero(_texts(part.claim, len(part.lines)) == claim)))
        if any(many) and not reading.cells:
            expected = "a table, or the path of a file or folder"
            raise InvalidReport(
                "what was read as a stream cannot be read again", given=claim, expected=expected
            )
        if (lines_read, sum(map(len, reading.rejects))) != many:
            raise InvalidReport(
                "the table has other numbers of rows than when it was checked",
                given=claim,
                expected="one that stays as it was; check it again",
            )
        if not days:
            there |= not lines_read
            told = "the table has no such claim" if there else "the table has no column of claims"
            expected = (
                "the id of a claim, as the table has it"
                if there
                else "a table that tells the claim of a line"
            )
            raise InvalidReport(told, given=claim, expected=expected)
        found: dict[Day, list[Line]] = {each: [] for each in sorted(days, key=_by_day)}
        taken: set[str] = set()
        with closing(self.read()) as again:
            for part in again:
                held = np.isin(part.lines.patient, np.array([patient for patient, _ in days], np.uint64))
                claims, names = (_texts(ids, len(part.lines)) for ids in (part.claim, part.line_id))
                for at in np.flatnonzero(held).tolist():
                    if _day(part, at) in days:
                        row = int(part.lines.row[at])
                        name = names[at] or str(row)
                        name = name if claims[at] == claim else f"{claims[at]}:{name}"
                        name = name if name not in taken else f"{name} (row {row})"
                        taken.add(name)
                        found[_day(part, at)].append(line_of(part.lines, at, name))
        of_days = {day: self._claim(place, lines) for place, (day, lines) in enumerate(found.items())}
        every = reading.lost()
        lost = [of_days[day].id for day in days if every.holds(*day)]
        return _of_claim(self.untold.of_report(self.check(of_days.values(), lost)), claim)

    def _claim(self, place: int, lines: list[Line]) -> Claim:
        """The lines of a patient and day as a claim of their own, which its place names."""
        return Claim(lines, id=f"{place:09}", setting=self.setting)


def _of_claim(report: Report, claim: str) -> Report:
    """The report with all that is said as of one claim."""
    return attrs.evolve(
        report,
        findings=tuple(attrs.evolve(each, claim=claim) for each in report.findings),
        bypassed=tuple(attrs.evolve(each, claim=claim) for each in report.bypassed),
        not_checked=tuple(attrs.evolve(each, claim=claim) for each in report.not_checked),
    )


def _by_day(day: Day) -> tuple[int, int]:
    """By the day, and then by the patient."""
    return day.day, day.patient


def _days(part: Part, places: Any) -> Iterator[Day]:
    return (_day(part, at) for at in places.tolist())


def _day(part: Part, at: int) -> Day:
    return Day(int(part.lines.patient[at]), int(part.lines.day[at]))


def _texts(ids: Any, count: int) -> Any:
    """Ids as texts; empty where there is none."""
    if ids is None:
        return np.full(count, "", object)
    found = distinct(plain(ids))
    return np.array([*texts_of(found.values), ""], object)[found.index]
